-- owners: reads whose the identifiers are, all at one instant.
-- KEYS  the index keys
-- ARGV  none
-- RETURNS the customer of each; '' where there is none
local out = {}
for i, key in ipairs(KEYS) do
  out[i] = redis.call('GET', key) or ''
end
return out
