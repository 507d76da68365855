-- Whether a member of a windowed set was seen after the horizon.
-- KEYS: as see.lua. ARGV: member behind its bucket, horizon.
local function single(number)
  return (struct.unpack('<f', struct.pack('<f', number)))
end

local horizon = tonumber(ARGV[2])
local origin = redis.call('GET', KEYS[3])
local at
if origin then
  at = redis.call('ZSCORE', KEYS[2], string.sub(ARGV[1], 1, 3))
  horizon = single(horizon - tonumber(origin))
else
  at = redis.call('ZSCORE', KEYS[1], ARGV[1])
end
return at and tonumber(at) > horizon and 1 or 0
