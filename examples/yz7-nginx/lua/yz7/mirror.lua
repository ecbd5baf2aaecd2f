-- What one worker knows of the state: names, chains and routes, and of each upstream that it was asked for the merged
-- servers. Follows the revision; a change costs as much as the one resource that it touches.
local effective = require("yz7.effective")
local state = require("yz7.state")

local _M = {
  applied = -1,
  -- When the last revision was applied, in seconds.
  applied_at = 0,
  -- upstream -> its settings, when it exists
  upstreams = {},
  -- upstream -> source -> true, deleted ones too
  sources_of = {},
  -- source -> upstream -> true, deleted ones too
  upstreams_of = {},
  -- upstream -> chain -> true, when the chain is known for it
  chains_of = {},
  -- id -> route
  routes = {},
  -- False while no upstream has asked for health checks.
  has_checks = false,
}

local views = {}
-- chain -> its upstreams
local chains = {}
local listeners = {}
local applied_listeners = {}

-- `listener()` is called when a newer revision was applied.
function _M.on_applied(listener)
  applied_listeners[#applied_listeners + 1] = listener
end

-- `listener(upstream)` is called when an upstream has changed, and with nil when anything may have.
function _M.on_change(listener)
  listeners[#listeners + 1] = listener
end

local function tell(upstream)
  for _, listener in ipairs(listeners) do
    listener(upstream)
  end
end

local function add(map, key, value)
  local set = map[key]
  if not set then
    set = {}
    map[key] = set
  end
  set[value] = true
end

local function note_source(upstream, source)
  add(_M.sources_of, upstream, source)
  add(_M.upstreams_of, source, upstream)
end

-- Has what is prepared for an upstream made again when it is asked for.
function _M.forget(upstream)
  views[upstream] = nil
  tell(upstream)
end

local function read_upstream(name)
  local entry = state.read_plain("u/" .. name)
  local settings = entry and not entry.deleted and entry.settings or nil
  _M.upstreams[name] = settings
  _M.has_checks = _M.has_checks or (settings and settings.health) ~= nil
end

local function read_chain(name)
  for _, upstream in ipairs(chains[name] or {}) do
    _M.chains_of[upstream][name] = nil
    tell(upstream)
  end
  local entry = state.read_plain("h/" .. name)
  chains[name] = entry and not entry.deleted and entry.upstreams or nil
  for _, upstream in ipairs(chains[name] or {}) do
    add(_M.chains_of, upstream, name)
    tell(upstream)
  end
end

local function read_route(id)
  local entry = state.read_plain("r/" .. id)
  _M.routes[id] = entry and not entry.deleted and entry.route or nil
  tell(nil)
end

local function apply(event)
  if event.type == "source" then
    note_source(event.upstream, event.source)
    read_upstream(event.upstream)
    _M.forget(event.upstream)
  elseif event.type == "upstream" then
    read_upstream(event.upstream)
    _M.forget(event.upstream)
  elseif event.type == "chain" then
    read_chain(event.chain)
  else
    read_route(event.route)
  end
end

local function read_all()
  _M.upstreams, _M.sources_of, _M.upstreams_of, _M.chains_of, _M.routes = {}, {}, {}, {}, {}
  views, chains = {}, {}
  for _, key in ipairs(state.keys()) do
    local kind, name, source = key:match("^(%l)/([^/]+)/?(.*)$")
    if kind == "s" then
      note_source(name, source)
    elseif kind == "u" then
      read_upstream(name)
    elseif kind == "h" then
      read_chain(name)
    elseif kind == "r" then
      read_route(name)
    end
  end
  tell(nil)
end

local function follow(head)
  for revision = _M.applied + 1, head do
    local event = state.event(revision)
    if not event then
      return read_all()
    end
    apply(event)
  end
end

-- Applies what is new.
function _M.sync()
  local head = state.revision()
  if head == _M.applied then
    return
  end
  if _M.applied < 0 then
    read_all()
  else
    follow(head)
  end
  _M.applied, _M.applied_at = head, ngx.now()
  for _, listener in ipairs(applied_listeners) do
    listener()
  end
end

-- Sorted names of a set.
local function names_in(set)
  local names = {}
  for name in pairs(set or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

_M.names_in = names_in

-- The merged servers of an upstream.
function _M.view(upstream)
  local view = views[upstream]
  if view then
    return view
  end
  local entries = {}
  for _, source in ipairs(names_in(_M.sources_of[upstream])) do
    local entry = state.read_plain(state.source_key(upstream, source))
    if entry and not entry.deleted then
      entries[#entries + 1] = entry
    end
  end
  view = effective.merge(upstream, _M.upstreams[upstream], entries)
  views[upstream] = view
  return view
end

return _M
