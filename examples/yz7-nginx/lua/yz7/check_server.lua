-- Reads the servers of a source write.
local is_canonical_ip = require("yz7.ip")
local json = require("yz7.json")
local problem = require("yz7.problem")
local server = require("yz7.server")

local label_value = [[\A(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z]]
local label_key =
  [[\A(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z]]
local uid = [[\A[A-Za-z0-9._:-]{0,128}\z]]
local states = { up = true, drain = true, down = true }
local fields = { ip = true, port = true, weight = true, state = true, uid = true, zone = true, labels = true }

local function is_text(value, pattern)
  return type(value) == "string" and ngx.re.find(value, pattern, "jo") ~= nil
end

local function is_whole(value, least, most)
  return type(value) == "number" and value % 1 == 0 and value >= least and value <= most
end

local function or_default(value, default)
  if value == nil then
    return default
  end
  return value
end

local function check_labels(value, say)
  if not json.is_object(value) then
    return say("labels must be an object of strings")
  end
  for key, text in pairs(value) do
    if not is_text(key, label_key) then
      say("label key " .. problem.shown(key) .. " is not a Kubernetes label key")
    elseif not is_text(text, label_value) then
      say("label " .. key .. " is " .. problem.shown(text) .. ", not a Kubernetes label value")
    end
  end
end

local function check_server(input, say)
  if not json.is_object(input) then
    say("must be an object")
    input = {}
  end
  for field in pairs(input) do
    if not fields[field] then
      say("unknown field " .. problem.shown(field))
    end
  end
  local found = {
    ip = input.ip,
    port = input.port,
    weight = or_default(input.weight, 100),
    state = or_default(input.state, "up"),
    uid = or_default(input.uid, ""),
    zone = or_default(input.zone, ""),
    labels = or_default(input.labels, {}),
  }
  local function expect(holds, field, wanted)
    if not holds then
      say(field .. " is " .. problem.shown(found[field]) .. ", not " .. wanted)
    end
  end
  expect(is_canonical_ip(found.ip), "ip", "an address as RFC 5952 writes it")
  expect(is_whole(found.port, 1, 65535), "port", "1 to 65535")
  expect(is_whole(found.weight, 0, 1000), "weight", "0 to 1000")
  expect(states[found.state], "state", "one of up, drain, down")
  expect(is_text(found.uid, uid), "uid", "a UID")
  expect(is_text(found.zone, label_value), "zone", "a Kubernetes label value")
  check_labels(found.labels, say)
  return found
end

local function refuse(findings)
  local texts = {}
  for index = 1, math.min(5, #findings) do
    texts[index] = "servers[" .. findings[index].index .. "]: " .. findings[index].message
  end
  problem.throw(422, "INVALID_SERVER", #findings .. " findings: " .. table.concat(texts, "; "), {
    details = { servers = json.array(findings) },
  })
end

-- Throws 422 with every finding and its index.
return function(value)
  if not json.is_array(value) then
    problem.bad_json("servers must be an array")
  end
  local findings, seen, servers = {}, {}, json.array()
  for position, input in ipairs(value) do
    local index = position - 1
    local before = #findings
    servers[position] = check_server(input, function(message)
      findings[#findings + 1] = { index = index, message = message }
    end)
    if #findings == before then
      local key = server.key(servers[position])
      if seen[key] then
        findings[#findings + 1] = { index = index, message = key .. " stands at index " .. seen[key] .. " already" }
      end
      seen[key] = seen[key] or index
    end
  end
  if #findings > 0 then
    refuse(findings)
  end
  return servers
end
