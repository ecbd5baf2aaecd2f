-- Reads names and the bodies of upstreams, chains, routes and claims.
local config = require("yz7.config")
local json = require("yz7.json")
local problem = require("yz7.problem")

local _M = {}

local long_name = [[\A[A-Za-z0-9](?:[-A-Za-z0-9._]{0,251}[A-Za-z0-9])?\z]]

local function name_check(pattern, what)
  return function(name)
    if not ngx.re.find(name, pattern, "jo") then
      problem.invalid(problem.shown(name) .. " is not a name of " .. what .. "; it must match " .. pattern)
    end
    return name
  end
end

_M.upstream_name = name_check(long_name, "an upstream")
_M.source_name = name_check([[\A[a-z0-9-]+(?:\.[a-z0-9-]+)+\z]], "a source")
_M.chain_name = name_check([[\A[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z]], "a service chain")
_M.route_id = name_check(long_name, "a route")

-- A body that must be an object with no other fields than these.
function _M.object(value, what, fields)
  if not json.is_object(value) then
    problem.bad_json(what .. " must be a JSON object")
  end
  local allowed, unknown = {}, {}
  for _, field in ipairs(fields) do
    allowed[field] = true
  end
  for key in pairs(value) do
    if not allowed[key] then
      unknown[#unknown + 1] = key
    end
  end
  if #unknown > 0 then
    table.sort(unknown)
    problem.bad_json(
      what .. " has the unknown fields " .. table.concat(unknown, ", ") .. "; it may have " .. table.concat(fields, ", ")
    )
  end
  return value
end

function _M.text(value, what)
  if type(value) ~= "string" or value == "" then
    problem.bad_json(what .. " must be a text that is not empty")
  end
  return value
end

local function whole(value, default, what, most)
  if value == nil then
    return default
  end
  if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > most then
    problem.invalid(what .. " is " .. problem.shown(value) .. "; it must be a whole number up to " .. most)
  end
  return value
end

local function list(value, what)
  if not json.is_array(value) or #value == 0 then
    problem.invalid(what .. " must name at least one")
  end
  return value
end

function _M.force(value)
  if value == nil then
    return nil
  end
  _M.object(value, "force", { "reason", "actor" })
  return { reason = _M.text(value.reason, "force.reason"), actor = _M.text(value.actor, "force.actor") }
end

local day_ms = 86400000
local balancers = { round_robin = true, ewma = true, chash = true }

local function path_of(value, what)
  local path = _M.text(value == nil and "/" or value, what)
  if path:sub(1, 1) ~= "/" or path:find("[%c ]") then
    problem.invalid(what .. " is " .. problem.shown(path) .. "; it must begin with / and have no space")
  end
  return path
end

local function health_of(value)
  if value == nil then
    return nil
  end
  _M.object(value, "health", { "path", "intervalMs", "timeoutMs", "fall", "rise" })
  local health = {
    path = path_of(value.path, "health.path"),
    intervalMs = whole(value.intervalMs, 1000, "health.intervalMs", day_ms),
    timeoutMs = whole(value.timeoutMs, 500, "health.timeoutMs", day_ms),
    fall = whole(value.fall, 3, "health.fall", 100),
    rise = whole(value.rise, 2, "health.rise", 100),
  }
  if health.intervalMs < 100 or health.timeoutMs < 1 or health.fall < 1 or health.rise < 1 then
    problem.invalid("health needs an intervalMs of at least 100, and timeoutMs, fall and rise of at least 1")
  end
  return health
end

function _M.settings(value)
  _M.object(value, "an upstream", { "lb", "health", "slowStartMs" })
  local lb = value.lb == nil and "round_robin" or value.lb
  if not balancers[lb] then
    problem.invalid("lb is " .. problem.shown(lb) .. "; it must be round_robin, ewma or chash")
  end
  if lb == "ewma" and not config.measures_answers then
    problem.throw(501, "NOT_IMPLEMENTED", "lb ewma: this gateway was not started with --measure")
  end
  return {
    lb = lb,
    health = health_of(value.health),
    slowStartMs = whole(value.slowStartMs, 0, "slowStartMs", day_ms),
  }
end

-- The names of the upstreams for which a chain is known.
function _M.chain(value)
  _M.object(value, "a chain", { "upstreams" })
  if not json.is_array(value.upstreams) then
    problem.bad_json("upstreams must be an array of names")
  end
  local upstreams, seen = json.array(), {}
  for _, name in ipairs(value.upstreams) do
    _M.upstream_name(_M.text(name, "an upstream"))
    if not seen[name] then
      upstreams[#upstreams + 1] = name
    end
    seen[name] = true
  end
  return upstreams
end

local function target_of(value, index)
  local what = "targets[" .. index .. "]"
  _M.object(value, what, { "upstream", "selector", "weight" })
  local selector = value.selector == nil and {} or value.selector
  _M.object(selector, what .. ".selector", { "color", "sc" })
  for key, text in pairs(selector) do
    _M.text(text, what .. ".selector." .. key)
  end
  return {
    upstream = _M.upstream_name(_M.text(value.upstream, what .. ".upstream")),
    selector = selector,
    weight = whole(value.weight, 100, what .. ".weight", 1000),
  }
end

local function header_of(value, index)
  local what = "match.headers[" .. index .. "]"
  _M.object(value, what, { "name", "value" })
  local name = _M.text(value.name, what .. ".name"):lower()
  if not ngx.re.find(name, [[\A[a-z0-9-]{1,64}\z]], "jo") then
    problem.invalid(what .. ".name is " .. problem.shown(name) .. "; it must be letters, digits and dashes")
  end
  return { name = name, value = _M.text(value.value, what .. ".value") }
end

local function mapped(values, read)
  local out = json.array()
  for position, value in ipairs(values) do
    out[position] = read(value, position - 1)
  end
  return out
end

function _M.route(value)
  _M.object(value, "a route", { "hosts", "match", "targets" })
  local match = value.match == nil and {} or value.match
  _M.object(match, "match", { "path", "headers" })
  if match.headers ~= nil and not json.is_array(match.headers) then
    problem.bad_json("match.headers must be an array")
  end
  return {
    hosts = mapped(list(value.hosts, "hosts"), function(host)
      return _M.text(host, "a host"):lower()
    end),
    match = { path = path_of(match.path, "match.path"), headers = mapped(match.headers or {}, header_of) },
    targets = mapped(list(value.targets, "targets"), target_of),
  }
end

return _M
