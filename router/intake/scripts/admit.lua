-- admit: takes responsibility for a message, once.
-- KEYS  1 seen  2 bodies  3 next  4 quarantine
-- ARGV  1 message id  2 message, JSON  3 when to look after it, in ms from now  4 why it can't go on, JSON; '' for none
-- RETURNS 1 when it is new, 0 when it was accepted before
-- Safe to run twice: the second time answers 0.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if redis.call('ZADD', KEYS[1], 'NX', now, ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[1], ARGV[4])
else
  redis.call('ZADD', KEYS[3], now + ARGV[3], ARGV[1])
end
return 1
