-- ARGV: highest incarnation that the caller knows. Gives a higher one than all before; begins with the time, to go on growing
-- after a loss of the data.
local incarnation = math.max(number('incarnation') + 1, micros, tonumber(ARGV[FIRST]) + 1)
redis.call('HSET', META, 'incarnation', integer(incarnation))
return {integer(incarnation), finish()}
