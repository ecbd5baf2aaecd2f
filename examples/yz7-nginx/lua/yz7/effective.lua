-- The servers of one upstream as the data plane chooses among them: the union of its sources.
local server = require("yz7.server")

local _M = {}

-- `bc` of `k8s.bc.bc-a`.
function _M.idc_of(source)
  return source:match("^[^.]*%.([^.]*)") or ""
end

local function rank(each)
  if server.is_serving(each) then
    return 0
  end
  return each.state == "up" and 1 or each.state == "drain" and 2 or 3
end

-- Among several sources the one that serves is used, and of equal ones the one that was written last.
local function is_better(a, b)
  local left, right = rank(a.server), rank(b.server)
  if left ~= right then
    return left < right
  end
  return a.entry.revision > b.entry.revision
end

local function claims_by_address(entries)
  local claims, order = {}, {}
  for _, entry in ipairs(entries) do
    for _, each in ipairs(entry.servers) do
      local address = server.address(each)
      if not claims[address] then
        claims[address] = {}
        order[#order + 1] = address
      end
      table.insert(claims[address], { server = each, entry = entry })
    end
  end
  return claims, order
end

local function sources_in(claims)
  local names, seen = {}, {}
  for _, claim in ipairs(claims) do
    local name = claim.entry.source
    if not seen[name] then
      names[#names + 1] = name
    end
    seen[name] = true
  end
  return names
end

local function merged_server(address, best, names)
  local each = best.server
  local key = server.key(each)
  return {
    address = address,
    key = key,
    ip = each.ip,
    port = each.port,
    weight = each.weight,
    state = each.state,
    uid = each.uid,
    zone = each.zone,
    labels = each.labels,
    sources = names,
    idc = _M.idc_of(best.entry.source),
    is_serving = server.is_serving(each),
    -- When it began to serve, in milliseconds; nil when that is long ago.
    since = best.entry.since and best.entry.since[key],
  }
end

function _M.merge(name, settings, entries)
  local view = { name = name, revision = 0, servers = {}, conflicts = {} }
  view.lb = settings and settings.lb or "round_robin"
  view.slow_start_ms = settings and settings.slowStartMs or 0
  view.health = settings and settings.health
  for _, entry in ipairs(entries) do
    view.revision = math.max(view.revision, entry.revision)
  end
  local claims, order = claims_by_address(entries)
  for index, address in ipairs(order) do
    local of_address = claims[address]
    table.sort(of_address, is_better)
    local names = sources_in(of_address)
    view.servers[index] = merged_server(address, of_address[1], names)
    if #names > 1 then
      table.insert(view.conflicts, { address = address, claims = of_address })
    end
  end
  return view
end

return _M
