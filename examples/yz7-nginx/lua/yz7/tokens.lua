-- Who calls, and what they may write. A token is bound to patterns of sources; `*` stands for any text, and a plain `*`
-- may also write everything else.
local config = require("yz7.config")
local problem = require("yz7.problem")
local sha256 = require("yz7.sha256")

local _M = {}

local function matches(pattern, text)
  local escaped = pattern:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*")
  return text:find("^" .. escaped .. "$") ~= nil
end

-- Throws 401 unless the `Authorization` header has one of the tokens. Looked up by its hash, so that the time says
-- nothing about the token.
function _M.caller(authorization)
  local given = authorization and ngx.re.match(authorization, [[\ABearer (.+)\z]], "joi")
  local patterns = given and config.tokens[sha256(given[1])]
  if patterns then
    return patterns
  end
  local message = given and "the token is not known" or "an Authorization header with a Bearer token is needed"
  problem.throw(401, "UNAUTHORIZED", message, { headers = { ["WWW-Authenticate"] = "Bearer" } })
end

local function refuse(patterns, what)
  local message = "this token may not write " .. what .. "; it may write " .. table.concat(patterns, ", ")
  problem.throw(403, "NOT_OWNER", message)
end

function _M.check_source(patterns, source)
  for _, pattern in ipairs(patterns) do
    if matches(pattern, source) then
      return
    end
  end
  refuse(patterns, source)
end

-- Upstreams, chains and routes belong to those who may write everything.
function _M.check_all(patterns, what)
  for _, pattern in ipairs(patterns) do
    if pattern == "*" then
      return
    end
  end
  refuse(patterns, what)
end

return _M
