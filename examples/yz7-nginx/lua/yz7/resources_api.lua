-- `/upstreams`, `/upstreams/{name}`, `/upstreams/{name}/effective`, `/chains/{sc}` and `/routes/{id}`.
local calls = require("yz7.call")
local check = require("yz7.check_resource")
local json = require("yz7.json")
local mirror = require("yz7.mirror")
local problem = require("yz7.problem")
local server = require("yz7.server")
local source_writes = require("yz7.source_writes")
local state = require("yz7.state")
local store = require("yz7.store")
local tokens = require("yz7.tokens")

local _M = {}

local page_limit = 500

local function tags(revision)
  return { ETag = '"' .. revision .. '"' }
end

function _M.list_upstreams(call)
  local prefix = calls.text_of(call, "prefix") or ""
  local after = ngx.decode_base64((calls.text_of(call, "continue") or ""):gsub("-", "+"):gsub("_", "/")) or ""
  local limit = math.min(page_limit, calls.number_of(call, "limit") or page_limit)
  local page, has_more = json.array(), false
  for _, name in ipairs(mirror.names_in(mirror.upstreams)) do
    if name:sub(1, #prefix) == prefix and name > after then
      has_more = #page == limit
      if has_more then
        break
      end
      page[#page + 1] = name
    end
  end
  local last = page[#page]
  for index, name in ipairs(page) do
    local view = mirror.view(name)
    local own = state.read_plain("u/" .. name)
    page[index] = { name = name, revision = math.max(own.revision, view.revision), servers = #view.servers }
  end
  local next_page = has_more and last and ngx.encode_base64(last, true):gsub("+", "-"):gsub("/", "_") or nil
  return { status = 200, body = { revision = mirror.applied, upstreams = page, continue = next_page } }
end

local function check_unused(tx, upstream)
  local count = 0
  for _, source in ipairs(tx:sources_of(upstream)) do
    local entry = tx:read(state.source_key(upstream, source))
    count = count + (entry and not entry.deleted and #entry.servers or 0)
  end
  if count > 0 then
    problem.throw(409, "UPSTREAM_IN_USE", "upstream " .. upstream .. " has " .. count .. " servers")
  end
end

-- Its sources are empty by now, and go with it; their generations stay.
local function delete_sources(tx, upstream)
  for _, source in ipairs(tx:sources_of(upstream)) do
    local key = state.source_key(upstream, source)
    local entry = tx:read(key)
    if entry and not entry.deleted then
      entry.deleted = true
      tx:stage(key, entry)
    end
  end
end

-- How each kind of resource is kept; the verbs are the same for all.
local kinds = {
  upstream = {
    key = function(name)
      return "u/" .. check.upstream_name(name)
    end,
    field = "settings",
    parse = check.settings,
    check_delete = check_unused,
    on_delete = delete_sources,
  },
  chain = {
    key = function(name)
      return "h/" .. check.chain_name(name)
    end,
    field = "upstreams",
    parse = check.chain,
    show = function(upstreams)
      return { upstreams = upstreams }
    end,
  },
  route = {
    key = function(name)
      return "r/" .. check.route_id(name)
    end,
    field = "route",
    parse = check.route,
  },
}

local function present_in(reader, key)
  local entry = reader(key)
  return entry and not entry.deleted and entry or nil
end

local function put(tx, kind, key, name, value, present)
  if present and json.encode(present[kind.field]) == json.encode(value) then
    return { revision = present.revision, changed = false, is_new = false }
  end
  local revision = tx:next_revision()
  tx:stage(key, { deleted = false, name = name, revision = revision, [kind.field] = value })
  return { revision = revision, changed = true, is_new = present == nil }
end

local function delete(tx, kind, key, name, present, what)
  if not present then
    problem.not_found(what)
  end
  if kind.check_delete then
    kind.check_delete(tx, name)
    kind.on_delete(tx, name)
  end
  local revision = tx:next_revision()
  tx:stage(key, { deleted = true, name = name, revision = revision })
  return { revision = revision, changed = true, is_new = false }
end

function _M.resource(call, kind_name, name)
  local kind = kinds[kind_name]
  local key = kind.key(name)
  local what = kind_name .. " " .. name
  if call.method == "GET" then
    local found = present_in(state.read, key)
    if not found then
      problem.not_found(what)
    end
    local value = found[kind.field]
    return { status = 200, body = kind.show and kind.show(value) or value, headers = tags(found.revision) }
  end
  tokens.check_all(call.caller, what)
  local value = call.method == "PUT" and kind.parse(calls.body()) or nil
  local written = store.commit(function(tx)
    local present = present_in(function()
      return tx:read(key)
    end)
    source_writes.check_preconditions(call, present and present.revision)
    if value then
      return put(tx, kind, key, name, value, present)
    end
    return delete(tx, kind, key, name, present, what)
  end)
  return {
    status = written.is_new and 201 or 200,
    body = { revision = written.revision, changed = written.changed },
    headers = tags(written.revision),
  }
end

local function shown_server(each)
  return {
    ip = each.ip,
    port = each.port,
    weight = each.weight,
    state = each.state,
    uid = each.uid,
    zone = each.zone,
    labels = each.labels,
    sources = json.array(each.sources),
    idc = each.idc,
  }
end

local function shown_conflict(conflict)
  local sources = json.array()
  for index, claim in ipairs(conflict.claims) do
    sources[index] = { source = claim.entry.source, uid = claim.server.uid, state = claim.server.state }
  end
  return { address = conflict.address, sources = sources }
end

-- The merged servers, narrowed by `?idc=&color=&sc=`; `sc=` asks for those without one.
function _M.effective(call, name)
  if not mirror.upstreams[name] then
    problem.not_found("upstream " .. name)
  end
  local view = mirror.view(name)
  local idc, color, sc = calls.text_of(call, "idc"), calls.text_of(call, "color"), calls.text_of(call, "sc")
  local servers, conflicts = json.array(), json.array()
  for _, each in ipairs(view.servers) do
    local is_wanted = (idc == nil or each.idc == idc)
      and (color == nil or (each.labels.color or "") == color)
      and (sc == nil or (each.labels.sc or "") == sc)
    if is_wanted then
      servers[#servers + 1] = shown_server(each)
    end
  end
  for index, conflict in ipairs(view.conflicts) do
    conflicts[index] = shown_conflict(conflict)
  end
  local body = { upstream = name, revision = view.revision, servers = servers, conflicts = conflicts }
  return { status = 200, body = body, headers = tags(view.revision) }
end

return _M
