-- join: finds the thread that references lead to, and makes all of them lead there.
-- KEYS  1… references of one connector, root first
-- ARGV  1 the thread that is known, '' for none  2 the thread that begins otherwise  3 life of a reference, ms
-- RETURNS the thread
-- Safe to run twice: references lead where they led.
local leads = redis.call('MGET', unpack(KEYS))
local thread = ARGV[1] ~= '' and ARGV[1]
for i = 1, #KEYS do thread = thread or leads[i] end
thread = thread or ARGV[2]
for i = 1, #KEYS do
  if not leads[i] then redis.call('SET', KEYS[i], thread, 'PX', ARGV[3]) end
end
return thread
