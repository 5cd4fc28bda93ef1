-- forget: takes messages and participants out of a thread, and the thread itself when nothing is left of it.
-- KEYS  1 thread  2 order  3 that the thread was forgotten
-- ARGV  1 head that is left, JSON, when who began the thread is forgotten; '' when not  2 for how long it is known that the
--       thread was forgotten, ms  3… message ids, and fields of participants
-- RETURNS how much went: fields, and the thread
-- Safe to run twice: the second time nothing goes.
-- Its first write needs no memory: forgetting goes on though the memory is full.
local went = redis.call('HDEL', KEYS[1], '')
for i = 3, #ARGV do
  went = went + redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
if ARGV[1] == '' or redis.call('EXISTS', KEYS[1]) == 0 then return went end
if redis.call('ZCARD', KEYS[2]) == 0 then
  redis.call('DEL', KEYS[1])
  redis.call('SET', KEYS[3], '', 'PX', ARGV[2])
  return went + 1
end
if redis.call('HGET', KEYS[1], 'head') ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'head', ARGV[1])
  went = went + 1
end
return went
