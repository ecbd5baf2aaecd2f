-- What neither LuaJIT nor nginx offers of the operating system: files that are flushed, locks, clocks.
local ffi = require("ffi")

ffi.cdef([[
int open(const char *path, int flags, int mode);
int close(int fd);
ssize_t write(int fd, const void *bytes, size_t count);
int fsync(int fd);
int fdatasync(int fd);
int ftruncate(int fd, int64_t length);
int64_t lseek(int fd, int64_t offset, int whence);
int rename(const char *from, const char *to);
int unlink(const char *path);
int mkdir(const char *path, unsigned int mode);
int flock(int fd, int operation);
int usleep(unsigned int microseconds);
int inet_pton(int family, const char *text, void *address);
char *strerror(int code);
typedef struct { long seconds; long nanoseconds; } yz7_timespec;
int clock_gettime(int clock, yz7_timespec *time);
]])

local C = ffi.C
local O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_DIRECTORY, O_CLOEXEC = 1, 2, 64, 512, 1024, 65536, 524288
local SEEK_END = 2
local LOCK_EX, LOCK_NB, LOCK_UN = 2, 4, 8
local CLOCK_MONOTONIC = 1
local ENOENT, EEXIST, EINTR = 2, 17, 4

local _M = { ENOENT = ENOENT }

local function failure(what)
  local code = ffi.errno()
  return nil, what .. ": " .. ffi.string(C.strerror(code)), code
end

local function open(path, flags)
  local fd = C.open(path, bit.bor(flags, O_CLOEXEC), 384)
  if fd < 0 then
    return failure(path)
  end
  return fd
end

function _M.open_append(path)
  return open(path, bit.bor(O_WRONLY, O_APPEND))
end

function _M.create(path)
  return open(path, bit.bor(O_WRONLY, O_CREAT, O_TRUNC))
end

function _M.open_lock(path)
  return open(path, bit.bor(O_RDWR, O_CREAT))
end

function _M.close(fd)
  C.close(fd)
end

function _M.size(fd)
  return tonumber(C.lseek(fd, 0, SEEK_END))
end

function _M.write(fd, text)
  local at, left = ffi.cast("const char *", text), #text
  while left > 0 do
    local written = tonumber(C.write(fd, at, left))
    if written >= 0 then
      at, left = at + written, left - written
    elseif ffi.errno() ~= EINTR then
      return failure("write")
    end
  end
  return true
end

function _M.flush(fd)
  if C.fdatasync(fd) ~= 0 then
    return failure("fdatasync")
  end
  return true
end

function _M.truncate(fd, length)
  if C.ftruncate(fd, length) ~= 0 then
    return failure("ftruncate")
  end
  return true
end

function _M.rename(from, to)
  if C.rename(from, to) ~= 0 then
    return failure("rename " .. from)
  end
  return true
end

function _M.remove(path)
  return C.unlink(path) == 0
end

function _M.make_folder(path)
  if C.mkdir(path, 448) ~= 0 and ffi.errno() ~= EEXIST then
    return failure(path)
  end
  return true
end

-- A new or renamed file is only durable when its folder is.
function _M.flush_folder(path)
  local fd, err = open(path, O_DIRECTORY)
  if not fd then
    return nil, err
  end
  local done = C.fsync(fd) == 0
  C.close(fd)
  return done or failure("fsync " .. path)
end

function _M.try_lock(fd)
  return C.flock(fd, bit.bor(LOCK_EX, LOCK_NB)) == 0
end

function _M.unlock(fd)
  C.flock(fd, LOCK_UN)
end

function _M.pause_ms(ms)
  C.usleep(ms * 1000)
end

local time = ffi.new("yz7_timespec")

-- A clock that never jumps, the same in every process of this machine.
function _M.monotonic_ms()
  C.clock_gettime(CLOCK_MONOTONIC, time)
  return tonumber(time.seconds) * 1000 + math.floor(tonumber(time.nanoseconds) / 1e6)
end

local AF_INET, AF_INET6 = 2, 10

-- The bytes of an address, or nil.
function _M.address_bytes(text, is_ipv6)
  local bytes = ffi.new("uint8_t[16]")
  if C.inet_pton(is_ipv6 and AF_INET6 or AF_INET, text, bytes) == 1 then
    return bytes
  end
end

return _M
