-- Smooth weighted round robin: every choice raises each one's credit by its weight and takes the sum from the one that is
-- chosen, so that choices of the heavy are spread among those of the light.
local _M = {}

-- `items`: {key, weight, value} each. Takes over the credit of a former round, so that a change of one item does not
-- begin it anew for all.
function _M.new(items, former)
  local round = { count = 0, values = {}, weights = {}, credits = {}, keys = {} }
  local credits = {}
  for index = 1, former and former.count or 0 do
    credits[former.keys[index]] = former.credits[index]
  end
  for _, item in ipairs(items) do
    if item.weight > 0 then
      local index = round.count + 1
      round.count, round.keys[index], round.values[index] = index, item.key, item.value
      round.weights[index], round.credits[index] = item.weight, credits[item.key] or 0
    end
  end
  return round
end

-- `weight_of(value, weight)` may lower a weight for this choice; 0 leaves the item out.
function _M.next(round, weight_of)
  local weights, credits = round.weights, round.credits
  local best, most, sum = 0, -math.huge, 0
  for index = 1, round.count do
    local weight = weights[index]
    if weight_of then
      weight = weight_of(round.values[index], weight)
    end
    if weight > 0 then
      local credit = credits[index] + weight
      sum, credits[index] = sum + weight, credit
      if credit > most then
        best, most = index, credit
      end
    end
  end
  if best == 0 then
    return nil
  end
  credits[best] = most - sum
  return round.values[best]
end

return _M
