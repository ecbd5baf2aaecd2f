-- What nginx asks of each request to the data port: which server it goes to, what is done when that one can't be
-- reached, and what is said when there is none.
local balancer = require("ngx.balancer")
local base = require("resty.core.base")
local choose = require("yz7.choose")
local counters = require("yz7.counters")
local mirror = require("yz7.mirror")
local ffi = require("ffi")
local pools = require("yz7.pool")

local _M = {}

local get_last_failure, set_current_peer = balancer.get_last_failure, balancer.set_current_peer
local set_more_tries, get_method = balancer.set_more_tries, ngx.req.get_method
local var, now = ngx.var, ngx.now
local get_request, cast, start_time = base.get_request, ffi.cast, ngx.req.start_time

local idempotent = { GET = true, HEAD = true, OPTIONS = true, TRACE = true, PUT = true, DELETE = true }
-- Kept connections that a server had closed, for one request.
local most_stale = 3
local statuses = { no_server = 502, chain_empty = 503, connect_failed = 502, upstream_reset = 502, timeout = 504 }

-- What a request carries from one phase to the next, by its address, with the time at which it began: a client that goes
-- leaves its attempt behind for another request at the same address. ngx.ctx would do the same and cost more.
local attempts, began = {}, {}

local function request_key()
  return tonumber(cast("intptr_t", get_request()))
end

-- The attempt of this request, which is over.
local function take_attempt()
  local key = request_key()
  local attempt = attempts[key]
  if attempt and began[key] == start_time() then
    attempts[key] = nil
    return attempt
  end
end

-- nginx has no word for it: the reason goes into a variable, which `@refused` reads.
local function refuse(kind, upstream, failed)
  var.yz7_error, var.yz7_upstream, var.yz7_last = kind, upstream, failed and failed.address or ""
  return ngx.exit(ngx.ERROR)
end

local function send(attempt)
  local key = request_key()
  local former = attempts[key]
  if former and former.is_measured then
    pools.measure(former)
  end
  attempts[key], began[key] = attempt, start_time()
  local counts = attempt.counts
  counts.sent = (counts.sent or 0) + 1
  return set_current_peer(attempt.peer, attempt.port)
end

-- The revision can't be newer than the last look within one tick of nginx's clock by more than that tick.
local looked_at

local function begin()
  local time = now()
  if looked_at ~= time then
    looked_at = time
    mirror.sync()
  end
  local choice = choose.choice(var.host)
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
  return setmetatable(fields, { __index = attempt })
end

local function after_connect_failure(failed)
  counters.add("connect_failures", failed.upstream, "connect")
  local choice = not failed.is_retry and choose.choice(var.host)
  local attempt = choice and choose.next(choice, failed.address)
  if not attempt then
    return refuse("connect_failed", failed.upstream, failed)
  end
  counters.add("retries", attempt.upstream)
  var.yz7_last = attempt.address
  return send(another(attempt, { is_retry = true }))
end

-- A kept connection that the server had closed says nothing about the server: the next one will.
local function after_stale_connection(failed)
  local times = (failed.stale or 0) + 1
  counters.add("connect_failures", failed.upstream, "reused")
  if times > most_stale then
    return refuse("upstream_reset", failed.upstream, failed)
  end
  counters.add("stale", failed.upstream)
  var.yz7_last = failed.address
  return send(another(failed, { stale = times }))
end

-- nginx calls again only for idempotent requests. Nothing was sent: the server could not be reached.
local function again(status)
  local failed = take_attempt()
  if failed.is_measured then
    pools.measure(failed)
  end
  -- The present try has no server yet, and shows as an empty last item.
  local sent = var.upstream_bytes_sent:match("(%d+)[ :]*$")
  if sent == "0" then
    return after_connect_failure(failed)
  end
  if status == 504 then
    return refuse("timeout", failed.upstream, failed)
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

-- Before the answer's headers are sent, where answers are measured.
function _M.answer()
  local attempt = take_attempt()
  if not attempt then
    return
  end
  local status = ngx.status
  local counts = attempt.counts
  counts[status] = (counts[status] or 0) + 1
  if attempt.is_measured then
    pools.measure(attempt, tonumber(var.upstream_header_time))
  end
end

-- Why nginx itself gave up.
local function reason_of(attempt)
  local sent = (var.upstream_bytes_sent or ""):match("(%d+)$")
  if sent ~= "0" then
    return ngx.status == 504 and "timeout" or "upstream_reset"
  end
  counters.add("connect_failures", attempt.upstream, "connect")
  return "connect_failed"
end

-- Answers in place of a server: the reason is in the variable, or to be found in what the last attempt came to.
function _M.refused()
  local attempt = take_attempt()
  local kind, upstream, address = var.yz7_error, var.yz7_upstream, var.yz7_last
  if attempt then
    kind, upstream, address = reason_of(attempt), attempt.upstream, attempt.address
  end
  ngx.status = statuses[kind] or 500
  counters.add("requests", upstream, tostring(ngx.status))
  if kind == "no_server" or kind == "chain_empty" then
    counters.add("no_server", upstream)
  end
  ngx.header["X-Yz7-Server"] = address ~= "" and address or nil
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
