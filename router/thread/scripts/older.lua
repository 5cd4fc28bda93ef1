-- older: reads ids of the newest messages of a thread before a position, oldest first, and whether the thread is there.
-- KEYS  1 thread  2 order
-- ARGV  1 instant in ms and  2 id of the position, both empty for the end of the thread  3 how many at most
-- RETURNS 1 when it has a head, 0 when not, and the ids
local newer = 0
if ARGV[1] ~= '' then
  newer = redis.call('ZCOUNT', KEYS[2], '(' .. ARGV[1], '+inf')
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], ARGV[1])) do
    if id >= ARGV[2] then newer = newer + 1 end
  end
end
local newest = redis.call('ZREVRANGE', KEYS[2], newer, newer + ARGV[3] - 1)
local ids = {}
for i = #newest, 1, -1 do ids[#ids + 1] = newest[i] end
return { redis.call('HEXISTS', KEYS[1], 'head'), ids }
