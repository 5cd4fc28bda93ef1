-- note: keeps what is said of identifiers and customers, the greatest word of each field.
-- KEYS  two for each: the key that is there as long as it is known, and the hash with the words
-- ARGV  for each word: which of the pairs, counted from 1; field; word, which begins with its time
-- RETURNS for each pair whether it is known: 1 or 0; nothing is kept of what is not
-- Safe to run twice and in any order: the greater word stays. A word in the field r removes the attributes (a:) that
-- are older than it.
local out = {}
for i = 1, #KEYS, 2 do
  local there = redis.call('GET', KEYS[i])
  out[#out + 1] = (there and there ~= '!') and 1 or 0
end
local swept = {}
for i = 1, #ARGV, 3 do
  local at, field, word = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2]
  local hash = KEYS[2 * at]
  if out[at] == 1 then
    local old = redis.call('HGET', hash, field)
    if not old or old < word then redis.call('HSET', hash, field, word) end
    if field == 'r' or string.sub(field, 1, 2) == 'a:' then swept[at] = hash end
  end
end
for _, hash in pairs(swept) do
  local since = redis.call('HGET', hash, 'r')
  if since then
    for _, field in ipairs(redis.call('HKEYS', hash)) do
      if string.sub(field, 1, 2) == 'a:' and string.sub(redis.call('HGET', hash, field), 1, #since) < since then
        redis.call('HDEL', hash, field)
      end
    end
  end
end
return out
