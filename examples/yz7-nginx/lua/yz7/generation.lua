-- A writer's number: decimal text of an unsigned 64-bit integer, which no Lua number holds.
local problem = require("yz7.problem")

local _M = {}

-- Throws 400 unless the value is such a text.
function _M.parse(value)
  if type(value) ~= "string" or not ngx.re.find(value, [[\A(?:0|[1-9]\d{0,19})\z]], "jo") then
    problem.bad_json(
      "generation is " .. problem.shown(value) .. "; it must be a decimal string of an unsigned 64-bit integer"
    )
  end
  if #value == 20 and value > "18446744073709551615" then
    problem.bad_json("generation " .. value .. " does not fit in 64 bits")
  end
  local number = 0ULL
  for digit in value:gmatch("%d") do
    number = number * 10ULL + tonumber(digit)
  end
  return number
end

return _M
