-- ids: reads which messages a partition of the journal knows, at one instant.
-- KEYS  1 bodies  2 next  3 quarantine  4 seen  5 what goes from quarantine by itself
-- ARGV  none
-- RETURNS the ids in each
-- A transaction would do, but a store whose memory is full takes none, not even to read.
return {
  redis.call('HKEYS', KEYS[1]), redis.call('ZRANGE', KEYS[2], 0, -1),
  redis.call('HKEYS', KEYS[3]), redis.call('ZRANGE', KEYS[4], 0, -1),
  redis.call('ZRANGE', KEYS[5], 0, -1),
}
