-- ack: takes a message out of the journal.
-- KEYS  1 next  2 bodies  3 attempts and  4 quarantine, left out at the first try
-- ARGV  1 message id
-- RETURNS nothing
-- Safe to run twice.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
for i = 3, #KEYS do redis.call('HDEL', KEYS[i], ARGV[1]) end
return false
