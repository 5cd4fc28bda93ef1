-- remember: keeps a message of ours for a while, by what may lead to it.
-- KEYS  1 the message  2… indexes: ids by which an answer refers to it, and those it was written to
-- ARGV  1 message, JSON  2 its id  3 when it came, ms  4 how long it is kept, ms  5 how many an index has at most
-- RETURNS nothing
-- Safe to run twice.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[3], ARGV[2])
  redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -1 - ARGV[5])
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return false
