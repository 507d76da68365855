-- A cell of a rate limit: as core/state/cell.py spends. Gives what it held before.
-- KEYS: cell. ARGV: now, burst, interval and slack in one; milliseconds to keep or "".
local now, burst, interval, slack = struct.unpack('<dddd', ARGV[1])
local raw = redis.call('GET', KEYS[1])
local depth, start = burst * interval, now
if raw then start = math.max(now, struct.unpack('<d', raw)) end
if start - now > depth + slack then start = now + depth - interval end
local after = start + interval
if not (after - depth - now > slack) then start = after end
local held = struct.pack('<d', start)
if ARGV[2] == '' then
  redis.call('SET', KEYS[1], held)
else
  redis.call('SET', KEYS[1], held, 'PX', ARGV[2])
end
return raw
