-- The script of wrk that `load.py` runs: fills the templates in turn, order by order.
-- LOAD_TEMPLATES is a file of raw requests, each after its length; LOAD_FIRST the first order's
-- number, LOAD_REPEAT is "yes" where the same orders come again and again.

local ORDER, TIME = os.getenv("LOAD_ORDER"), os.getenv("LOAD_TIME")
local AT_ONCE = tonumber(os.getenv("LOAD_AT_ONCE"))
local REPEAT = os.getenv("LOAD_REPEAT") == "yes"
local start = tonumber(os.getenv("LOAD_FIRST"))
local templates, step, place = {}, 1, 0
local verified = false

-- A template as a list of texts; where markers stood, numbers say what comes there.
local function pieces(text)
  local found, from = {}, 1
  while true do
    local order, time = text:find(ORDER, from, true), text:find(TIME, from, true)
    local at = math.min(order or math.huge, time or math.huge)
    if at == math.huge then break end
    found[#found + 1] = text:sub(from, at - 1)
    found[#found + 1] = at == order and 1 or 2
    from = at + (at == order and #ORDER or #TIME)
  end
  found[#found + 1] = text:sub(from)
  return found
end

function init()
  local file = io.open(os.getenv("LOAD_TEMPLATES"), "rb")
  while true do
    local length = file:read("*n")
    if not length then break end
    file:read(1)
    templates[#templates + 1] = pieces(file:read(length))
  end
  file:close()
end

function request()
  local number = start + place
  local minutes = math.floor(number % 86400 / 60)
  local filling = {
    string.format("%09d", number),
    string.format("%02d:%02d:%02d", math.floor(minutes / 60), minutes % 60, number % 86400 % 60),
  }
  local parts = {}
  for at, piece in ipairs(templates[step]) do
    parts[at] = filling[piece] or piece
  end
  if not verified then -- wrk asks once beforehand, to see how many requests come at a time
    verified = true
    return table.concat(parts)
  end
  place = place + 1
  if place == AT_ONCE then
    place, step = 0, step + 1
    if step > #templates then
      step = 1
      if not REPEAT then start = start + AT_ONCE end
    end
  end
  return table.concat(parts)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
