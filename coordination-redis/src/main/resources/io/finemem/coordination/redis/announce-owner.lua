-- ARGV: incarnation, name. Gives OK, or ENDED if the owner left or was declared dead.
local incarnation, name = ARGV[FIRST], ARGV[FIRST + 1]
local old = redis.call('HGET', OWNERS, incarnation)
local ended = old and RANK[state(old)] > RANK.LIVE or not old and tonumber(incarnation) <= number('ended')
if ended then
  return {'ENDED', finish()}
end
local record = 'LIVE ' .. name
if old ~= record then
  redis.call('HSET', OWNERS, incarnation, record)
  changed = true
end
raise('incarnation', tonumber(incarnation))
live('o:' .. incarnation, LEASE)
return {'OK', finish()}
