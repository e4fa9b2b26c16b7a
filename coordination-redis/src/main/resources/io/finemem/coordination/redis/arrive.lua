-- KEYS: barrier, arrived, passed. ARGV: channel, name, parties, arrival, generation that the arrival has seen or -1, lease ms,
-- ms to keep an idle barrier. Gives PASSED or WAITING with the generation and how many have arrived, or PARTIES that others gave.
local BARRIER, ARRIVED, PASSED = KEYS[1], KEYS[2], KEYS[3]
local channel, name, parties, arrival, seen, lease, keep =
    ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local passed = redis.call('HGET', PASSED, arrival)
if passed then
  return {'PASSED', passed, '0'}
end
redis.call('ZREMRANGEBYSCORE', ARRIVED, '-inf', now)
local agreed = tonumber(redis.call('HGET', BARRIER, 'parties') or ARGV[3])
if agreed ~= parties and redis.call('ZCARD', ARRIVED) > 0 then
  return {'PARTIES', tostring(agreed), '0'}
end
local generation = math.max(tonumber(redis.call('HGET', BARRIER, 'generation') or '0'), seen)
redis.call('ZADD', ARRIVED, now + lease, arrival)
local outcome = {'WAITING', tostring(generation), tostring(redis.call('ZCARD', ARRIVED))}
if redis.call('ZCARD', ARRIVED) >= parties then
  generation = generation + 1
  local earlier = redis.call('HGETALL', PASSED)
  for i = 1, #earlier, 2 do
    if tonumber(earlier[i + 1]) < generation - 1 then
      redis.call('HDEL', PASSED, earlier[i])
    end
  end
  for _, other in ipairs(redis.call('ZRANGE', ARRIVED, 0, -1)) do
    redis.call('HSET', PASSED, other, generation)
  end
  redis.call('DEL', ARRIVED)
  redis.call('PUBLISH', channel, 'barrier ' .. name)
  outcome = {'PASSED', tostring(generation), tostring(parties)}
end
redis.call('HSET', BARRIER, 'parties', parties, 'generation', generation)
for _, key in ipairs({BARRIER, ARRIVED, PASSED}) do
  redis.call('PEXPIRE', key, keep)
end
return outcome
