-- Active health checks of the upstreams that ask for them. One worker checks for all; what it finds is shared, and a
-- server that failed is left out as long as another one is well.
local mirror = require("yz7.mirror")

local _M = {}

local dict = ngx.shared.yz7_health
local tick_seconds = 0.1
-- How long the checking worker may be silent before another one takes over.
local lease_seconds = 2
-- A finding is forgotten when nobody has renewed it for so many intervals.
local kept_intervals = 20

-- upstream -> when its next check begins
local due = {}
-- upstream and server -> checks in a row that said the same: above 0 well, below 0 not
local runs = {}
local seen_revision = 0

local function mark_of(upstream, key)
  return upstream .. "|" .. key
end

function _M.is_down(upstream, key)
  return dict:get(mark_of(upstream, key)) ~= nil
end

local function is_well(server, health)
  local socket = ngx.socket.tcp()
  socket:settimeout(health.timeoutMs)
  local host = server.ip:find(":", 1, true) and "[" .. server.ip .. "]" or server.ip
  if not socket:connect(host, server.port) then
    return false
  end
  local request = "GET " .. health.path .. " HTTP/1.1\r\nHost: " .. server.address .. "\r\nConnection: close\r\n\r\n"
  local line = socket:send(request) and socket:receive("*l")
  socket:close()
  return line and line:find("^HTTP/1%.%d [23]%d%d") ~= nil or false
end

local function note(upstream, server, health, well)
  local mark = mark_of(upstream, server.key)
  local run = runs[mark] or 0
  run = well and math.max(run, 0) + 1 or math.min(run, 0) - 1
  runs[mark] = run
  local was_down = dict:get(mark) ~= nil
  local is_down = run <= -health.fall or (was_down and run < health.rise)
  if is_down then
    dict:set(mark, true, kept_intervals * math.max(1, health.intervalMs / 1000))
  elseif was_down then
    dict:delete(mark)
  end
  if is_down ~= was_down then
    dict:incr("revision", 1, 0)
  end
end

local function check(premature, upstream, health)
  if premature then
    return
  end
  local threads = {}
  for _, server in ipairs(mirror.view(upstream).servers) do
    if server.state == "up" then
      threads[#threads + 1] = ngx.thread.spawn(function()
        note(upstream, server, health, is_well(server, health))
      end)
    end
  end
  for _, thread in ipairs(threads) do
    ngx.thread.wait(thread)
  end
end

local function is_checker()
  local pid = ngx.worker.pid()
  if dict:get("checker") ~= pid and not dict:add("checker", pid, lease_seconds) then
    return false
  end
  dict:set("checker", pid, lease_seconds)
  return true
end

local function check_due()
  local now = ngx.now()
  for upstream, settings in pairs(mirror.upstreams) do
    local health = settings.health
    if health and (due[upstream] or 0) <= now then
      due[upstream] = now + health.intervalMs / 1000
      ngx.timer.at(0, check, upstream, health)
    end
  end
end

-- To be called often: what another worker found changes what this one chooses among.
function _M.follow()
  local revision = dict:get("revision") or 0
  if revision == seen_revision then
    return
  end
  seen_revision = revision
  for upstream, settings in pairs(mirror.upstreams) do
    if settings.health then
      mirror.forget(upstream)
    end
  end
end

function _M.start()
  ngx.timer.every(tick_seconds, function(premature)
    if not premature and mirror.has_checks and is_checker() then
      check_due()
    end
  end)
end

return _M
