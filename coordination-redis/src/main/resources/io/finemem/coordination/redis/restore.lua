-- ARGV: ended, then any number of {n|o, id, record}: what the caller knows and the directory may have lost. Adds what is not
-- there, ends owners that it takes for living; the living have a whole lease to confirm it.
local function restoreNode(name, record)
  if redis.call('HSETNX', NODES, name, record) == 0 then
    return
  end
  changed = true
  if state(record) == 'GONE' then
    redis.call('ZADD', ENDED, integer(now + RETENTION), 'n:' .. name)
  else
    live('n:' .. name, LEASE)
  end
end

local function restoreOwner(incarnation, record)
  raise('incarnation', tonumber(incarnation))
  local old = redis.call('HGET', OWNERS, incarnation)
  local known = not old and tonumber(incarnation) <= number('ended')
  if known or old and RANK[state(old)] >= RANK[state(record)] then
    return
  end
  changed = true
  redis.call('HSET', OWNERS, incarnation, record)
  if RANK[state(record)] == RANK.LIVE then
    live('o:' .. incarnation, LEASE)
  else
    redis.call('ZREM', LEASES, 'o:' .. incarnation)
    redis.call('ZADD', ENDED, integer(now + RETENTION), 'o:' .. incarnation)
  end
end

for i = FIRST + 1, #ARGV, 3 do
  if ARGV[i] == 'n' then
    restoreNode(ARGV[i + 1], ARGV[i + 2])
  else
    restoreOwner(ARGV[i + 1], ARGV[i + 2])
  end
end
raise('ended', tonumber(ARGV[FIRST]))
return {'OK', finish()}
