-- put: begins a task with its first message, once.
-- KEYS  1 tasks  2 delivered  3 events  4 number counter  5 numbers  6 lane, or the closed ones  7 all tasks of the team
--       8 personal index of the team, when the lane is a person's, else as 6  9 timers  10… senders
-- ARGV  1 task id  2 message id  3 card without its number  4 event without its number  5 score in 6  6 created, ms
--       7 decided at, ms  8 oldest decision that may begin a task, in ms before now  9 '1' when only looking
--       10 when its timer runs out, ms, '' for none
-- RETURNS {'known'} when the message was delivered already, {'exists', card} when the task is there,
--         {'stale'} when it is not and may not be made, {'created', number}
-- Safe to run twice: the second time answers 'known'.
local card = redis.call('HGET', KEYS[1], ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
if card or ARGV[9] == '1' or tonumber(ARGV[7]) < now - tonumber(ARGV[8]) then
  if redis.call('ZSCORE', KEYS[2], ARGV[2]) then return { 'known' } end
  return card and { 'exists', card } or { 'stale' }
end
if redis.call('ZADD', KEYS[2], 'NX', now, ARGV[2]) == 0 then return { 'known' } end
local number = redis.call('INCR', KEYS[4])
redis.call('HSET', KEYS[5], number, ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], '{"number":' .. number .. ',"queued_at":' .. now .. ',' .. ARGV[3])
redis.call('ZADD', KEYS[6], ARGV[5], ARGV[1])
if KEYS[8] ~= KEYS[6] then redis.call('ZADD', KEYS[8], ARGV[5], ARGV[1]) end
redis.call('ZADD', KEYS[7], ARGV[6], ARGV[1])
if ARGV[10] ~= '' then redis.call('ZADD', KEYS[9], ARGV[10], ARGV[1]) end
for i = 10, #KEYS do redis.call('ZADD', KEYS[i], ARGV[6], ARGV[1]) end
redis.call('XADD', KEYS[3], '*', 'e', '{"number":' .. number .. ',"at":' .. now .. ',' .. ARGV[4])
return { 'created', number }
