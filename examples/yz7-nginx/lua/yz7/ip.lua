-- Addresses as RFC 5952 writes them.
local libc = require("yz7.libc")

local function groups_of(bytes)
  local groups = {}
  for index = 0, 7 do
    groups[index + 1] = bytes[2 * index] * 256 + bytes[2 * index + 1]
  end
  return groups
end

-- First and last index of the longest run of at least two zero groups.
local function longest_zeros(groups)
  local first, last, start = nil, nil, nil
  for index = 1, 9 do
    if groups[index] == 0 then
      start = start or index
    elseif start then
      local length = index - start
      if length > 1 and (not first or length > last - first + 1) then
        first, last = start, index - 1
      end
      start = nil
    end
  end
  return first, last
end

local function hex(groups, from, to)
  local parts = {}
  for index = from, to do
    parts[#parts + 1] = string.format("%x", groups[index])
  end
  return table.concat(parts, ":")
end

local function shortest(groups)
  local first, last = longest_zeros(groups)
  if not first then
    return hex(groups, 1, 8)
  end
  return hex(groups, 1, first - 1) .. "::" .. hex(groups, last + 1, 8)
end

-- True for an IPv4 address, and for an IPv6 address in its shortest form that no IPv4 address is hidden in.
return function(text)
  if type(text) ~= "string" or text:find("%z") then
    return false
  end
  if libc.address_bytes(text, false) then
    return true
  end
  local bytes = libc.address_bytes(text, true)
  return bytes ~= nil and text:sub(1, 7) ~= "::ffff:" and shortest(groups_of(bytes)) == text
end
