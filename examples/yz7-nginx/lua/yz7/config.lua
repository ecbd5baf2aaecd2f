-- The instance's settings: what nginx.conf gives, and the tokens of their file.
local sha256 = require("yz7.sha256")

local _M = {
  name = "yz7",
  idc = "",
  store_dir = "",
  max_shrink_ratio = 0.5,
  -- Writes that may wait in one worker; more are answered 429.
  max_pending_writes = 1000,
  body_limit_bytes = 4 * 1024 * 1024,
  -- The log is made into a snapshot when it is larger than this.
  compact_bytes = 8 * 1024 * 1024,
  -- Whether each answer is counted by its status and its time measured.
  measures_answers = false,
  -- A worker looks for a new revision this often, and with every request.
  poll_seconds = 0.02,
  -- So many revisions are kept for /watch.
  kept_events = 10000,
  -- sha256 of a token -> patterns of the sources that it may write.
  tokens = {},
}

local function read_tokens(path)
  local file, err = io.open(path, "rb")
  if not file then
    error("the tokens can't be read: " .. err)
  end
  local entries = require("yz7.json").decode(file:read("*a"))
  file:close()
  local tokens = {}
  for _, entry in ipairs(type(entries) == "table" and entries or {}) do
    if type(entry.token) ~= "string" or entry.token == "" or type(entry.sources) ~= "table" then
      error(path .. ' must hold [{"token": "…", "sources": ["k8s.bc.*"]}]')
    end
    tokens[sha256(entry.token)] = entry.sources
  end
  return tokens
end

function _M.load(options)
  for key, value in pairs(options) do
    _M[key] = value
  end
  _M.tokens = read_tokens(options.tokens_file)
end

return _M
