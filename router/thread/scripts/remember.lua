-- remember: keeps a message of ours for a while, by what may lead to it.
-- KEYS  1 the message  2… indexes: ids by which an answer refers to it, and those it was written to
-- ARGV  1 message, JSON  2 its id  3 when it came, ms  4 how long it is kept, ms  5 how many an index of ids has at most
--       6 how many of the indexes are of ids
-- An index of a person is never cut while what it names is kept: erasing the person finds it there.
-- RETURNS nothing
-- Safe to run twice.
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[4])
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[3], ARGV[2])
  if i - 1 <= tonumber(ARGV[6]) then
    redis.call('ZREMRANGEBYRANK', KEYS[i], 0, -1 - ARGV[5])
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. (ARGV[3] - 2 * ARGV[4]))
  end
  redis.call('PEXPIRE', KEYS[i], ARGV[4])
end
return false
