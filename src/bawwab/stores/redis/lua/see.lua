-- A windowed set, as core/state/window.py: exact up to a size, from then on a sketch.
-- KEYS: members by time, stamps of the sketch by bucket, origin of the stamps.
-- ARGV: member behind the three bytes of its bucket, now, horizon, exact size, milliseconds or "".
local function single(number)  -- the sketch keeps its stamps in single precision
  return string.format('%.17g', (struct.unpack('<f', struct.pack('<f', number))))
end

local now = tonumber(ARGV[2])
local origin = redis.call('GET', KEYS[3])
if origin then
  redis.call('ZADD', KEYS[2], single(now - tonumber(origin)), string.sub(ARGV[1], 1, 3))
else
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
  if redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[4]) then
    local seen = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
    for i = 1, #seen, 2 do
      redis.call('ZADD', KEYS[2], single(tonumber(seen[i + 1]) - now), string.sub(seen[i], 1, 3))
    end
    redis.call('SET', KEYS[3], ARGV[2])
    redis.call('UNLINK', KEYS[1])
  end
end
if ARGV[5] ~= '' then
  for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
end
return 1
