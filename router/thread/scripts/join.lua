-- join: finds the thread that references lead to, and makes them lead there.
-- KEYS  1… references of one connector, root first
-- ARGV  1 the thread that is known, '' for none  2 the thread that begins otherwise  3 life of a reference, ms
--       4 which of KEYS is the message's own, 0 for none  5 who wrote it and who else got it, words with spaces between
-- RETURNS the thread
-- A reference of a message that was seen holds its thread. One that was only referred to holds '~', the thread, and after
-- a space each of who referred to it: it leads only those there who are among them.
-- Safe to run twice: references lead where they led.
local own, people = tonumber(ARGV[4]), {}
for p in string.gmatch(ARGV[5], '%S+') do people[#people + 1] = p end

local function meets(others)
  if others == '' or #people == 0 then return true end
  for _, p in ipairs(people) do
    if string.find(others .. ' ', ' ' .. p .. ' ', 1, true) then return true end
  end
  return false
end

local values = redis.call('MGET', unpack(KEYS))
local leads = {}
local thread = ARGV[1] ~= '' and ARGV[1]
for i = 1, #KEYS do
  local v = values[i]
  if v and string.sub(v, 1, 1) == '~' then
    local id, others = string.match(v, '^~(%S*)(.*)$')
    leads[i] = { id = id, others = others }
    if not thread and meets(others) then thread = id end
  elseif v then
    leads[i] = { id = v }
    thread = thread or v
  end
end
thread = thread or ARGV[2]

for i = 1, #KEYS do
  local lead = leads[i]
  local value
  if i == own then
    if not lead or lead.others and lead.id == thread then value = thread end
  elseif not lead then
    value = '~' .. thread
    for n = 1, math.min(#people, 20) do value = value .. ' ' .. people[n] end
  elseif lead.others and lead.id == thread and #lead.others < 400 then
    local others = lead.others
    for n = 1, math.min(#people, 20) do
      if not string.find(others .. ' ', ' ' .. people[n] .. ' ', 1, true) then others = others .. ' ' .. people[n] end
    end
    if others ~= lead.others then value = '~' .. thread .. others end
  end
  if value then redis.call('SET', KEYS[i], value, 'PX', ARGV[3]) end
end
return thread
