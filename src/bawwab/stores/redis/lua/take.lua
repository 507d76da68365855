-- Take a turn, if the state is whole. KEYS: turn, mark of a whole state, who is next.
-- ARGV: token, milliseconds to hold it, milliseconds for which who is next is waited for.
-- Gives the mark, or 0 where it is another's, or -1 where the state is not whole.
local mark = redis.call('GET', KEYS[2])
if not mark then return -1 end
local holder, follower = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[3])
if holder and holder ~= ARGV[1] then
  if not follower or follower == ARGV[1] then redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[3]) end
  return 0
end
if follower and follower ~= ARGV[1] then return 0 end
redis.call('UNLINK', KEYS[3])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return mark
