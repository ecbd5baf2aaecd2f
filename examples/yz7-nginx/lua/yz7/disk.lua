-- The store's files: `snapshot` and the logs that go on after it, `log-N`, all of lines `key TAB json`. Uses nothing of
-- nginx, so that it also runs in a worker's thread, where waiting for the disk stops no request.
local libc = require("yz7.libc")

local _M = {}

local header = "yz7-store"

local function log_path(dir, number)
  return dir .. "/log-" .. number
end

local function read_file(path)
  local file, err, code = io.open(path, "rb")
  if not file then
    return nil, err, code
  end
  local text = file:read("*a")
  file:close()
  return text
end

-- Calls `each(key, json)` for every whole line; returns how many bytes they are, or nil and the damage. What stands
-- after the last newline was never acknowledged.
local function each_line(path, text, first, each)
  local at, line = first, 1
  while true do
    local stop = text:find("\n", at, true)
    if not stop then
      return at - 1
    end
    local key, json = text:sub(at, stop - 1):match("^(%l/[^\t]+)\t(.*)$")
    if not key then
      return nil, path .. ": line " .. line .. " is damaged before the log's end"
    end
    each(key, json)
    at, line = stop + 1, line + 1
  end
end

local function write_whole(path, parts)
  local fd, err = libc.create(path)
  if not fd then
    return nil, err
  end
  local ok
  for _, part in ipairs(parts) do
    ok, err = libc.write(fd, part)
    if not ok then
      break
    end
  end
  if ok then
    ok, err = libc.flush(fd)
  end
  libc.close(fd)
  return ok, err
end

local function write_snapshot(dir, id, number, revision, body)
  local temporary = dir .. "/snapshot.new"
  local ok, err = write_whole(temporary, { header .. " " .. id .. " " .. number .. " " .. revision .. "\n", body })
  if ok then
    ok, err = libc.rename(temporary, dir .. "/snapshot")
  end
  if ok then
    ok, err = libc.flush_folder(dir)
  end
  return ok, err
end

-- The snapshot's store id, the number of the first log after it, the revision that it has at least, its text and where
-- its lines begin.
local function read_snapshot(dir)
  local path = dir .. "/snapshot"
  local text, err, code = read_file(path)
  if not text then
    return nil, err, code
  end
  local id, number, revision, first = text:match("^yz7%-store (%S+) (%d+) (%d+)\n()")
  if not id or text:sub(-1) ~= "\n" then
    return nil, path .. " is damaged"
  end
  return { id = id, log = tonumber(number), revision = tonumber(revision), text = text, first = first }
end

local function open_or_make_log(path)
  local fd, err, code = libc.open_append(path)
  if not fd and code == libc.ENOENT then
    fd, err = libc.create(path)
  end
  return fd, err
end

-- Reads the whole store, making it when there is none. Answers its id, the log to append to and that log's size.
function _M.load(dir, new_id, each)
  local ok, err = libc.make_folder(dir)
  if not ok then
    return nil, err
  end
  local snapshot, problem, code = read_snapshot(dir)
  if not snapshot and code == libc.ENOENT then
    ok, problem = write_snapshot(dir, new_id, 1, 0, "")
    snapshot = ok and read_snapshot(dir)
  end
  if not snapshot then
    return nil, problem
  end
  ok, err = each_line(dir .. "/snapshot", snapshot.text, snapshot.first, each)
  local number, size = snapshot.log, 0
  while ok do
    local text = read_file(log_path(dir, number))
    if text then
      ok, err = each_line(log_path(dir, number), text, 1, each)
      size = ok
    end
    if not ok or not read_file(log_path(dir, number + 1)) then
      break
    end
    number = number + 1
  end
  if not ok then
    return nil, err
  end
  local fd
  fd, err = open_or_make_log(log_path(dir, number))
  ok = fd and libc.truncate(fd, size) and libc.flush(fd) and libc.flush_folder(dir)
  if fd then
    libc.close(fd)
  end
  return ok and { id = snapshot.id, log = number, size = size, revision = snapshot.revision }, err
end

-- Appends to a log that has exactly `size` bytes and waits until the disk has it. Answers the new size; or nil, why,
-- and the size that the log has when it is another one: a process died between the disk and the shared memory.
function _M.append(dir, number, size, text)
  local fd, err = libc.open_append(log_path(dir, number))
  if not fd then
    return nil, err
  end
  local present = libc.size(fd)
  if present ~= size then
    libc.close(fd)
    return nil, log_path(dir, number) .. " has " .. present .. " bytes, not " .. size, present
  end
  local ok
  ok, err = libc.write(fd, text)
  if ok then
    ok, err = libc.flush(fd)
  end
  if not ok then
    libc.truncate(fd, size)
  end
  libc.close(fd)
  return ok and size + #text, err
end

-- Reads what stands in a log after `size` bytes, cuts a torn line off, and answers the new size.
function _M.read_tail(dir, number, size, each)
  local path = log_path(dir, number)
  local text, err = read_file(path)
  if not text then
    return nil, err
  end
  if #text < size then
    return nil, path .. " is shorter than what was written to it"
  end
  local whole
  whole, err = each_line(path, text, size + 1, each)
  if not whole then
    return nil, err
  end
  local fd
  fd, err = libc.open_append(path)
  local ok = fd and libc.truncate(fd, whole) and libc.flush(fd)
  if fd then
    libc.close(fd)
  end
  return ok and whole, err
end

function _M.begin_log(dir, number)
  local fd, err = libc.create(log_path(dir, number))
  if not fd then
    return nil, err
  end
  libc.close(fd)
  return libc.flush_folder(dir)
end

-- Makes one snapshot of the present one and the logs before `number`, of each key the last line. Deleted resources go;
-- only a source leaves its generation behind. `revision` is the store's, which a deletion may have raised last.
function _M.compact(dir, number, revision)
  local snapshot, err = read_snapshot(dir)
  if not snapshot then
    return nil, err
  end
  local last, order = {}, {}
  local function keep(key, json)
    if not last[key] then
      order[#order + 1] = key
    end
    last[key] = json
  end
  local ok
  ok, err = each_line(dir .. "/snapshot", snapshot.text, snapshot.first, keep)
  for log = snapshot.log, number - 1 do
    local text = ok and read_file(log_path(dir, log))
    if text then
      ok, err = each_line(log_path(dir, log), text, 1, keep)
    end
  end
  if not ok then
    return nil, err
  end
  local lines = {}
  for _, key in ipairs(order) do
    local is_source = key:sub(1, 2) == "s/"
    if is_source or last[key]:sub(1, 16) ~= '{"deleted":true,' then
      lines[#lines + 1] = key .. "\t" .. last[key] .. "\n"
    end
  end
  ok, err = write_snapshot(dir, snapshot.id, number, revision, table.concat(lines))
  if not ok then
    return nil, err
  end
  for log = snapshot.log, number - 1 do
    libc.remove(log_path(dir, log))
  end
  return true
end

return _M
