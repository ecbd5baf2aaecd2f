-- One admin request: its path, query, conditions and body.
local config = require("yz7.config")
local json = require("yz7.json")
local problem = require("yz7.problem")

local _M = {}

local base = "/admin/v1/"
local longest_wait_ms = 60000
local unit_ms = { ms = 1, s = 1000, m = 60000 }

local function decoded(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    problem.bad_request("the path " .. text .. " is not properly encoded")
  end
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- The parts of a path below the base, decoded, or nil when it is another one.
local function split(path)
  if path:sub(1, #base) ~= base then
    return nil
  end
  local parts = {}
  for part in (path:sub(#base + 1) .. "/"):gmatch("([^/]*)/") do
    parts[#parts + 1] = decoded(part)
  end
  return parts
end

local function first(value)
  if type(value) == "table" then
    value = value[1]
  end
  return value == true and "" or value
end

-- Takes the conditions away from nginx, which would judge them by its own rules when it sends the answer.
local function take_header(name)
  local value = ngx.req.get_headers(100)[name]
  if value then
    ngx.req.clear_header(name)
  end
  return first(value)
end

function _M.read()
  local path = ngx.var.request_uri:match("^[^?]*")
  take_header("If-Modified-Since")
  take_header("If-Unmodified-Since")
  return {
    method = ngx.req.get_method(),
    raw_path = path,
    path = split(path),
    query = ngx.req.get_uri_args(100),
    if_match = take_header("If-Match"),
    if_none_match = take_header("If-None-Match"),
  }
end

function _M.allow(call, ...)
  local methods = { ... }
  for _, method in ipairs(methods) do
    if method == call.method then
      return
    end
  end
  local message = call.method .. " is not a verb of this resource"
  problem.throw(405, "METHOD_NOT_ALLOWED", message, { headers = { Allow = table.concat(methods, ", ") } })
end

function _M.text_of(call, name)
  return first(call.query[name])
end

-- A whole number in the query, at least 0.
function _M.number_of(call, name)
  local text = _M.text_of(call, name)
  if text == nil then
    return nil
  end
  if #text > 15 or not text:find("^%d+$") then
    problem.bad_request(name .. " is " .. problem.shown(text) .. "; it must be a whole number")
  end
  return tonumber(text)
end

-- Milliseconds of `30s`, `500ms` or `1m`; at most a minute.
function _M.duration_of(call, name)
  local text = _M.text_of(call, name) or "0s"
  local digits, unit = text:match("^(%d+)(%l+)$")
  if not digits or #digits > 6 or not unit_ms[unit] then
    problem.bad_request(name .. " is " .. problem.shown(text) .. "; it must be like 500ms, 30s or 1m")
  end
  return math.min(longest_wait_ms, tonumber(digits) * unit_ms[unit])
end

-- The whole body; nginx has refused one that is too large.
function _M.body_text()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  if text then
    return text
  end
  local path = ngx.req.get_body_file()
  if not path then
    return ""
  end
  local file = assert(io.open(path, "rb"))
  text = file:read("*a")
  file:close()
  return text
end

function _M.too_large()
  local options = { details = { limitBytes = config.body_limit_bytes } }
  return problem.new(413, "TOO_LARGE", "the body is larger than " .. config.body_limit_bytes .. " bytes", options)
end

function _M.parsed(text)
  local value, why = json.decode(text)
  if value == nil then
    problem.bad_json("the body is not JSON: " .. why)
  end
  return value
end

function _M.body()
  return _M.parsed(_M.body_text())
end

-- Sends an answer: status, body (JSON, or text as it is) and headers.
function _M.send(answer, store_id)
  ngx.status = answer.status
  ngx.header["Content-Type"] = "application/json"
  ngx.header["X-Store"] = store_id
  for name, value in pairs(answer.headers or {}) do
    ngx.header[name] = value
  end
  local text = type(answer.body) == "string" and answer.body or json.encode(answer.body)
  ngx.header["Content-Length"] = #text
  ngx.print(text)
  -- A snapshot may still be made in this request's name.
  ngx.eof()
end

return _M
