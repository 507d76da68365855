-- A fact, unless one is set. KEYS: fact. ARGV: now, fact, milliseconds or "".
local raw = redis.call('GET', KEYS[1])
if raw and struct.unpack('<d', raw) > struct.unpack('<d', ARGV[1]) then return 0 end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
