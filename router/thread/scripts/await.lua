-- await: notes that a thread answers something of ours that may come only now.
-- KEYS  1… indexes: ids by which the thread refers to it
-- ARGV  1 the thread  2 when, ms  3 how long that is remembered, ms  4 how many an index has at most
-- RETURNS nothing
-- Safe to run twice.
for i = 1, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -1 - ARGV[4])
  redis.call('PEXPIRE', KEYS[i], ARGV[3])
end
return false
