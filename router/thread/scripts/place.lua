-- place: stores a message in its thread, once, and tells which task it belongs to.
-- KEYS  1 thread  2 order
-- ARGV  1 message id  2 message, JSON  3 when it came, ms  4 task it would begin  5 decision for that task, JSON
--       6 the task it was placed in before and that is closed for good, '' for none  7 head of the thread, JSON
--       8 '1' when the thread may not be begun
-- RETURNS {task, record}: the record is '' when the task's own is no longer kept; {} when the thread is not there and
--         may not be begun
-- Safe to run twice: what is placed stays placed, unless it names its own task as closed.
if ARGV[8] == '1' and redis.call('HEXISTS', KEYS[1], 'head') == 0 then return {} end
local have = redis.call('HMGET', KEYS[1], 'task', 'record', ARGV[1])
local task, record, entry = have[1], have[2], have[3]
local placed = entry and string.match(entry, '^[^\n]*')
if placed and placed ~= ARGV[6] then
  return { placed, placed == task and record or '' }
end
if not task then
  task, record = ARGV[4], ARGV[5]
  redis.call('HSET', KEYS[1], 'head', ARGV[7], 'task', task, 'record', record, ARGV[1], task .. '\n' .. ARGV[2])
elseif task == ARGV[6] then
  task, record = ARGV[4], ARGV[5]
  redis.call('HSET', KEYS[1], 'task', task, 'record', record, ARGV[1], task .. '\n' .. ARGV[2])
else
  redis.call('HSET', KEYS[1], ARGV[1], task .. '\n' .. ARGV[2])
end
if not placed then redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1]) end
return { task, record }
