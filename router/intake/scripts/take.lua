-- take: takes up overdue messages, so that no other process takes them for a while, longer each time.
-- KEYS  1 next  2 bodies  3 attempts  4 seen
-- ARGV  1 how many at most  2 for how long the first time, ms  3 for how long at most, ms
-- RETURNS a list of {message id, message, attempts, accepted at}
-- Safe to run twice: what the first run took is taken up again later.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local out = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  local body = redis.call('HGET', KEYS[2], id)
  if body then
    local n = redis.call('HINCRBY', KEYS[3], id, 1)
    redis.call('ZADD', KEYS[1], now + math.min(ARGV[2] * 2 ^ (n - 1), ARGV[3]), id)
    out[#out + 1] = { id, body, n, redis.call('ZSCORE', KEYS[4], id) or '0' }
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return out
