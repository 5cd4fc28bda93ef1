-- admit: takes responsibility for a message, once.
-- KEYS  1 seen  2 bodies  3 next  4 quarantine  5 what goes from there by itself
-- ARGV  1 message id  2 message, JSON  3 when to look after it, in ms from now  4 why it can't go on, JSON; '' for none
--       5 when one that can't go on goes by itself, ms; '' for never
-- RETURNS 1 when it is new, 0 when it was accepted before
-- Safe to run twice: the second time answers 0.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
  if ARGV[5] ~= '' then redis.call('ZADD', KEYS[5], ARGV[5], ARGV[1]) end
else
  redis.call('ZADD', KEYS[3], now + ARGV[3], ARGV[1])
end
return 1
