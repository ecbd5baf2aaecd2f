-- `/watch?since=R`: what changed after R, a line each, and then what changes.
local calls = require("yz7.call")
local config = require("yz7.config")
local json = require("yz7.json")
local libc = require("yz7.libc")
local problem = require("yz7.problem")
local state = require("yz7.state")

-- A line without a change shows both sides that the other one is there.
local quiet_ms = 10000

local function send(event)
  return ngx.print(json.encode(event) .. "\n") and ngx.flush(true)
end

local function send_new(since, head)
  for revision = since + 1, head do
    local event = state.event(revision)
    -- The reader was too slow: it asks again, and is told to read everything.
    if not event or not send(event) then
      return false
    end
  end
  return true
end

local function stream(since)
  local last_ms = libc.monotonic_ms()
  while not ngx.worker.exiting() do
    local head = state.revision()
    if head > since then
      if not send_new(since, head) then
        return
      end
      since, last_ms = head, libc.monotonic_ms()
    elseif libc.monotonic_ms() - last_ms > quiet_ms then
      if not send({ type = "bookmark", revision = head }) then
        return
      end
      last_ms = libc.monotonic_ms()
    end
    ngx.sleep(config.poll_seconds)
  end
end

return function(call)
  local since = calls.number_of(call, "since")
  if not since then
    problem.bad_request("since is absent; it must be the revision that you have read")
  end
  if not state.has_events_since(since) then
    problem.throw(410, "GONE", "the changes since revision " .. since .. " are not kept; read everything again", {
      details = { revision = state.revision() },
    })
  end
  ngx.header["Content-Type"] = "application/x-ndjson"
  ngx.header["X-Store"] = state.meta("store_id")
  ngx.send_headers()
  ngx.flush(true)
  stream(since)
end
