-- What nginx asks of each request to the data port: which server it goes to, what is done when that one can't be
-- reached, and what is said when there is none.
local balancer = require("ngx.balancer")
local choose = require("yz7.choose")
local counters = require("yz7.counters")
local json = require("yz7.json")
local mirror = require("yz7.mirror")
local pools = require("yz7.pool")

local _M = {}

local get_last_failure, set_current_peer = balancer.get_last_failure, balancer.set_current_peer
local set_more_tries, get_method = balancer.set_more_tries, ngx.req.get_method
local var = ngx.var

local idempotent = { GET = true, HEAD = true, OPTIONS = true, TRACE = true, PUT = true, DELETE = true }
-- Kept connections that a server had closed, for one request.
local most_stale = 3
local statuses = { no_server = 502, chain_empty = 503, connect_failed = 502, upstream_reset = 502, timeout = 504 }

-- The name in `X-Service-Chain`; empty when there is none or it can't be read.
local function chain_of(header)
  if not header then
    return ""
  end
  local ok, value = pcall(json.decode_own, header)
  return ok and type(value) == "table" and type(value.name) == "string" and value.name or ""
end

-- nginx has no word for it: the reason goes into a variable, which `@refused` reads.
local function refuse(kind, upstream)
  var.yz7_error, var.yz7_upstream = kind, upstream
  return ngx.exit(ngx.ERROR)
end

local function choice_now()
  local chain = chain_of(var.http_x_service_chain)
  local destination = choose.destination(var.host, chain)
  return destination and choose.choice(destination, chain)
end

local function send(attempt)
  ngx.ctx = attempt
  return set_current_peer(attempt.peer, attempt.port)
end

local function begin()
  mirror.sync()
  local choice = choice_now()
  local attempt = choice and choose.next(choice)
  if not attempt then
    return refuse(choice and choice.chain ~= "" and "chain_empty" or "no_server", choice and choice.upstream or "")
  end
  if idempotent[get_method()] then
    set_more_tries(1)
  end
  return send(attempt)
end

-- A try of its own: what is counted belongs to the server, what happened to this request.
local function another(attempt, fields)
  for key, value in pairs(fields) do
    fields[key] = value
  end
  return setmetatable(fields, { __index = attempt })
end

local function after_connect_failure(failed)
  counters.add("connect_failures", failed.upstream, "connect")
  local choice = not failed.is_retry and choice_now()
  local attempt = choice and choose.next(choice, failed.address)
  if not attempt then
    return refuse("connect_failed", failed.upstream)
  end
  counters.add("retries", attempt.upstream)
  return send(another(attempt, { is_retry = true }))
end

-- A kept connection that the server had closed says nothing about the server: the next one will.
local function after_stale_connection(failed)
  local times = (failed.stale or 0) + 1
  counters.add("connect_failures", failed.upstream, "reused")
  if times > most_stale then
    return refuse("upstream_reset", failed.upstream)
  end
  counters.add("stale", failed.upstream)
  return send(another(failed, { stale = times }))
end

-- nginx calls again only for idempotent requests. Nothing was sent: the server could not be reached.
local function again(status)
  local failed = ngx.ctx
  -- The present try has no server yet, and shows as an empty last item.
  local sent = var.upstream_bytes_sent:match("(%d+)[ :]*$")
  if sent == "0" then
    return after_connect_failure(failed)
  end
  if status == 504 then
    return refuse("timeout", failed.upstream)
  end
  return after_stale_connection(failed)
end

function _M.balance()
  local kind, status = get_last_failure()
  if kind then
    return again(status)
  end
  return begin()
end

function _M.log()
  local attempt = ngx.ctx
  local counts = attempt.counts
  if not counts then
    return
  end
  local status = ngx.status
  counts[status] = (counts[status] or 0) + 1
  if attempt.is_measured then
    pools.measure(attempt, tonumber(var.upstream_response_time))
  end
end

-- Why nginx itself gave up, and which upstream it was for.
local function reason()
  local kind = var.yz7_error
  if kind and kind ~= "" then
    return kind, var.yz7_upstream
  end
  local choice = choice_now()
  local upstream = choice and choice.upstream or ""
  for _, pool in pairs(choice and choice.pools or {}) do
    for _, attempt in ipairs(pool.list) do
      upstream = attempt.address == var.yz7_server and pool.upstream or upstream
    end
  end
  local is_sent = (var.upstream_bytes_sent or ""):match("(%d+)$") ~= "0"
  if not is_sent then
    counters.add("connect_failures", upstream, "connect")
    return "connect_failed", upstream
  end
  return ngx.status == 504 and "timeout" or "upstream_reset", upstream
end

function _M.refused()
  local kind, upstream = reason()
  ngx.status = statuses[kind]
  counters.add("requests", upstream, tostring(ngx.status))
  if kind == "no_server" or kind == "chain_empty" then
    counters.add("no_server", upstream)
  else
    ngx.header["X-Yz7-Server"] = var.yz7_server
  end
  ngx.header["X-Yz7-Error"] = kind
  ngx.header["Content-Type"] = "text/plain"
  ngx.say("yz7: " .. kind)
end

-- Takes away the headers that `Connection` names: they belong to the client's connection.
function _M.strip_hop_headers()
  for name in var.http_connection:gmatch("[^,%s]+") do
    ngx.req.clear_header(name)
  end
end

return _M
