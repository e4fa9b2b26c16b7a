-- ARGV: revision that the caller has. Gives {epoch, revision}, and {.., ended, nodes, owners} if the caller's is another one.
local revision = finish()
local epoch = redis.call('HGET', META, 'epoch')
if revision == ARGV[FIRST] then
  return {epoch, revision}
end
return {epoch, revision, integer(number('ended')), redis.call('HGETALL', NODES), redis.call('HGETALL', OWNERS)}
