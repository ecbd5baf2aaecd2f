-- Where a request goes: its route, then the service chain, then the route's header rules and weighted targets, then the
-- IDC. What can be prepared is prepared once a revision.
local config = require("yz7.config")
local health = require("yz7.health")
local mirror = require("yz7.mirror")
local pools = require("yz7.pool")
local round_robin = require("yz7.round_robin")
local service_chain = require("yz7.service_chain")

local _M = {}

local var = ngx.var
local find, sub, byte = string.find, string.sub, string.byte
local slash = byte("/")
-- Paths of one host that are remembered with where they lead: callers may send any.
local most_paths = 1000

-- host -> destinations of its routes, the most special first; nil until it is made
local by_host
-- upstream -> the destination of a request whose host names it
local by_upstream = {}
-- upstream -> destinations that depend on it
local dependents = {}

local function new_destination(route)
  local destination = { path = route.path, headers = route.headers, targets = route.targets, choices = {}, former = {} }
  for _, target in ipairs(route.targets) do
    local list = dependents[target.upstream] or {}
    dependents[target.upstream] = list
    list[#list + 1] = destination
  end
  return destination
end

local function is_more_special(a, b)
  if #a.path ~= #b.path then
    return #a.path > #b.path
  end
  if #a.headers ~= #b.headers then
    return #a.headers > #b.headers
  end
  return a.id < b.id
end

local function read_routes()
  by_host, by_upstream, dependents = {}, {}, {}
  for id, route in pairs(mirror.routes) do
    local match = route.match
    local destination = new_destination({ path = match.path, headers = match.headers or {}, targets = route.targets })
    destination.id = id
    for _, host in ipairs(route.hosts) do
      by_host[host] = by_host[host] or {}
      table.insert(by_host[host], destination)
    end
  end
  for _, list in pairs(by_host) do
    table.sort(list, is_more_special)
    list.matches, list.known_paths = {}, 0
    list.only = #list == 1 and list[1].path == "/" and #list[1].headers == 0 and list[1] or nil
  end
end

-- A pool that is replaced hands on what it has measured.
mirror.on_change(function(upstream)
  if not upstream then
    by_host = nil
    return
  end
  for _, destination in ipairs(dependents[upstream] or {}) do
    for chain, choice in pairs(destination.choices) do
      destination.former[chain] = choice
    end
    destination.choices, destination.chains = {}, nil
  end
end)

-- The chains that are known for a destination's upstreams, or false when there are none.
local function chains_of(destination)
  local chains = destination.chains
  if chains ~= nil then
    return chains
  end
  chains = false
  for _, target in ipairs(destination.targets) do
    for chain in pairs(target.weight > 0 and mirror.chains_of[target.upstream] or {}) do
      chains = chains or {}
      chains[chain] = true
    end
  end
  destination.chains = chains
  return chains
end

local function is_known(target, chain)
  local known = mirror.chains_of[target.upstream]
  return known ~= nil and known[chain] == true
end

local function matches(server, selector, chain)
  local sc = server.labels.sc or ""
  return server.is_serving
    and sc == chain
    and (selector.color == nil or server.labels.color == selector.color)
    and (selector.sc == nil or selector.sc == sc)
end

-- Own IDC first; others only when the own has none that serves.
local function nearest(servers)
  local own = {}
  for _, server in ipairs(servers) do
    if server.idc == config.idc then
      own[#own + 1] = server
    end
  end
  return own[1] and own or servers
end

-- Those whose health checks do not fail; all, when they fail for every one.
local function well(view, servers)
  if not view.health then
    return servers
  end
  local found = {}
  for _, server in ipairs(servers) do
    if not health.is_down(view.name, server.key) then
      found[#found + 1] = server
    end
  end
  return found[1] and found or servers
end

local function servers_for(view, target, chain)
  local found = {}
  for _, server in ipairs(view.servers) do
    if matches(server, target.selector, chain) then
      found[#found + 1] = server
    end
  end
  return nearest(well(view, found))
end

-- A target that has no server is left out, and the others take its share. With a chain only targets count that know it.
local function make_choice(destination, chain)
  local items = {}
  local choice = { chain = chain, pools = {}, upstream = "" }
  local former = destination.former[chain]
  for index, target in ipairs(destination.targets) do
    if target.weight > 0 and (chain == "" or is_known(target, chain)) then
      choice.upstream = choice.upstream == "" and target.upstream or choice.upstream
      local view = mirror.view(target.upstream)
      local servers = servers_for(view, target, chain)
      if servers[1] then
        local pool = pools.new(view, servers, former and former.pools[index])
        choice.pools[index] = pool
        items[#items + 1] = { weight = target.weight, value = pool }
      end
    end
  end
  choice.round = round_robin.new(items)
  choice.only = #items == 1 and items[1].value or nil
  return choice
end

local function is_under(path, prefix)
  local length = #prefix
  if sub(path, 1, length) ~= prefix then
    return false
  end
  return #path == length or byte(prefix, length) == slash or byte(path, length + 1) == slash
end

local function has_headers(rules)
  for _, rule in ipairs(rules) do
    if var["http_" .. rule.name:gsub("-", "_")] ~= rule.value then
      return false
    end
  end
  return true
end

-- Where a path leads: to the first destination without header rules, or to those with rules that come before it.
local function find_match(list, path)
  local match = {}
  for _, destination in ipairs(list) do
    if is_under(path, destination.path) then
      if #destination.headers == 0 then
        match.plain = destination
        break
      end
      match.ruled = match.ruled or {}
      table.insert(match.ruled, destination)
    end
  end
  if list.known_paths >= most_paths then
    list.matches, list.known_paths = {}, 0
  end
  list.matches[path], list.known_paths = match, list.known_paths + 1
  return match
end

local function with_rules(match)
  for _, destination in ipairs(match.ruled) do
    if has_headers(destination.headers) then
      return destination
    end
  end
  return match.plain
end

-- The name of the request's chain when it is known for a destination, else the empty one.
local function known_chain(destination)
  local chains = chains_of(destination)
  if not chains then
    return ""
  end
  local chain = service_chain()
  return chains[chain] and chain or ""
end

-- The chain comes before header rules: a known one keeps its request on the route without them.
local function route_of(list)
  local uri = var.request_uri
  local mark = find(uri, "?", 1, true)
  local path = mark and sub(uri, 1, mark - 1) or uri
  local match = list.matches[path] or find_match(list, path)
  if not match.ruled or (match.plain and known_chain(match.plain) ~= "") then
    return match.plain
  end
  return with_rules(match)
end

local function destination_of(host)
  if not by_host then
    read_routes()
  end
  local list = by_host[host]
  local found = list and (list.only or route_of(list))
  if found or not mirror.upstreams[host] then
    return found
  end
  local destination = by_upstream[host]
  if not destination then
    destination = new_destination({ targets = { { upstream = host, selector = {}, weight = 1 } } })
    by_upstream[host] = destination
  end
  return destination
end

-- What this request may choose among, or nil when its host leads nowhere.
function _M.choice(host)
  local destination = destination_of(host)
  if not destination then
    return nil
  end
  local chain = known_chain(destination)
  local choice = destination.choices[chain]
  if not choice then
    choice = make_choice(destination, chain)
    destination.choices[chain], destination.former[chain] = choice, nil
  end
  return choice
end

-- The server for the next request, or nil.
function _M.next(choice, but)
  local pool = choice.only or round_robin.next(choice.round)
  return pool and pools.next(pool, but)
end

return _M
