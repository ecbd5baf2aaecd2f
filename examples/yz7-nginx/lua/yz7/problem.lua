-- What the admin API answers instead of a result, thrown as an error: the contract's error body with its status.
local json = require("yz7.json")

local _M = {}
local problem_mt = {}

function _M.is(value)
  return getmetatable(value) == problem_mt
end

-- `options`: retryable, details, headers.
function _M.new(status, code, message, options)
  local problem = options or {}
  problem.status, problem.code, problem.message = status, code, message
  return setmetatable(problem, problem_mt)
end

function _M.throw(...)
  error(_M.new(...), 0)
end

function _M.body(problem)
  return {
    error = {
      code = problem.code,
      message = problem.message,
      retryable = problem.retryable or false,
      details = problem.details,
    },
  }
end

function _M.not_found(what)
  _M.throw(404, "NOT_FOUND", "there is no " .. what)
end

function _M.bad_json(message)
  _M.throw(400, "BAD_JSON", message)
end

function _M.bad_request(message)
  _M.throw(400, "BAD_REQUEST", message)
end

function _M.invalid(message)
  _M.throw(422, "INVALID_RESOURCE", message)
end

function _M.store_unavailable(message)
  return _M.new(503, "STORE_UNAVAILABLE", message, { retryable = true })
end

-- A value of a body as a message shows it.
function _M.shown(value)
  if value == nil then
    return "absent"
  end
  local text = json.encode(value)
  return #text > 200 and text:sub(1, 200) .. "…" or text
end

return _M
