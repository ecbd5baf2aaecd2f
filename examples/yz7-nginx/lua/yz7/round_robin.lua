-- Smooth weighted round robin: every choice raises each one's credit by its weight and takes the sum from the one that is
-- chosen, so that choices of the heavy are spread among those of the light. It repeats itself, so the order is made once
-- where that is cheap, and a choice is one look into it.
local _M = {}

-- Steps that making an order may take.
local most_steps = 50000

local function greatest_common_divisor(a, b)
  while b > 0 do
    a, b = b, a % b
  end
  return a
end

-- The index that the credits choose, or nil. `weight_of(value, weight)` may lower a weight; 0 leaves the item out.
local function step(round, weight_of)
  local credits = round.credits
  local best, most, sum = nil, -math.huge, 0
  for index, value in ipairs(round.values) do
    local weight = weight_of and weight_of(value, round.weights[index]) or round.weights[index]
    if weight > 0 then
      local credit = credits[index] + weight
      sum, credits[index] = sum + weight, credit
      if credit > most then
        best, most = index, credit
      end
    end
  end
  if best then
    credits[best] = most - sum
  end
  return best
end

local function order_of(round)
  local sum, divisor = 0, 0
  for _, weight in ipairs(round.weights) do
    sum, divisor = sum + weight, greatest_common_divisor(weight, divisor)
  end
  local length = sum / divisor
  if #round.values == 0 or length * #round.values > most_steps then
    return nil
  end
  local order = {}
  for index = 1, length do
    order[index] = round.values[step(round)]
  end
  return order
end

-- `items`: {weight, value} each. Begins anywhere, or the first would be every worker's first, after every change.
function _M.new(items)
  local round = { values = {}, weights = {}, credits = {} }
  for _, item in ipairs(items) do
    if item.weight > 0 then
      local index = #round.values + 1
      round.values[index], round.weights[index], round.credits[index] = item.value, item.weight, 0
    end
  end
  round.order = order_of(round)
  round.length = round.order and #round.order or 0
  round.at = round.order and math.random(round.length) or 0
  for index, weight in ipairs(round.weights) do
    round.credits[index] = math.random() * weight
  end
  return round
end

-- The next value, with weights as `weight_of` says; nil when none has any.
function _M.next_weighted(round, weight_of)
  return round.values[step(round, weight_of)]
end

-- The next value, or nil. Without a loop in it, so that LuaJIT makes one trace of all that a request runs through.
function _M.next(round)
  local order = round.order
  if not order then
    return _M.next_weighted(round)
  end
  local at = round.at % round.length + 1
  round.at = at
  return order[at]
end

return _M
