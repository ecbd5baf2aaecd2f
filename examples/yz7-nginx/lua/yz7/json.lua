-- JSON that tells an empty array from an empty object, which Debian's cjson does not: arrays carry a metatable.
local codec = require("cjson").new()

codec.decode_invalid_numbers(false)
codec.decode_max_depth(32)

local _M = { null = codec.null }
local array_mt = { __name = "array" }
-- Stands for an empty array while cjson has the text; nobody can guess it.
local mark = ngx.md5(tostring({}) .. ngx.now() .. ngx.worker.pid())
local empty_array = '["' .. mark .. '"]'

function _M.array(list)
  return setmetatable(list or {}, array_mt)
end

function _M.is_array(value)
  return getmetatable(value) == array_mt
end

function _M.is_object(value)
  return type(value) == "table" and getmetatable(value) ~= array_mt
end

local function tag(value)
  if value[1] ~= nil then
    setmetatable(value, array_mt)
    if value[1] == mark then
      value[1] = nil
      return
    end
  end
  for _, child in pairs(value) do
    if type(child) == "table" then
      tag(child)
    end
  end
end

-- Answers the value, or nil and why the text is no JSON.
function _M.decode(text)
  local _, _, invalid = ngx.re.find(text, [[\A]], "uo")
  if invalid then
    return nil, "it is not UTF-8"
  end
  -- cjson takes a NUL for the end, whatever comes after it.
  if ngx.re.find(text, [[[\x00-\x08\x0b\x0c\x0e-\x1f] ]], "jox") then
    return nil, "it has control characters"
  end
  if ngx.re.find(text, [[\[\s*+\] ]], "jox") then
    text = ngx.re.gsub(text, [["(?:[^"\\]++|\\.)*+"(*SKIP)(*F)|\[\s*+\] ]], empty_array, "josx")
  end
  local ok, value = pcall(codec.decode, text)
  if not ok then
    return nil, (tostring(value):gsub("%c", " "))
  end
  if type(value) == "table" then
    tag(value)
  end
  return value
end

-- For text that this gateway wrote itself, where nobody asks what an empty table was.
_M.decode_own = codec.decode

local encode

local function encode_object(value, out)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  out[#out + 1] = "{"
  for index, key in ipairs(keys) do
    out[#out + 1] = (index > 1 and "," or "") .. codec.encode(key) .. ":"
    encode(value[key], out)
  end
  out[#out + 1] = "}"
end

local function encode_array(value, out)
  out[#out + 1] = "["
  for index = 1, #value do
    if index > 1 then
      out[#out + 1] = ","
    end
    encode(value[index], out)
  end
  out[#out + 1] = "]"
end

function encode(value, out)
  if type(value) == "number" and value % 1 == 0 and math.abs(value) < 1e16 then
    out[#out + 1] = string.format("%.0f", value)
  elseif type(value) ~= "table" then
    out[#out + 1] = codec.encode(value)
  elseif _M.is_array(value) then
    encode_array(value, out)
  else
    encode_object(value, out)
  end
end

-- Keys are sorted: equal values are equal texts.
function _M.encode(value)
  local out = {}
  encode(value, out)
  return table.concat(out)
end

return _M
