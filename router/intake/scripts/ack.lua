-- ack: takes a message out of the journal.
-- KEYS  1 next  2 bodies  3 attempts, left out when there were none
-- ARGV  1 message id
-- RETURNS nothing
-- Safe to run twice.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if KEYS[3] then redis.call('HDEL', KEYS[3], ARGV[1]) end
return false
