-- The servers that one target of a request may be, and which of them takes the next one.
local counters = require("yz7.counters")
local round_robin = require("yz7.round_robin")

local _M = {}

local least_share = 0.1
local ewma_decay_seconds = 10

local function peer_of(ip)
  return ip:find(":", 1, true) and "[" .. ip .. "]" or ip
end

-- One server as the balancer takes it: what a request carries with it until it is logged.
local function attempt_of(view, server, former)
  local before = former and former.by_key[server.key]
  local attempt = { load = before and before.load or { running = 0, latency = 0, at = 0 } }
  attempt.key, attempt.address = server.key, server.address
  attempt.peer, attempt.port = peer_of(server.ip), server.port
  attempt.upstream, attempt.weight = view.name, server.weight
  attempt.counts = counters.requests_of(view.name)
  attempt.since = view.slow_start_ms > 0 and server.since or nil
  attempt.is_measured = view.lb == "ewma"
  return attempt
end

-- `former` is the pool that this one replaces.
function _M.new(view, servers, former)
  local pool = { upstream = view.name, lb = view.lb, list = {}, by_key = {} }
  pool.slow_start_ms, pool.started_by = view.slow_start_ms, 0
  local items = {}
  for index, server in ipairs(servers) do
    local attempt = attempt_of(view, server, former)
    pool.list[index], pool.by_key[server.key] = attempt, attempt
    if attempt.since then
      pool.is_starting = true
      pool.started_by = math.max(pool.started_by, attempt.since + pool.slow_start_ms)
    end
    items[index] = { weight = server.weight, value = attempt }
  end
  pool.round = round_robin.new(items)
  return pool
end

-- Slow start: from a tenth of its weight to all of it.
local function share_of(pool, attempt)
  if not attempt.since then
    return 1
  end
  local share = (ngx.now() * 1000 - attempt.since) / pool.slow_start_ms
  return math.min(1, math.max(least_share, share))
end

local function next_but(pool, but)
  return round_robin.next_weighted(pool.round, function(attempt, weight)
    return attempt.address == but and 0 or weight * share_of(pool, attempt)
  end)
end

local function next_in_round(pool, but)
  if pool.is_starting and ngx.now() * 1000 > pool.started_by then
    pool.is_starting = false
  end
  if but or pool.is_starting then
    return next_but(pool, but)
  end
  return round_robin.next(pool.round)
end

-- Highest random weight: a client keeps its server while that one is there, and only the lost one's clients move.
local function by_hash(pool, but)
  local client = ngx.var.binary_remote_addr
  local best, most
  for _, attempt in ipairs(pool.list) do
    if attempt.address ~= but then
      local chance = (ngx.crc32_long(client .. attempt.key) + 1) / 4294967297
      local score = -attempt.weight * share_of(pool, attempt) / math.log(chance)
      if not best or score > most then
        best, most = attempt, score
      end
    end
  end
  return best
end

local function load_of(pool, attempt)
  local load = attempt.load
  local latency = load.latency * math.exp((load.at - ngx.now()) / ewma_decay_seconds) + 0.001
  return latency * (load.running + 1) / (attempt.weight * share_of(pool, attempt))
end

-- The less loaded of two that chance picks.
local function by_latency(pool, but)
  local candidates = {}
  for _, attempt in ipairs(pool.list) do
    if attempt.address ~= but then
      candidates[#candidates + 1] = attempt
    end
  end
  if #candidates < 2 then
    return candidates[1]
  end
  local first = math.random(#candidates)
  local second = (first + math.random(#candidates - 1) - 1) % #candidates + 1
  local a, b = candidates[first], candidates[second]
  return load_of(pool, a) <= load_of(pool, b) and a or b
end

local pickers = { round_robin = next_in_round, chash = by_hash, ewma = by_latency }

-- The server for the next request, another one than the address `but`.
function _M.next(pool, but)
  local attempt = pickers[pool.lb](pool, but)
  if attempt and attempt.is_measured then
    attempt.load.running = attempt.load.running + 1
  end
  return attempt
end

-- What a request to a measured server took, in seconds; nil when it had no answer.
function _M.measure(attempt, seconds)
  local load = attempt.load
  load.running = load.running - 1
  if not seconds then
    return
  end
  local now = ngx.now()
  local rest = math.exp((load.at - now) / ewma_decay_seconds)
  load.latency = load.latency * rest + seconds * (1 - rest)
  load.at = now
end

return _M
