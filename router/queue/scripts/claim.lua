-- claim: gives a person the most urgent task that is queued for the team or for that person, under a lease.
-- KEYS  1 tasks  2 leases  3 held in the team  4 events  5 requests  6 lane of the team  7 lane of the person
--       8 personal index of the team
-- ARGV  1 agent  2 request, '' for none  3 lease  4 length of the lease, ms  5 most steps on a card
-- RETURNS the card as claimed; nil when nothing is queued, or when the request was answered before and the task
--         it got is no longer held under the lease it got it with
-- Safe to run twice with a request; without one, the second run claims another task.
-- The card is written before the task leaves its lane: a store that refuses writing refuses that first write.
if ARGV[2] ~= '' then
  local last = redis.call('HGET', KEYS[5], ARGV[1])
  if last then
    local request, id, lease = string.match(last, '^(%S+) (%S+) (%S+)$')
    if request == ARGV[2] then
      local card = redis.call('HGET', KEYS[1], id)
      if card then
        local task = cjson.decode(card)
        if task.state == 'claimed' and task.lease == lease then return card end
      end
      return false
    end
  end
end
local from = 6
local head = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')
local own = redis.call('ZRANGE', KEYS[7], 0, 0, 'WITHSCORES')
if own[1] and (not head[1] or tonumber(own[2]) <= tonumber(head[2])) then head, from = own, 7 end
local id = head[1]
if not id then return false end
local was = redis.call('HGET', KEYS[1], id)
if not was then
  redis.call('ZREM', KEYS[from], id)
  return redis.error_reply('ERR task ' .. id .. ' stood in a lane and is not there: taken out')
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local task = cjson.decode(was)
local first = not task.picked_at
task.state, task.agent, task.lease = 'claimed', ARGV[1], ARGV[3]
task.claimed_at, task.lease_until, task.op = now, now + ARGV[4], ARGV[3]
if first then task.picked_at = now end
local steps = task.history or {}
steps[#steps + 1] = { at = now, type = 'claimed', agent = ARGV[1] }
if #steps > tonumber(ARGV[5]) then
  table.remove(steps, 1)
  task.history_lost = (task.history_lost or 0) + 1
end
task.history = steps
local card = cjson.encode(task)
local event = cjson.encode({
  number = task.number, type = 'claimed', at = now, task = id, state = 'claimed', team = task.team, lane = task.lane,
  agent = ARGV[1], channel = task.channel, connector = task.connector, priority = task.priority, rule = task.rule,
  tags = task.tags, due = task.due, created = task.created, queued_at = task.queued_at, first_pick = first,
  only_machines = (task.wait or 0) == 0 or nil, wait = task.wait, wait_since = task.since, wait_due = task.wait_due,
})
redis.call('HSET', KEYS[1], id, card)
redis.call('ZREM', KEYS[from], id)
if from == 7 then redis.call('ZREM', KEYS[8], id) end
redis.call('ZADD', KEYS[2], task.lease_until, id)
redis.call('ZADD', KEYS[3], now, id)
if ARGV[2] ~= '' then redis.call('HSET', KEYS[5], ARGV[1], ARGV[2] .. ' ' .. id .. ' ' .. ARGV[3]) end
redis.call('XADD', KEYS[4], '*', 'e', event)
return card
