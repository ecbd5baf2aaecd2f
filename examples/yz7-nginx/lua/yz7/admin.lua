-- The admin API: finds the resource of a request and sends what it answers.
local calls = require("yz7.call")
local metrics = require("yz7.metrics")
local mirror = require("yz7.mirror")
local problem = require("yz7.problem")
local resources = require("yz7.resources_api")
local sources = require("yz7.sources_api")
local state = require("yz7.state")
local status = require("yz7.status_api")
local store = require("yz7.store")
local tokens = require("yz7.tokens")
local watch = require("yz7.watch")

local _M = {}

local function text_answer(status_code, body)
  return { status = status_code, body = body, headers = { ["Content-Type"] = "text/plain; version=0.0.4" } }
end

-- Liveness, readiness and metrics need no token: a kubelet and a Prometheus ask for them, with or without the base.
local probes = {
  ["/healthz"] = function()
    return text_answer(200, "ok\n")
  end,
  ["/readyz"] = function()
    return store.is_ready() and text_answer(200, "ok\n") or text_answer(503, "the store is not loaded\n")
  end,
  ["/metrics"] = function()
    return text_answer(200, metrics())
  end,
}

-- By the number of parts and the fixed ones among them: verbs, and who answers.
local resources_by_shape = {
  ["status"] = { { "GET" }, status },
  ["watch"] = { { "GET" }, watch },
  ["chains/*"] = {
    { "GET", "PUT", "DELETE" },
    function(call)
      return resources.resource(call, "chain", call.path[2])
    end,
  },
  ["routes/*"] = {
    { "GET", "PUT", "DELETE" },
    function(call)
      return resources.resource(call, "route", call.path[2])
    end,
  },
  ["sources/*"] = {
    { "GET", "PATCH" },
    function(call)
      return call.method == "GET" and sources.all(call.path[2]) or sources.patch(call, call.path[2])
    end,
  },
  ["sources/*/claim"] = {
    { "POST" },
    function(call)
      return sources.claim(call, call.path[2])
    end,
  },
  ["upstreams"] = { { "GET" }, resources.list_upstreams },
  ["upstreams/*"] = {
    { "GET", "PUT", "DELETE" },
    function(call)
      return resources.resource(call, "upstream", call.path[2])
    end,
  },
  ["upstreams/*/effective"] = {
    { "GET" },
    function(call)
      return resources.effective(call, call.path[2])
    end,
  },
  ["upstreams/*/sources"] = {
    { "GET" },
    function(call)
      return sources.list(call.path[2])
    end,
  },
  ["upstreams/*/sources/*"] = {
    { "GET", "PUT", "DELETE" },
    function(call)
      return sources.one(call, call.path[2], call.path[4])
    end,
  },
}

local function shape_of(path)
  local parts = { path[1], path[2] and "*", path[3], path[4] and "*" }
  return #path <= 4 and table.concat(parts, "/") or ""
end

local function answer_of(call)
  call.caller = tokens.caller(ngx.var.http_authorization)
  local found = call.path and resources_by_shape[shape_of(call.path)]
  if not found then
    problem.not_found("resource " .. call.raw_path .. "; the base is /admin/v1")
  end
  calls.allow(call, unpack(found[1]))
  if not store.is_ready() then
    error(problem.store_unavailable("the store is not loaded"), 0)
  end
  mirror.sync()
  return found[2](call)
end

local function handle()
  local probe = probes[(ngx.var.request_uri:match("^[^?]*"):gsub("^/admin/v1", ""))]
  if probe then
    return probe()
  end
  return answer_of(calls.read())
end

local function send_problem(found)
  if not problem.is(found) then
    ngx.log(ngx.ERR, found)
    found = problem.new(500, "SERVER_ERROR", "the gateway failed; its log says how", { retryable = true })
  end
  calls.send({ status = found.status, body = problem.body(found), headers = found.headers }, state.meta("store_id"))
end

function _M.handle()
  local ok, answer = xpcall(handle, function(found)
    return problem.is(found) and found or debug.traceback(tostring(found))
  end)
  if not ok then
    send_problem(answer)
  elseif answer then
    calls.send(answer, state.meta("store_id"))
  end
end

-- What nginx itself refuses, in the contract's form.
function _M.handle_refused()
  if ngx.status == 413 then
    return send_problem(calls.too_large())
  end
  send_problem(problem.new(ngx.status, "BAD_REQUEST", "nginx refused the request"))
end

return _M
