local ffi = require("ffi")

ffi.cdef([[unsigned char *SHA256(const unsigned char *bytes, size_t count, unsigned char *digest);]])

local function library()
  for _, name in ipairs({ "libcrypto.so.3", "libcrypto.so.1.1", "crypto" }) do
    local ok, found = pcall(ffi.load, name)
    if ok then
      return found
    end
  end
  error("libcrypto is needed for sha256")
end

local crypto = library()
local digest = ffi.new("unsigned char[32]")

-- sha256 of a text in hex.
return function(text)
  crypto.SHA256(text, #text, digest)
  local hex = {}
  for index = 0, 31 do
    hex[#hex + 1] = string.format("%02x", digest[index])
  end
  return table.concat(hex)
end
