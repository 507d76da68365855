-- A row of decayed counters: as core/state/decay.py counts, to the bit on the same libm.
-- KEYS: row. ARGV: now, retention, lifetimes, (index, amount) pairs, milliseconds to keep or "".
local function doubles(packed)
  return { struct.unpack('<' .. string.rep('d', #packed / 8), packed) }
end

local now = struct.unpack('<d', ARGV[1])
local retention = struct.unpack('<d', ARGV[2])
local lifetimes, deltas = doubles(ARGV[3]), doubles(ARGV[4])
local fields = #ARGV[3] / 8
local since, at, values = now, now, {}
for i = 1, fields do values[i] = 0 end

local raw = redis.call('GET', KEYS[1])
if raw then
  local held = doubles(raw)
  if not (now - held[2] > retention) then
    since, at = held[1], math.max(now, held[2])
    local age, fade = now - held[2], {}
    for i = 1, fields do
      local value, lifetime = held[i + 2], lifetimes[i]
      if age > 0 and value ~= 0 and lifetime ~= math.huge then
        fade[lifetime] = fade[lifetime] or math.exp(-age / lifetime)
        value = value * fade[lifetime]
      end
      values[i] = value
    end
  end
end
for i = 1, #ARGV[4] / 8, 2 do
  local index = deltas[i] + 1
  values[index] = math.max(0, values[index] + deltas[i + 1])
end
local row = struct.pack('<' .. string.rep('d', fields + 2), since, at, unpack(values))
if ARGV[5] == '' then
  redis.call('SET', KEYS[1], row)
else
  redis.call('SET', KEYS[1], row, 'PX', ARGV[5])
end
return 1
