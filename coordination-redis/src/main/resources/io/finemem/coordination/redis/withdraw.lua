-- KEYS: barrier, arrived, passed. ARGV: arrival. Gives PASSED and the generation, or WITHDRAWN and how many had arrived.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local passed = redis.call('HGET', KEYS[3], ARGV[1])
if passed then
  return {'PASSED', passed}
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
redis.call('ZREM', KEYS[2], ARGV[1])
return {'WITHDRAWN', tostring(redis.call('ZCARD', KEYS[2]) + 1)}
