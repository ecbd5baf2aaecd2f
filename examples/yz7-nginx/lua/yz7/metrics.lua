-- The Prometheus text of the instance.
local counters = require("yz7.counters")
local mirror = require("yz7.mirror")
local state = require("yz7.state")
local workers = require("yz7.workers")

-- Families of counters, with the names of their labels.
local families = {
  { "sent", "yz7_sent_requests_total", "Requests sent to a server, a second try too.", "upstream" },
  {
    "requests",
    "yz7_requests_total",
    "Requests that the gateway answered itself, and with --measure all that were answered.",
    "upstream",
    "code",
  },
  { "retries", "yz7_retries_total", "Requests sent again to another server.", "upstream" },
  {
    "stale",
    "yz7_stale_connection_retries_total",
    "Requests sent again because a kept connection had been closed.",
    "upstream",
  },
  {
    "connect_failures",
    "yz7_connect_failures_total",
    "Connections that failed before an answer, new or reused ones.",
    "upstream",
    "kind",
  },
  { "no_server", "yz7_no_server_total", "Requests without a server to choose.", "upstream" },
  { "undrained", "yz7_undrained_removals_total", "Servers that were removed while up.", "source" },
  { "writes", "yz7_source_writes_total", "Writes of sources by result.", "source", "result" },
  { "claims", "yz7_claims_total", "Claims of sources by result.", "source", "result" },
}

local function escaped(text)
  return (text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", "\\n"))
end

local function sample(name, value, ...)
  local labels = { ... }
  local pairs_of = {}
  for index = 1, #labels, 2 do
    pairs_of[#pairs_of + 1] = labels[index] .. '="' .. escaped(labels[index + 1]) .. '"'
  end
  return name .. (#pairs_of > 0 and "{" .. table.concat(pairs_of, ",") .. "}" or "") .. " " .. value .. "\n"
end

local function begin(out, name, type, help)
  out[#out + 1] = "# HELP " .. name .. " " .. help .. "\n# TYPE " .. name .. " " .. type .. "\n"
end

local function add_counters(out)
  local all = counters.all()
  for _, family in ipairs(families) do
    local key, name, help, first, second = family[1], family[2], family[3], family[4], family[5]
    begin(out, name, "counter", help)
    for _, counter in ipairs(all) do
      if counter.name == key and second then
        out[#out + 1] = sample(name, counter.value, first, counter.first, second, counter.second)
      elseif counter.name == key then
        out[#out + 1] = sample(name, counter.value, first, counter.first)
      end
    end
  end
end

-- Views are made as they are asked for: between them other requests get their turn.
local function add_servers(out)
  local conflicts = {}
  begin(out, "yz7_servers", "gauge", "Merged servers by state.")
  for index, name in ipairs(mirror.names_in(mirror.upstreams)) do
    local view = mirror.view(name)
    local counts = { up = 0, drain = 0, down = 0 }
    for _, each in ipairs(view.servers) do
      counts[each.state] = counts[each.state] + 1
    end
    for _, each in ipairs({ "up", "drain", "down" }) do
      out[#out + 1] = sample("yz7_servers", counts[each], "upstream", name, "state", each)
    end
    conflicts[#conflicts + 1] = sample("yz7_conflicts", #view.conflicts, "upstream", name)
    if index % 100 == 0 then
      ngx.sleep(0)
    end
  end
  begin(out, "yz7_conflicts", "gauge", "Addresses that several sources have.")
  out[#out + 1] = table.concat(conflicts)
end

return function()
  mirror.sync()
  counters.flush()
  local out = {}
  add_counters(out)
  add_servers(out)
  begin(out, "yz7_revision", "gauge", "Revision of the store.")
  out[#out + 1] = sample("yz7_revision", state.revision())
  begin(out, "yz7_applied_revision", "gauge", "Revision that a worker has applied.")
  for _, worker in ipairs(workers.describe(workers.list())) do
    out[#out + 1] = sample("yz7_applied_revision", worker.appliedRevision, "worker", worker.worker)
  end
  return table.concat(out)
end
