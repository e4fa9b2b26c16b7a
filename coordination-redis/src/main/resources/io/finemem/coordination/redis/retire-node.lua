-- ARGV: name, boot. The node is gone, unless its name was taken over.
local name, boot = ARGV[FIRST], ARGV[FIRST + 1]
local old = redis.call('HGET', NODES, name)
if old and string.match(old, '^%u+ (%S+) ') == boot then
  retire(NODES, name, 'n:' .. name, 'GONE')
end
return {'OK', finish()}
