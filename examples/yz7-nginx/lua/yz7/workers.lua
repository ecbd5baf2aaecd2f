-- The instance's worker processes: each registers itself with what it has applied, and leaves the list when its process
-- is gone, however slow it was.
local json = require("yz7.json")
local mirror = require("yz7.mirror")

local _M = {}

local dict = ngx.shared.yz7_workers
local own = { state = "serving" }

-- State and start of a process; nil when it is gone. A pid alone may be another process by now.
local function process(pid)
  local file = io.open("/proc/" .. pid .. "/stat", "rb")
  if not file then
    return nil
  end
  local text = file:read("*a") or ""
  file:close()
  local fields = {}
  for field in (text:match("^.*%)%s(.*)$") or ""):gmatch("%S+") do
    fields[#fields + 1] = field
  end
  if fields[1] == "Z" or fields[1] == "X" then
    return nil
  end
  return fields[20]
end

-- Writes down what this worker has applied.
function _M.register()
  own.pid = own.pid or ngx.worker.pid()
  own.started = own.started or process(own.pid)
  own.revision, own.at = mirror.applied, mirror.applied_at
  if ngx.worker.exiting() then
    own.state = "exiting"
  end
  dict:set(own.pid, json.encode(own))
end

function _M.note_error(message)
  if own.error ~= message then
    own.error = message
    _M.register()
  end
end

-- Every worker whose process lives.
function _M.list()
  local found = json.array()
  for _, key in ipairs(dict:get_keys(0)) do
    local text = dict:get(key)
    local worker = text and json.decode_own(text)
    if worker and process(worker.pid) == worker.started then
      found[#found + 1] = worker
    else
      dict:delete(key)
    end
  end
  table.sort(found, function(a, b)
    return a.pid < b.pid
  end)
  return found
end

-- Those that serve and have not applied a revision.
function _M.lagging(list, revision)
  local found = json.array()
  for _, worker in ipairs(list) do
    if worker.state == "serving" and worker.revision < revision then
      found[#found + 1] = _M.name(worker)
    end
  end
  return found
end

function _M.name(worker)
  return "worker-" .. worker.pid
end

function _M.describe(list)
  local described = json.array()
  for index, worker in ipairs(list) do
    described[index] = {
      worker = _M.name(worker),
      pid = worker.pid,
      state = worker.state,
      appliedRevision = math.max(0, worker.revision),
      ageMs = math.max(0, math.floor((ngx.now() - worker.at) * 1000)),
      lastError = worker.error or json.null,
    }
  end
  return described
end

return _M
