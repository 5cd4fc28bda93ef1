-- join: finds the thread that references lead to, and makes them lead there.
-- KEYS  1… references of one connector, root first
-- ARGV  1 the thread that is known, '' for none  2 the thread that begins otherwise  3 life of a reference, ms
--       4 which of KEYS is the message's own, 0 for none  5 who wrote it and who else got it, words with spaces between
--       6 the message, '' for one of ours
-- RETURNS the thread
-- A reference of a message that was seen holds its thread, ' =', the message, and after a space each of who wrote or got it;
-- one of ours only its thread. One that was only referred to holds '~', the thread, and after a space each of who referred
-- to it: it leads only those there who are among them. One that several messages call their own holds '*' and with '|'
-- between them what it would hold of each, newest first: it leads only those who wrote or got one of them.
-- What a message calls its own refers to nothing: only what was said of it before by others, and itself, count.
-- Safe to run twice: references lead where they led.
local own, me, people = tonumber(ARGV[4]), ARGV[6], {}
local most = 16 -- messages of one id that are remembered: the first, and the newest
for p in string.gmatch(ARGV[5], '%S+') do people[#people + 1] = p end

local function meets(others)
  for _, p in ipairs(people) do
    if string.find(others .. ' ', ' ' .. p .. ' ', 1, true) then return true end
  end
  return false
end

local function entry(text)
  local id, by, others = string.match(text, '^(%S+) =(%S*)(.*)$')
  return { text = text, id = id or text, by = by or '', others = others or '' }
end

local function read(v)
  local kind = string.sub(v, 1, 1)
  if kind == '~' then
    local id, others = string.match(v, '^~(%S*)(.*)$')
    return { kind = kind, id = id, others = others }
  end
  local lead = { kind = kind == '*' and kind or '', entries = {} }
  for text in string.gmatch(kind == '*' and string.sub(v, 2) or v, '[^|]+') do lead.entries[#lead.entries + 1] = entry(text) end
  return lead
end

-- follow gives the thread that a lead leads this message to; mine tells that it is its own id.
local function follow(lead, mine)
  if lead.kind == '~' then
    return (lead.others == '' or #people == 0 or meets(lead.others)) and lead.id
  end
  for _, e in ipairs(lead.entries) do
    if mine and me ~= '' and e.by == me then return e.id end
    if not mine and (lead.kind == '' or meets(e.others)) then return e.id end
  end
  return false
end

local values = redis.call('MGET', unpack(KEYS))
local leads = {}
local thread = ARGV[1] ~= '' and ARGV[1]
for i = 1, #KEYS do
  if values[i] then
    leads[i] = read(values[i])
    thread = thread or follow(leads[i], i == own)
  end
end
thread = thread or ARGV[2]

local names = ''
for n = 1, math.min(#people, 20) do names = names .. ' ' .. people[n] end
local seen = me == '' and thread or thread .. ' =' .. me .. names

for i = 1, #KEYS do
  local lead = leads[i]
  local value
  if i == own then
    if not lead or lead.kind == '~' and lead.id == thread then
      value = seen
    elseif lead.kind ~= '~' and me ~= '' then
      local known = false
      for _, e in ipairs(lead.entries) do known = known or e.by == me or e.by == '' end
      if not known then
        local list = { seen }
        for n, e in ipairs(lead.entries) do
          if n < most - 1 or n == #lead.entries then list[#list + 1] = e.text end
        end
        value = '*' .. table.concat(list, '|')
      end
    end
  elseif not lead then
    value = '~' .. thread .. names
  elseif lead.kind == '~' and lead.id == thread and #lead.others < 400 then
    local others = lead.others
    for n = 1, math.min(#people, 20) do
      if not string.find(others .. ' ', ' ' .. people[n] .. ' ', 1, true) then others = others .. ' ' .. people[n] end
    end
    if others ~= lead.others then value = '~' .. thread .. others end
  end
  if value then redis.call('SET', KEYS[i], value, 'PX', ARGV[3]) end
end
return thread
