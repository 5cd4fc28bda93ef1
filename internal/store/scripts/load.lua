-- load: reads hash fields of one slot together with the server's clock.
-- KEYS  the hashes, one a field; a key may stand more than once
-- ARGV  the fields
-- RETURNS the time in milliseconds, then the values; '' for a field that is absent
local t = redis.call('TIME')
local out = { t[1] * 1000 + math.floor(t[2] / 1000) }
for i, key in ipairs(KEYS) do
  out[i + 1] = redis.call('HGET', key, ARGV[i]) or ''
end
return out
