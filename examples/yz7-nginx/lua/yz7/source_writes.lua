-- Decides about claims and about writes of sources. Each decision is made at one moment, within a transaction.
local generations = require("yz7.generation")
local guards = require("yz7.guards")
local problem = require("yz7.problem")
local server = require("yz7.server")
local state = require("yz7.state")

local _M = {}

-- Throws 412 unless the resource's present revision (nil: it does not exist) meets the request's conditions.
function _M.check_preconditions(conditions, revision)
  local function holds(text)
    for tag in text:gmatch("[^,%s]+") do
      if revision and (tag == "*" or tag == '"' .. revision .. '"') then
        return true
      end
    end
    return false
  end
  local function refuse(header, text)
    local present = revision and "its revision is " .. revision or "it does not exist"
    local message = header .. " is " .. text .. "; " .. present
    problem.throw(412, "REVISION_MISMATCH", message, { details = { revision = revision } })
  end
  if conditions.if_match and not holds(conditions.if_match) then
    refuse("If-Match", conditions.if_match)
  end
  if conditions.if_none_match and holds(conditions.if_none_match) then
    refuse("If-None-Match", conditions.if_none_match)
  end
end

local function refuse_claim(code, message, claim)
  problem.throw(409, code, message, { details = { claim = claim.generation, writer = claim.writer } })
end

-- Sets the least generation of a source. Answers the claim before and whether that changed.
function _M.claim(tx, source, text, writer)
  local generation = generations.parse(text)
  local key = "c/" .. source
  local former = tx:read(key)
  if not former or generation > generations.parse(former.generation) then
    tx:stage(key, { source = source, generation = text, writer = writer })
    return { former = former, changed = true }
  end
  if generation < generations.parse(former.generation) then
    refuse_claim(
      "STALE_GENERATION",
      source .. " is claimed by " .. former.writer .. " with " .. former.generation,
      former
    )
  end
  if writer ~= former.writer then
    refuse_claim("CLAIM_CONFLICT", former.writer .. " has claimed " .. source .. " with the same generation", former)
  end
  return { former = former, changed = false }
end

local function check_claim(tx, source, generation)
  local claim = tx:read("c/" .. source)
  if not claim then
    problem.throw(428, "UNCLAIMED", "nobody has claimed " .. source .. "; POST its claim first")
  end
  if generation < generations.parse(claim.generation) then
    local message = source .. " is claimed by " .. claim.writer .. " with " .. claim.generation
    refuse_claim("STALE_GENERATION", message, claim)
  end
end

local function keys_of(servers)
  local keys = {}
  for _, each in ipairs(servers) do
    keys[server.key(each)] = true
  end
  return keys
end

local function count_missing(servers, others)
  local known, missing = keys_of(others), 0
  for _, each in ipairs(servers) do
    if not known[server.key(each)] then
      missing = missing + 1
    end
  end
  return missing
end

local function count_undrained(present, servers)
  local known, count = keys_of(servers), 0
  for _, each in ipairs(present) do
    if each.state == "up" and not known[server.key(each)] then
      count = count + 1
    end
  end
  return count
end

-- A write that is not newer than what stands there. True when it is the very same; throws otherwise.
local function is_repeated(request, generation, stored, digest)
  local stored_generation = generations.parse(stored.generation)
  if generation > stored_generation then
    return false
  end
  local is_deletion = request.servers == nil
  if generation == stored_generation and digest == stored.digest and is_deletion == stored.deleted then
    return true
  end
  local details = { generation = stored.generation, digest = stored.digest }
  if generation < stored_generation then
    local message = request.source .. " in " .. request.upstream .. " has generation " .. stored.generation
    problem.throw(409, "STALE_GENERATION", message, { details = details })
  end
  _M.check_preconditions(request, not stored.deleted and stored.revision or nil)
  local message = "generation " .. request.generation .. " was used for other servers"
  problem.throw(409, "GENERATION_CONFLICT", message, { details = details })
end

-- When each server began to serve that still has its slow start, in milliseconds by its key; nil when none has.
local function slow_starts(tx, upstream, former, servers)
  local settings = tx:read("u/" .. upstream)
  local slow_start_ms = settings and settings.settings and settings.settings.slowStartMs or 0
  if slow_start_ms == 0 then
    return nil
  end
  local served, since, now = {}, nil, math.floor(ngx.now() * 1000)
  for _, each in ipairs(former and former.servers or {}) do
    if server.is_serving(each) then
      local key = server.key(each)
      served[key] = former.since and former.since[key] or 0
    end
  end
  for _, each in ipairs(servers) do
    local key = server.key(each)
    local began = served[key] or now
    if server.is_serving(each) and now - began < slow_start_ms then
      since = since or {}
      since[key] = began
    end
  end
  return since
end

local function create_upstream(tx, name, revision)
  local key = "u/" .. name
  local present = tx:read(key)
  if not present or present.deleted then
    local settings = { lb = "round_robin", slowStartMs = 0 }
    tx:stage(key, { deleted = false, name = name, revision = revision, settings = settings })
  end
end

-- Replaces one source's servers in one upstream; no servers delete it. `request`: upstream, source, generation, servers,
-- digest, force, if_match, if_none_match.
function _M.write(tx, request)
  local upstream, source = request.upstream, request.source
  local generation = generations.parse(request.generation)
  check_claim(tx, source, generation)
  local key = state.source_key(upstream, source)
  local stored = tx:read(key)
  if stored and is_repeated(request, generation, stored, request.digest) then
    return { entry = stored, changed = false, added = 0, removed = 0, undrained = 0, is_new = false }
  end
  local former = stored and not stored.deleted and stored or nil
  _M.check_preconditions(request, former and former.revision)
  local is_deletion = request.servers == nil
  if is_deletion and not former then
    problem.not_found("source " .. source .. " in upstream " .. upstream)
  end
  local place = source .. " in " .. upstream
  local present, servers = former and former.servers or {}, request.servers or request.no_servers
  if not request.force then
    guards.check(tx.guards, place, present, servers)
  end
  guards.note(tx.guards, place, present, servers)
  local changed = is_deletion or not former or former.digest ~= request.digest
  local entry = {
    upstream = upstream,
    source = source,
    revision = changed and tx:next_revision() or former.revision,
    generation = request.generation,
    digest = request.digest,
    servers = servers,
    deleted = is_deletion,
    force = request.force,
    since = slow_starts(tx, upstream, former, servers),
  }
  if not is_deletion then
    create_upstream(tx, upstream, entry.revision)
  end
  tx:stage(key, entry)
  return {
    entry = entry,
    changed = changed,
    added = count_missing(servers, present),
    removed = count_missing(present, servers),
    undrained = changed and count_undrained(present, servers) or 0,
    is_new = former == nil,
  }
end

return _M
