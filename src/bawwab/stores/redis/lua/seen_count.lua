-- How many members of a windowed set, or buckets of its sketch, were seen after the horizon.
-- KEYS: as see.lua. ARGV: horizon. Gives whether it is a sketch, and the number.
local origin = redis.call('GET', KEYS[3])
if not origin then
  return { 0, redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf') }
end
local horizon = struct.unpack('<f', struct.pack('<f', tonumber(ARGV[1]) - tonumber(origin)))
return { 1, redis.call('ZCOUNT', KEYS[2], '(' .. string.format('%.17g', horizon), '+inf') }
