-- Writes that are decided one after another and reach the disk together. Each sees what the ones before it decided;
-- nobody else sees anything before it is on disk.
local guards = require("yz7.guards")
local json = require("yz7.json")
local mirror = require("yz7.mirror")
local state = require("yz7.state")

local _M = {}
local methods = {}
local mt = { __index = methods }

function _M.new()
  return setmetatable({ revision = state.revision(), staged = {}, changes = {}, guards = guards.new_notes() }, mt)
end

function methods:read(key)
  return self.staged[key] or state.read(key)
end

-- Calls `add` with each upstream and source that this transaction has written.
local function each_staged(self, add)
  for key in pairs(self.staged) do
    local upstream, source = key:match("^s/([^/]+)/(.+)$")
    if upstream then
      add(upstream, source)
    end
  end
end

local function with(set, names)
  for name in pairs(set or {}) do
    names[name] = true
  end
  return mirror.names_in(names)
end

-- Sorted names of the upstreams that a source has written, deleted ones too.
function methods:upstreams_of(source)
  local names = {}
  each_staged(self, function(upstream, staged)
    names[upstream] = staged == source or names[upstream]
  end)
  return with(mirror.upstreams_of[source], names)
end

-- Sorted names of the sources that an upstream has, deleted ones too.
function methods:sources_of(upstream)
  local names = {}
  each_staged(self, function(staged, source)
    names[source] = staged == upstream or names[source]
  end)
  return with(mirror.sources_of[upstream], names)
end

function methods:next_revision()
  return self.revision + 1
end

-- To be called when nothing of the write can fail any more.
function methods:stage(key, value)
  self.changes[#self.changes + 1] = { key = key, text = json.encode(value) }
  self.staged[key] = value
  if value.revision then
    self.revision = math.max(self.revision, value.revision)
  end
end

return _M
