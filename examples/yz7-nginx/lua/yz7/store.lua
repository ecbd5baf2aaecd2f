-- Carries decided writes to the disk and then to the workers. One worker at a time writes: the lock is the kernel's, on
-- a file, so that a worker that dies lets it go. Writes that wait in one worker share one flush.
local config = require("yz7.config")
local disk = require("yz7.disk")
local json = require("yz7.json")
local libc = require("yz7.libc")
local mirror = require("yz7.mirror")
local guards = require("yz7.guards")
local problem = require("yz7.problem")
local semaphore = require("ngx.semaphore")
local state = require("yz7.state")
local transaction = require("yz7.transaction")

local _M = {}

local lock_deadline_seconds = 10
local answer_deadline_seconds = 30
-- One snapshot is made at a time; a process that died over it holds others up for so long.
local compact_deadline_seconds = 300
local threads = "yz7"
local lock_fd
local queue = {}
local is_draining = false

local function uuid()
  local file = assert(io.open("/dev/urandom", "rb"))
  local hex = file:read(16):gsub(".", function(byte)
    return string.format("%02x", byte:byte())
  end)
  file:close()
  return (hex:gsub("^(........)(....).(...).(...)(............)$", "%1-%2-4%3-a%4-%5"))
end

-- What /watch tells of a change, and what tells the workers what to read again.
local function event_of(key, entry)
  local kind, name, source = key:match("^(%l)/([^/]+)/?(.*)$")
  local event = { revision = entry.revision, at = math.floor(ngx.now() * 1000) }
  if kind == "s" then
    event.type, event.upstream, event.source = "source", name, source
    event.generation, event.digest, event.servers = entry.generation, entry.digest, #entry.servers
  elseif kind == "u" then
    event.type, event.upstream = "upstream", name
  elseif kind == "h" then
    event.type, event.chain = "chain", name
  else
    event.type, event.route = "route", name
  end
  event.deleted = entry.deleted == true
  return event
end

-- Lines that are on disk become what everybody sees. The revision comes last.
local function publish(lines, size)
  local head = state.revision()
  local newest = head
  for _, line in ipairs(lines) do
    state.put_text(line.key, line.text)
    local entry = json.decode_own(line.text)
    if entry.revision and entry.revision > head then
      state.put_event(event_of(line.key, entry), config.kept_events)
      newest = math.max(newest, entry.revision)
    end
  end
  state.set_meta("log_size", size)
  state.set_meta("revision", newest)
end

