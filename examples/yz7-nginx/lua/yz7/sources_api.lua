-- `/upstreams/{name}/sources…` and `/sources/{source}…`.
local calls = require("yz7.call")
local check = require("yz7.check_resource")
local check_servers = require("yz7.check_server")
local counters = require("yz7.counters")
local json = require("yz7.json")
local mirror = require("yz7.mirror")
local problem = require("yz7.problem")
local server = require("yz7.server")
local source_writes = require("yz7.source_writes")
local state = require("yz7.state")
local store = require("yz7.store")
local tokens = require("yz7.tokens")

local _M = {}

-- So many lines of a bulk write share one flush; others come in between.
local lines_a_commit = 100

local function content_of(entry)
  return {
    upstream = entry.upstream,
    source = entry.source,
    revision = entry.revision,
    generation = entry.generation,
    digest = entry.digest,
    servers = entry.servers,
    force = entry.force,
  }
end

local function summary_of(entry)
  local summary = content_of(entry)
  summary.servers, summary.force = #entry.servers, nil
  return summary
end

local function tags(entry)
  return { ETag = '"' .. entry.revision .. '"', ["X-Digest"] = entry.digest }
end

local function present_entry(upstream, source)
  local entry = state.read(state.source_key(upstream, source))
  return entry and not entry.deleted and entry or nil
end

-- What one source has in these upstreams, through `read` and `show`.
local function entries_of(source, upstreams, read, show)
  local shown = json.array()
  for _, upstream in ipairs(upstreams) do
    local entry = read(state.source_key(upstream, source))
    if entry and not entry.deleted then
      shown[#shown + 1] = show(entry)
    end
  end
  return shown
end

-- Counts what comes of a write: accepted, unchanged, or the code of the refusal.
local function counted(name, source, work)
  local ok, answer, changed = pcall(work)
  if ok then
    counters.add(name, source, changed and "accepted" or "unchanged")
    return answer
  end
  if problem.is(answer) then
    counters.add(name, source, answer.code)
  end
  error(answer, 0)
end

function _M.list(upstream)
  if not mirror.upstreams[upstream] then
    problem.not_found("upstream " .. upstream)
  end
  local sources = json.array()
  for _, source in ipairs(mirror.names_in(mirror.sources_of[upstream])) do
    local entry = present_entry(upstream, source)
    if entry then
      sources[#sources + 1] = summary_of(entry)
    end
  end
  return { status = 200, body = { upstream = upstream, sources = sources } }
end

local function request_of(upstream, source, body, is_deletion, conditions)
  local servers = not is_deletion and check_servers(body.servers) or nil
  return {
    upstream = upstream,
    source = source,
    generation = body.generation,
    servers = servers,
    no_servers = json.array(),
    digest = server.digest(servers or {}),
    force = check.force(body.force),
    if_match = conditions.if_match,
    if_none_match = conditions.if_none_match,
  }
end

local function result_of(request, written)
  counters.add("undrained", request.source, "", written.undrained)
  return {
    revision = written.entry.revision,
    generation = written.entry.generation,
    digest = written.entry.digest,
    changed = written.changed,
    added = written.added,
    removed = written.removed,
  }
end

local function write(call, upstream, source)
  check.upstream_name(upstream)
  check.source_name(source)
  tokens.check_source(call.caller, source)
  local is_deletion = call.method == "DELETE"
  local fields = is_deletion and { "generation", "force" } or { "generation", "servers", "force" }
  local body = check.object(calls.body(), "the body", fields)
  local request = request_of(upstream, source, body, is_deletion, call)
  local written = store.commit(function(tx)
    return source_writes.write(tx, request)
  end)
  local answer = {
    status = written.is_new and 201 or 200,
    body = result_of(request, written),
    headers = tags(written.entry),
  }
  return answer, written.changed
end

function _M.one(call, upstream, source)
  if call.method ~= "GET" then
    return counted("writes", source, function()
      return write(call, upstream, source)
    end)
  end
  local entry = present_entry(upstream, source)
  if not entry then
    problem.not_found("source " .. source .. " in upstream " .. upstream)
  end
  return { status = 200, body = content_of(entry), headers = tags(entry) }
end

function _M.claim(call, source)
  return counted("claims", source, function()
    check.source_name(source)
    tokens.check_source(call.caller, source)
    local body = check.object(calls.body(), "a claim", { "generation", "writer" })
    local writer = check.text(body.writer, "writer")
    local claimed = store.commit(function(tx)
      local claimed = source_writes.claim(tx, source, body.generation, writer)
      claimed.upstreams = entries_of(source, tx:upstreams_of(source), function(key)
        return tx:read(key)
      end, summary_of)
      return claimed
    end)
    local former = claimed.former or { generation = "0", writer = "" }
    local answer = {
      source = source,
      generation = body.generation,
      writer = writer,
      former = { generation = former.generation, writer = former.writer },
      upstreams = claimed.upstreams,
    }
    return { status = 200, body = answer }, claimed.changed
  end)
end

-- Every upstream of one source, a line each.
function _M.all(source)
  local upstreams = mirror.names_in(mirror.upstreams_of[source])
  local lines = entries_of(source, upstreams, state.read, function(entry)
    return json.encode(content_of(entry)) .. "\n"
  end)
  return { status = 200, body = table.concat(lines), headers = { ["Content-Type"] = "application/x-ndjson" } }
end

local function line_request(text, source)
  local body = check.object(calls.parsed(text), "a line", { "upstream", "generation", "servers", "force" })
  local upstream = check.upstream_name(check.text(body.upstream, "upstream"))
  return request_of(upstream, source, body, false, {})
end

-- One line's outcome: `ok, result or error`, as pcall gives it.
local function line_answer(source, request, ok, result)
  local body
  if ok then
    counters.add("writes", source, result.changed and "accepted" or "unchanged")
    body = result_of(request, result)
    body.status = result.is_new and 201 or 200
  else
    if not problem.is(result) then
      error(result, 0)
    end
    counters.add("writes", source, result.code)
    body = problem.body(result)
    body.status = result.status
  end
  body.upstream = request and request.upstream
  return json.encode(body) .. "\n"
end

local function write_lines(source, texts, from, to, answers)
  local requests, outcomes = {}, {}
  for index = from, to do
    local ok, request = pcall(line_request, texts[index], source)
    requests[index], outcomes[index] = ok and request or nil, { ok, request }
  end
  store.commit(function(tx)
    for index = from, to do
      if requests[index] then
        outcomes[index] = { pcall(source_writes.write, tx, requests[index]) }
      end
    end
  end)
  for index = from, to do
    answers[index] = line_answer(source, requests[index], outcomes[index][1], outcomes[index][2])
  end
end

-- A bulk write: one line a source write, one line an answer. Not atomic across upstreams.
function _M.patch(call, source)
  check.source_name(source)
  tokens.check_source(call.caller, source)
  local texts, answers = {}, {}
  for text in calls.body_text():gmatch("[^\n]+") do
    texts[#texts + 1] = text
  end
  for from = 1, #texts, lines_a_commit do
    write_lines(source, texts, from, math.min(#texts, from + lines_a_commit - 1), answers)
  end
  return { status = 200, body = table.concat(answers), headers = { ["Content-Type"] = "application/x-ndjson" } }
end

return _M
