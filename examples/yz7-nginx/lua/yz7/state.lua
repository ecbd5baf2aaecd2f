-- The live state of the instance in memory that all workers share. One key a resource, its value JSON as in the log:
--   s/UPSTREAM/SOURCE  c/SOURCE (a claim)  u/UPSTREAM  h/CHAIN  r/ROUTE
-- and, without a slash, what the store says of itself.
local json = require("yz7.json")

local _M = {}

local dict = ngx.shared.yz7_state
local events = ngx.shared.yz7_events

function _M.source_key(upstream, source)
  return "s/" .. upstream .. "/" .. source
end

-- The value of a key with its arrays told apart from objects, or nil.
function _M.read(key)
  local text = dict:get(key)
  return text and json.decode(text)
end

-- The same, faster, for readers that know which field is what.
function _M.read_plain(key)
  local text = dict:get(key)
  return text and json.decode_own(text)
end

function _M.meta(name)
  return dict:get(name)
end

function _M.set_meta(name, value)
  dict:set(name, value)
end

-- Claims a name for some seconds; false when another process has it.
function _M.take(name, seconds)
  return dict:add(name, true, seconds) == true
end

function _M.give_back(name)
  dict:delete(name)
end

function _M.revision()
  return dict:get("revision") or 0
end

function _M.keys()
  return dict:get_keys(0)
end

-- True when there is room for so many more bytes; a value must never push another one out.
function _M.has_room(bytes)
  return dict:free_space() > 2 * bytes + 65536
end

function _M.put_text(key, text)
  local ok, err = dict:safe_set(key, text)
  if not ok then
    error("the shared memory of the state is full: " .. err)
  end
end

function _M.event(revision)
  local text = events:get(revision)
  return text and json.decode_own(text)
end

function _M.put_event(event, kept)
  events:set(event.revision, json.encode(event))
  events:delete(event.revision - kept)
end

-- A reader that has seen this revision can be told all that came after it.
function _M.has_events_since(revision)
  local head = _M.revision()
  return revision == head or (revision < head and events:get(revision + 1) ~= nil)
end

return _M
