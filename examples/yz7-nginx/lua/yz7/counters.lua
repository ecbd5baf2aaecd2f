-- What the instance counted since it was started, all workers together.
local _M = {}

local dict = ngx.shared.yz7_counters
-- What this worker has counted and not yet added: upstream -> `sent` or the status of an answer -> number.
local counted = {}

-- Rare things, at once: `name|label|label`.
function _M.add(name, first, second, by)
  if by ~= 0 then
    dict:incr(name .. "|" .. first .. "|" .. (second or ""), by or 1, 0)
  end
end

-- The counters of one upstream's requests; `flush` adds them.
function _M.requests_of(upstream)
  local counts = counted[upstream]
  if not counts then
    counts = {}
    counted[upstream] = counts
  end
  return counts
end

function _M.flush()
  for upstream, counts in pairs(counted) do
    for status, count in pairs(counts) do
      if status == "sent" then
        _M.add("sent", upstream, "", count)
      else
        _M.add("requests", upstream, tostring(status), count)
      end
      counts[status] = nil
    end
  end
end

-- Every counter as `{name, first, second, value}`, sorted.
function _M.all()
  local keys = dict:get_keys(0)
  table.sort(keys)
  local found = {}
  for index, key in ipairs(keys) do
    local name, first, second = key:match("^([^|]*)|(.*)|([^|]*)$")
    found[index] = { name = name, first = first, second = second, value = dict:get(key) or 0 }
  end
  return found
end

return _M
