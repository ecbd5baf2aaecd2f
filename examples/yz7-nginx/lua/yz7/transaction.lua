-- Writes that are decided one after another and reach the disk together. Each sees what the ones before it decided;
-- nobody else sees anything before it is on disk.
local guards = require("yz7.guards")
local json = require("yz7.json")
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
