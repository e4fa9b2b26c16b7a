-- Begins every script of the directory: judges the leases by this server's clock, so that all that follows sees them ended.
--
-- meta    layout, epoch (made anew when the data was lost), revision, incarnation (highest given), ended (owners up to this
--         one that are not listed have ended), swept (ms, when leases were judged last)
-- nodes   name        -> STATE boot host:port transport capacity
-- owners  incarnation -> STATE name
-- leases  n:name | o:incarnation, scored by the ms at which it ends
-- ended   the same, scored by the ms at which the member may be forgotten
local META, NODES, OWNERS, LEASES, ENDED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local CHANNEL, EPOCH, FLOOR, GRACE, LEASE, RETENTION =
    ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local FIRST = 7
local LAYOUT = '1'
local RANK = {LIVE = 1, SUSPECT = 1, LEFT = 2, DEAD = 3}

local layout = redis.call('HGET', META, 'layout')
if not layout then
  redis.call('HSET', META, 'layout', LAYOUT, 'epoch', EPOCH)
elseif layout ~= LAYOUT then
  return redis.error_reply('FINEMEM_LAYOUT ' .. layout)
end

local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
local changed = false

-- Lua prints large numbers with an exponent.
local function integer(number)
  return string.format('%.0f', number)
end

local function number(field)
  return tonumber(redis.call('HGET', META, field) or '0')
end

local function raise(field, value)
  if value > number(field) then
    redis.call('HSET', META, field, integer(value))
  end
end

local function state(record)
  return string.match(record, '^%u+')
end

-- Nobody judged leases for a while, or the clock jumped: the server was away, and everybody has a whole lease to come back.
local function forgiveOutage()
  local swept = number('swept')
  if swept > 0 and (now < swept or now - swept > GRACE) then
    for _, member in ipairs(redis.call('ZRANGE', LEASES, 0, -1)) do
      redis.call('ZADD', LEASES, integer(now + LEASE), member)
    end
  end
  if now < swept or now - swept > GRACE / 4 then
    redis.call('HSET', META, 'swept', integer(now))
  end
end

local function live(member, lease)
  redis.call('ZADD', LEASES, integer(now + lease), member)
  redis.call('ZREM', ENDED, member)
end

local function retire(hash, id, member, newState)
  local record = redis.call('HGET', hash, id)
  if record and state(record) ~= newState then
    redis.call('HSET', hash, id, (string.gsub(record, '^%u+', newState)))
    changed = true
  end
  redis.call('ZREM', LEASES, member)
  redis.call('ZADD', ENDED, integer(now + RETENTION), member)
end

local function judgeLeases()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', LEASES, '-inf', integer(now))) do
    local id = string.sub(member, 3)
    if string.sub(member, 1, 1) == 'n' then
      retire(NODES, id, member, 'GONE')
    else
      retire(OWNERS, id, member, 'SUSPECT')
    end
  end
end

local function forget()
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', ENDED, '-inf', integer(now))) do
    local id = string.sub(member, 3)
    if string.sub(member, 1, 1) == 'n' then
      redis.call('HDEL', NODES, id)
    else
      redis.call('HDEL', OWNERS, id)
      raise('ended', tonumber(id))
    end
    redis.call('ZREM', ENDED, member)
    changed = true
  end
end

-- Ends every script: one revision for all that it changed. Revisions begin with the time, to go on growing after a loss of
-- the data; FLOOR is the highest one that the caller knows.
local function finish()
  local revision = number('revision')
  if changed or revision < FLOOR then
    revision = math.max(revision + 1, micros, FLOOR + 1)
    redis.call('HSET', META, 'revision', integer(revision))
    redis.call('PUBLISH', CHANNEL, 'changed')
  end
  return integer(revision)
end

forgiveOutage()
judgeLeases()
forget()
