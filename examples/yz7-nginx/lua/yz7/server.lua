-- Servers as they stand in a source.
local sha256 = require("yz7.sha256")

local _M = {}

function _M.address(server)
  local ip = server.ip
  return (ip:find(":", 1, true) and "[" .. ip .. "]" or ip) .. ":" .. server.port
end

-- The identity of a server: the same address with another uid is another one.
function _M.key(server)
  return _M.address(server) .. "|" .. server.uid
end

function _M.is_serving(server)
  return server.state == "up" and server.weight > 0
end

local function digest_line(server)
  local labels = {}
  for key, value in pairs(server.labels) do
    labels[#labels + 1] = key .. "=" .. value
  end
  table.sort(labels, function(a, b)
    return a:match("^[^=]*") < b:match("^[^=]*")
  end)
  return table.concat({
    _M.address(server),
    server.uid,
    server.weight,
    server.state,
    server.zone,
    table.concat(labels, ","),
  }, "|")
end

function _M.digest(servers)
  local lines = {}
  for index, server in ipairs(servers) do
    lines[index] = digest_line(server)
  end
  table.sort(lines)
  return sha256(table.concat(lines, "\n"))
end

return _M
