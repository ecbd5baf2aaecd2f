-- A worker process from its start: loads the store, registers itself, and then follows the revision.
local config = require("yz7.config")
local counters = require("yz7.counters")
local health = require("yz7.health")
local mirror = require("yz7.mirror")
local store = require("yz7.store")
local workers = require("yz7.workers")

local _M = {}

local reopen_seconds = 1

local function follow()
  mirror.sync()
  health.follow()
  counters.flush()
end

local function follow_for_ever(premature)
  if premature then
    -- The last word of an exiting worker: it takes no new request.
    return workers.register()
  end
  local ok, err = pcall(follow)
  workers.note_error(not ok and tostring(err) or nil)
  ngx.timer.at(config.poll_seconds, follow_for_ever)
end

local function open()
  local ok, err = store.open()
  if not ok then
    ngx.log(ngx.EMERG, "the store in ", config.store_dir, " can't be loaded: ", err)
    workers.note_error(tostring(err))
    return false
  end
  mirror.on_applied(workers.register)
  mirror.sync()
  workers.register()
  ngx.timer.at(0, follow_for_ever)
  health.start()
  return true
end

local function open_again(premature)
  if not premature and not open() then
    ngx.timer.at(reopen_seconds, open_again)
  end
end

function _M.start()
  math.randomseed(ngx.now() * 1000 + ngx.worker.pid())
  -- The routing must be there before the first request.
  require("yz7.data_plane")
  if not open() then
    ngx.timer.at(reopen_seconds, open_again)
  end
end

function _M.stop()
  counters.flush()
end

return _M
