-- `/status`: which worker has applied what, now or when all have.
local calls = require("yz7.call")
local libc = require("yz7.libc")
local problem = require("yz7.problem")
local state = require("yz7.state")
local workers = require("yz7.workers")

local poll_seconds = 0.005

return function(call)
  local wanted = calls.number_of(call, "min_revision") or 0
  local deadline = libc.monotonic_ms() + calls.duration_of(call, "wait")
  local list = workers.list()
  local lagging = workers.lagging(list, wanted)
  while #lagging > 0 and libc.monotonic_ms() < deadline do
    ngx.sleep(poll_seconds)
    list = workers.list()
    lagging = workers.lagging(list, wanted)
  end
  local body = { revision = state.revision(), workers = workers.describe(list) }
  if #lagging == 0 then
    return { status = 200, body = body }
  end
  body.lagging = lagging
  problem.throw(504, "NOT_APPLIED", "revision " .. wanted .. " is not applied by " .. table.concat(lagging, ", "), {
    retryable = true,
    details = body,
  })
end
