-- archive: lets a thread go that stands in the archive, unless it changed since it was copied there.
-- KEYS  1 thread  2 order
-- ARGV  1 fields it had  2 messages it had  3 the task it belonged to
-- RETURNS 1 when it is gone, 0 when there is more of it now and it stays, -1 when there is less
-- Safe to run twice: one that is gone is gone. Whatever is said in a thread adds a field or changes its task.
local fields = redis.call('HLEN', KEYS[1])
if fields == 0 then return 1 end
if fields < tonumber(ARGV[1]) then return -1 end
if fields ~= tonumber(ARGV[1]) or redis.call('ZCARD', KEYS[2]) ~= tonumber(ARGV[2])
  or (redis.call('HGET', KEYS[1], 'task') or '') ~= ARGV[3] then return 0 end
redis.call('UNLINK', KEYS[1], KEYS[2])
return 1
