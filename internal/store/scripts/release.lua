-- release: gives a lease back.
-- KEYS  1 the lease
-- ARGV  1 the holder's token
-- RETURNS 1 when it was the holder's, 0 when it was not: then nothing changed
-- Safe to run twice: after it has run, the lease is nobody's or another's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
