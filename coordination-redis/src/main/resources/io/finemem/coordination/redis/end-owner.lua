-- ARGV: incarnation, name, LEFT or DEAD. Gives OK, or UNKNOWN for an incarnation that nobody was given yet.
local incarnation, name, newState = ARGV[FIRST], ARGV[FIRST + 1], ARGV[FIRST + 2]
local old = redis.call('HGET', OWNERS, incarnation)
if not old and tonumber(incarnation) > math.max(number('incarnation'), micros) then
  return {'UNKNOWN', finish()}
end
local forgotten = not old and tonumber(incarnation) <= number('ended')
if not forgotten and (not old or RANK[state(old)] < RANK[newState]) then
  redis.call('HSET', OWNERS, incarnation, newState .. ' ' .. name)
  redis.call('ZREM', LEASES, 'o:' .. incarnation)
  redis.call('ZADD', ENDED, integer(now + RETENTION), 'o:' .. incarnation)
  changed = true
end
return {'OK', finish()}
