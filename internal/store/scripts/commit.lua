-- commit: changes keys of one slot together, if nobody changed what the change was computed from.
-- KEYS  every key named below, all with one hash tag
-- ARGV  number of checks, then the checks; how to open, number of operations, then the operations. KEYS are named by
--       position.
--       checks:     F key field value   the hash field is this value ('' = absent)
--                   S key value         the string is this value ('' = absent)
--                   M key member        the sorted set does not have the member
--                   P key prefix        the string begins so
--       operations: F key field value   hash field set        f key field    hash field removed
--                   S key value         string set            s key          key removed
--                   Z key score member  sorted set add        z key member   sorted set remove
--                   X key event         stream add, field e   L key value    list append
--                   R key was now       list: now in the place of the first was
--                   I key n ms          counter: add n, and forget it after ms; done twice it counts twice
--                   H key field n       hash field: add n; done twice it counts twice
--       how to open, because the first write decides what becomes of the script when the memory is full:
--                   free: all is done though it is     grow: nothing is done     '': as the first operation has it
-- RETURNS 1 when done, 0 when a check failed and nothing was changed
-- Safe to run twice: after it has run, its checks fail.
local call, n = redis.call, 2
for _ = 1, tonumber(ARGV[1]) do
  local kind, key = ARGV[n], KEYS[tonumber(ARGV[n + 1])]
  if kind == 'F' then
    if (call('HGET', key, ARGV[n + 2]) or '') ~= ARGV[n + 3] then return 0 end
    n = n + 4
  elseif kind == 'S' then
    if (call('GET', key) or '') ~= ARGV[n + 2] then return 0 end
    n = n + 3
  elseif kind == 'P' then
    if call('GETRANGE', key, 0, #ARGV[n + 2] - 1) ~= ARGV[n + 2] then return 0 end
    n = n + 3
  else
    if call('ZSCORE', key, ARGV[n + 2]) then return 0 end
    n = n + 3
  end
end
local opening, ops = ARGV[n], tonumber(ARGV[n + 1])
n = n + 2
if opening == 'free' then
  redis.pcall('HDEL', KEYS[1], '') -- changes nothing, and may: nobody looks whether it is a hash
elseif opening == 'grow' and call('SETNX', KEYS[1], '') == 1 then
  call('DEL', KEYS[1])
end
for _ = 1, ops do
  local kind, key = ARGV[n], KEYS[tonumber(ARGV[n + 1])]
  if kind == 'F' then
    call('HSET', key, ARGV[n + 2], ARGV[n + 3])
    n = n + 4
  elseif kind == 'Z' then
    call('ZADD', key, ARGV[n + 2], ARGV[n + 3])
    n = n + 4
  elseif kind == 'z' then
    call('ZREM', key, ARGV[n + 2])
    n = n + 3
  elseif kind == 'X' then
    call('XADD', key, '*', 'e', ARGV[n + 2])
    n = n + 3
  elseif kind == 'f' then
    call('HDEL', key, ARGV[n + 2])
    n = n + 3
  elseif kind == 'L' then
    call('RPUSH', key, ARGV[n + 2])
    n = n + 3
  elseif kind == 'R' then
    local at = call('LPOS', key, ARGV[n + 2])
    if at then call('LSET', key, at, ARGV[n + 3]) end
    n = n + 4
  elseif kind == 'S' then
    call('SET', key, ARGV[n + 2])
    n = n + 3
  elseif kind == 'I' then
    call('INCRBY', key, ARGV[n + 2])
    call('PEXPIRE', key, ARGV[n + 3])
    n = n + 4
  elseif kind == 'H' then
    call('HINCRBY', key, ARGV[n + 2], ARGV[n + 3])
    n = n + 4
  else
    call('DEL', key)
    n = n + 2
  end
end
return 1
