-- The service chain that a request names in `X-Service-Chain`.
local json = require("yz7.json")

local var = ngx.var

-- Headers that were read already -> the chain's name, so many at most: callers may send any.
local names, count = {}, 0
local most_names = 1000

local function read(header)
  local ok, value = pcall(json.decode_own, header)
  local name = ok and type(value) == "table" and type(value.name) == "string" and value.name or ""
  if count >= most_names then
    names, count = {}, 0
  end
  names[header], count = name, count + 1
  return name
end

-- Its name; empty when there is none or it can't be read.
return function()
  local header = var.http_x_service_chain
  return header and (names[header] or read(header)) or ""
end
