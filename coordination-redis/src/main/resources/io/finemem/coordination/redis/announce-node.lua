-- ARGV: name, boot, address, record, whether this is the first announcement. Gives OK, SUPERSEDED, or TAKEN and by whom.
local name, boot, address, record, first =
    ARGV[FIRST], ARGV[FIRST + 1], ARGV[FIRST + 2], ARGV[FIRST + 3], ARGV[FIRST + 4] == 'first'
local member = 'n:' .. name
local old = redis.call('HGET', NODES, name)
if old then
  local oldBoot, oldAddress = string.match(old, '^%u+ (%S+) (%S+) ')
  if oldBoot ~= boot and state(old) ~= 'GONE' then
    if not first then
      return {'SUPERSEDED', finish()}
    elseif oldAddress ~= address then
      local ends = tonumber(redis.call('ZSCORE', LEASES, member) or '0')
      return {'TAKEN', finish(), oldAddress, integer(math.max(ends - now, 0))}
    end
  end
end
if old ~= record then
  redis.call('HSET', NODES, name, record)
  changed = true
end
live(member, LEASE)
return {'OK', finish()}
