-- Where a request goes: its route, then the service chain, then the route's header rules and weighted targets, then the
-- IDC. What can be prepared is prepared once a revision.
local config = require("yz7.config")
local health = require("yz7.health")
local mirror = require("yz7.mirror")
local pools = require("yz7.pool")
local round_robin = require("yz7.round_robin")

local _M = {}

local sub, byte = string.sub, string.byte
local slash, question_mark = byte("/"), byte("?")

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
    destination.choices = {}
  end
end)

local function is_known(target, chain)
  local known = mirror.chains_of[target.upstream]
  return known ~= nil and known[chain] == true
end

local function knows(destination, chain)
  for _, target in ipairs(destination.targets) do
    if target.weight > 0 and is_known(target, chain) then
      return true
    end
  end
  return false
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

-- Whether the path of a URI, which may have a query, is a prefix or below it.
local function is_under(uri, prefix)
  local length = #prefix
  if sub(uri, 1, length) ~= prefix then
    return false
  end
  local following = byte(uri, length + 1)
  return following == nil or following == slash or following == question_mark or byte(prefix, length) == slash
end

local function has_headers(rules)
  for _, rule in ipairs(rules) do
    if ngx.var["http_" .. rule.name:gsub("-", "_")] ~= rule.value then
      return false
    end
  end
  return true
end

-- The chain comes before header rules: a known one keeps its request on the route without them.
local function route_of(list, uri, chain)
  local best
  for _, destination in ipairs(list) do
    if is_under(uri, destination.path) then
      local is_plain = #destination.headers == 0
      if not best and (is_plain or has_headers(destination.headers)) then
        best = destination
      end
      if is_plain then
        return chain ~= "" and knows(destination, chain) and destination or best
      end
    end
  end
  return best
end

-- The destination of a request, or nil.
function _M.destination(host, chain)
  if not by_host then
    read_routes()
  end
  local list = by_host[host]
  local found = list and (list.only or route_of(list, ngx.var.request_uri, chain))
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

-- The prepared choice of a destination for a chain's name, which callers may make up.
function _M.choice(destination, chain)
  if chain ~= "" and not knows(destination, chain) then
    chain = ""
  end
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
