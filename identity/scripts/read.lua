-- read: reads strings, all at one instant.
-- KEYS  the strings
-- ARGV  none
-- RETURNS the value of each; '' where there is none
local out = {}
for i, key in ipairs(KEYS) do
  out[i] = redis.call('GET', key) or ''
end
return out
