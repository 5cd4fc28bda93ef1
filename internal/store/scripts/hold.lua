-- hold: takes a lease that nobody has, or lengthens one's own.
-- KEYS  1 the lease
-- ARGV  1 the taker's token  2 how long in milliseconds
-- RETURNS 1 when the taker has it now, 0 when another has it
-- Safe to run twice: the second run lengthens what the first took.
-- Its first write needs no memory: a lease is taken and kept though the memory is full, for who makes room holds one.
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
if redis.call('PEXPIRE', KEYS[1], ARGV[2]) == 0 then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1