-- A process died after its lines were on disk and before they were in memory: nobody had their answer, but they stand.
local function catch_up()
  local lines = {}
  local size, err = disk.read_tail(
    config.store_dir,
    state.meta("log_number"),
    state.meta("log_size"),
    function(key, text)
      lines[#lines + 1] = { key = key, text = text }
    end
  )
  if not size then
    return nil, err
  end
  publish(lines, size)
  return true
end

local function in_thread(name, ...)
  local ok, result, err, extra = ngx.run_worker_thread(threads, "yz7.disk", name, ...)
  if not ok then
    return nil, result
  end
  return result, err, extra
end

local function text_of(lines)
  local parts, bytes = {}, 0
  for index, line in ipairs(lines) do
    parts[index] = line.key .. "\t" .. line.text .. "\n"
    bytes = bytes + #parts[index] + 256
  end
  return table.concat(parts), bytes
end

-- Answers true; or nil, why, and whether the log has another size than it should.
local function write(tx)
  local lines = tx.changes
  if #lines == 0 then
    return true
  end
  local text, bytes = text_of(lines)
  if not state.has_room(bytes) then
    return nil, "the shared memory of the state is full"
  end
  local size, err, present =
    in_thread("append", config.store_dir, state.meta("log_number"), state.meta("log_size"), text)
  if not size then
    return nil, err, present ~= nil
  end
  publish(lines, size)
  guards.keep(tx.guards)
  return true
end

local function decide_all(jobs)
  mirror.sync()
  local tx = transaction.new()
  for _, job in ipairs(jobs) do
    job.ok, job.result = pcall(job.decide, tx)
  end
  return tx
end

local function settle(jobs)
  local ok, err, is_other_size = write(decide_all(jobs))
  if is_other_size then
    ok, err = catch_up()
    if ok then
      ok, err = write(decide_all(jobs))
    end
  end
  if ok then
    return
  end
  ngx.log(ngx.ERR, "the store can't be written: ", err)
  for _, job in ipairs(jobs) do
    job.ok, job.result = false, problem.store_unavailable("the store can't be written: " .. tostring(err))
  end
end

local function lock()
  local deadline = libc.monotonic_ms() + lock_deadline_seconds * 1000
  while not libc.try_lock(lock_fd) do
    if libc.monotonic_ms() > deadline then
      return nil, "another worker holds the store"
    end
    ngx.sleep(0.001)
  end
  return true
end

local function compact()
  local number, revision = state.meta("log_number"), state.meta("log_revision")
  local ok, err = in_thread("compact", config.store_dir, number, revision)
  state.give_back("compacting")
  if not ok then
    ngx.log(ngx.ERR, "the log can't be made into a snapshot: ", err)
  end
end

-- A new log begins under the lock; the snapshot of the former ones is made beside the writes that go on.
local function begin_log_when_large()
  if state.meta("log_size") < config.compact_bytes or not state.take("compacting", compact_deadline_seconds) then
    return
  end
  local number = state.meta("log_number") + 1
  local ok, err = in_thread("begin_log", config.store_dir, number)
  if not ok then
    ngx.log(ngx.ERR, "a new log can't be begun: ", err)
    return state.give_back("compacting")
  end
  state.set_meta("log_size", 0)
  state.set_meta("log_number", number)
  state.set_meta("log_revision", state.revision())
  ngx.thread.spawn(compact)
end

local function run(jobs)
  local is_locked, why = lock()
  local ok, err = is_locked, why
  if is_locked then
    ok, err = pcall(settle, jobs)
  end
  for _, job in ipairs(jobs) do
    if job.ok == nil or not ok then
      job.ok, job.result = false, problem.store_unavailable(tostring(err))
    end
    job.done:post()
  end
  if is_locked then
    pcall(begin_log_when_large)
    libc.unlock(lock_fd)
  end
end

local function drain()
  is_draining = true
  while queue[1] do
    local jobs = queue
    queue = {}
    run(jobs)
  end
  is_draining = false
end

function _M.is_ready()
  return state.meta("store_id") ~= nil and lock_fd ~= nil
end

-- Has `decide(transaction)` decide at one moment, in which nobody else does, and answers its result once it is on disk.
-- Throws what it throws; 503 when the disk can't have it, 429 when too many wait.
function _M.commit(decide)
  if not _M.is_ready() then
    error(problem.store_unavailable("the store is not loaded"), 0)
  end
  if #queue >= config.max_pending_writes then
    problem.throw(429, "RATE_LIMITED", #queue .. " writes wait already", {
      retryable = true,
      headers = { ["Retry-After"] = "1" },
    })
  end
  local job = { decide = decide, done = semaphore.new() }
  queue[#queue + 1] = job
  if not is_draining then
    drain()
  elseif not job.done:wait(answer_deadline_seconds) then
    error(problem.store_unavailable("the store did not answer in time; the write may still be made"), 0)
  end
  if not job.ok then
    error(job.result, 0)
  end
  return job.result
end

local function load()
  local revision = 0
  local found, err = disk.load(config.store_dir, uuid(), function(key, text)
    state.put_text(key, text)
    revision = math.max(revision, tonumber(text:match('"revision":(%d+)') or 0))
  end)
  if not found then
    return nil, err
  end
  state.set_meta("log_number", found.log)
  state.set_meta("log_size", found.size)
  state.set_meta("revision", math.max(revision, found.revision))
  state.set_meta("store_id", found.id)
  return true
end

-- Loads the store unless another worker has, and waits for that one: nothing can be served before.
function _M.open()
  local ok, err = libc.make_folder(config.store_dir)
  if ok and not lock_fd then
    lock_fd, err = libc.open_lock(config.store_dir .. "/lock")
  end
  if not lock_fd then
    return nil, err
  end
  while not libc.try_lock(lock_fd) do
    libc.pause_ms(1)
  end
  local is_loaded, result, why = true, true, nil
  if not state.meta("store_id") then
    is_loaded, result, why = pcall(load)
  end
  libc.unlock(lock_fd)
  if is_loaded and result then
    return true
  end
  return nil, why or result
end

return _M
