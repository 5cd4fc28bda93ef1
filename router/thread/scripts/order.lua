-- order: reads ids of messages of a thread, and whether the thread is there, at one instant.
-- KEYS  1 thread  2 order
-- ARGV  1 from  2 to, positions as ZRANGE counts them
-- RETURNS 1 when it has a head, 0 when not, and the ids
-- A transaction would do, but a store whose memory is full takes none, not even to read.
return { redis.call('HEXISTS', KEYS[1], 'head'), redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[2]) }
