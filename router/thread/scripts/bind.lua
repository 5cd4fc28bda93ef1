-- bind: makes references lead to a thread, wherever they led before.
-- KEYS  1… references of one connector
-- ARGV  1 the thread  2 life of a reference, ms
-- RETURNS nothing
-- Safe to run twice.
for i = 1, #KEYS do redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
return false
