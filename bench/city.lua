-- One of a city's loads for wrk, at a rate. Arguments: which, requests a second of each connection, the file of the parents'
-- tokens, children and cursors, pupils, grades a delivery, the day, a tag of the run.
local threads, counter, families = 0, 0, {}

function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

function init(args)
  kind, rate, pupils, size, day, tag = args[1], tonumber(args[2]), tonumber(args[4]), tonumber(args[5]), args[6], args[7]
  for line in io.lines(args[3]) do
    local token, child, cursor = line:match("(%S+) (%S+) (%S+)")
    families[#families + 1] = {token = token, child = child, cursor = cursor}
  end
  math.randomseed(#kind * 7 + place)
end

-- Between two requests of a connection, drawn so that they do not keep step.
function delay()
  return math.floor(1000 * -math.log(1 - math.random()) / rate)
end

local function delivery()
  counter = counter + 1
  local group, subject, items = math.random(0, math.floor(pupils / 28) - 1), math.random(0, 9), {}
  for n = 1, size do
    items[n] = string.format(
      '{"externalId":"%s-%d-%d","studentExternalId":"p-%d","courseExternalId":"k-2026-%d-%d","kind":"formative","points":%d,"maxPoints":10,"gradedOn":"%s"}',
      tag, counter, n, group * 28 + n - 1, group, subject, math.random(1, 10), day)
  end
  return wrk.format("PUT", "/v1/schools/1/grades", nil, '{"items":[' .. table.concat(items, ",") .. "]}")
end

function request()
  if kind == "write" then return delivery() end
  local family = families[math.random(1, #families)]
  local headers = {Authorization = "Bearer " .. family.token}
  if kind == "diary" then return wrk.format("GET", "/v1/children/" .. family.child .. "/diary", headers) end
  return wrk.format("GET", "/v1/changes?after=" .. family.cursor, headers)
end

dofile("bench/report.lua")
