-- A fact, unless a newer one is set. KEYS: fact. ARGV: now and stamp in one, fact, milliseconds or "".
-- A fact begins with two doubles: until when it holds, and its stamp (NaN: none).
local now, stamp = struct.unpack('<dd', ARGV[1])
local raw = redis.call('GET', KEYS[1])
if raw then
  local till, before = struct.unpack('<dd', raw)
  if till > now and before > stamp then return 0 end
end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
