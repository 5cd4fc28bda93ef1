-- look: tries whether the store can write.
-- KEYS  1 a string of no meaning
-- ARGV  none
-- RETURNS 1
-- Safe to run twice.
redis.call('SET', KEYS[1], '')
return 1
