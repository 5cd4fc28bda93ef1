-- restore: puts fields of an archived thread back; what is there stays.
-- KEYS  1 thread  2 order
-- ARGV  1… field, value, and for a message when it came in ms, else ''
-- Safe to run twice.
for i = 1, #ARGV, 3 do
  redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1])
  if ARGV[i + 2] ~= '' then redis.call('ZADD', KEYS[2], 'NX', ARGV[i + 2], ARGV[i]) end
end
return 1
