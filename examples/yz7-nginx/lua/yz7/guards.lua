-- Refuses a write that takes away too many serving servers of one (upstream, source, color, sc) at once, measured
-- against the highest number of the last 60 s. A write that lowers no group's number passes.
local config = require("yz7.config")
local json = require("yz7.json")
local libc = require("yz7.libc")
local problem = require("yz7.problem")
local server = require("yz7.server")

local _M = {}

local dict = ngx.shared.yz7_guards
local window_ms = 60000
-- So many serving servers may be lost at once whatever their share.
local free_loss = 2

local function count_serving(servers)
  local counts = {}
  for _, each in ipairs(servers) do
    if server.is_serving(each) then
      local group = (each.labels.color or "") .. "|" .. (each.labels.sc or "")
      counts[group] = (counts[group] or 0) + 1
    end
  end
  return counts
end

-- The numbers that groups of this place had within the window, each with the moment until which it had it.
local function recent(notes, place, now)
  local text = notes[place] or dict:get(place)
  local kept = {}
  for group, pasts in pairs(text and json.decode_own(text) or {}) do
    kept[group] = {}
    for _, past in ipairs(pasts) do
      if past[2] >= now - window_ms then
        table.insert(kept[group], past)
      end
    end
  end
  return kept
end

local function highest(count, pasts)
  for _, past in ipairs(pasts or {}) do
    count = math.max(count, past[1])
  end
  return count
end

local function check_group(place, group, left, most)
  local color, sc = group:match("^(.*)|(.*)$")
  local options = { details = { color = color, sc = sc, serving = left, highest = most } }
  local what = place .. ' (color "' .. color .. '", sc "' .. sc .. '")'
  if left == 0 then
    problem.throw(409, "EMPTY_GUARD", what .. ": no serving server would be left of " .. most, options)
  end
  if left < most * (1 - config.max_shrink_ratio) and most - left > free_loss then
    local message = what .. ": " .. left .. " of " .. most .. " serving servers would be left"
    problem.throw(409, "SHRINK_GUARD", message, options)
  end
end

-- Notes of a transaction: they count for its later writes, and for everybody once they are kept.
function _M.new_notes()
  return {}
end

-- Throws 409.
function _M.check(notes, place, present, next_servers)
  local pasts = recent(notes, place, libc.monotonic_ms())
  local after = count_serving(next_servers)
  for group, count in pairs(count_serving(present)) do
    local left = after[group] or 0
    if left < count then
      check_group(place, group, left, highest(count, pasts[group]))
    end
  end
end

-- To be called with every accepted write.
function _M.note(notes, place, present, next_servers)
  local now = libc.monotonic_ms()
  local pasts = recent(notes, place, now)
  local after = count_serving(next_servers)
  for group, count in pairs(count_serving(present)) do
    if after[group] ~= count then
      -- Lower counts than the newest can never be the highest again.
      local kept = {}
      for _, past in ipairs(pasts[group] or {}) do
        if past[1] > count then
          kept[#kept + 1] = past
        end
      end
      kept[#kept + 1] = { count, now }
      pasts[group] = kept
    end
  end
  for group, list in pairs(pasts) do
    pasts[group] = json.array(list)
    for index, past in ipairs(list) do
      list[index] = json.array(past)
    end
  end
  notes[place] = json.encode(pasts)
end

function _M.keep(notes)
  for place, text in pairs(notes) do
    dict:set(place, text, window_ms / 1000)
  end
end

return _M
