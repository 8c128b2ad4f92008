-- The journal's side for wrk: `PUT .../grades` of new grades, so many a request. Arguments: pupils of a school, schools, grades a request, the day, a tag of the run.
local threads, counter = 0, 0

function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

function init(args)
  pupils, schools, size, day, tag = tonumber(args[1]), tonumber(args[2]), tonumber(args[3]), args[4], args[5]
  math.randomseed(place + 1)
end

local function grade()
  counter = counter + 1
  local pupil, subject = math.random(0, pupils - 1), math.random(0, 9)
  return string.format(
    '{"externalId":"%s-%d-%d","studentExternalId":"p-%d","courseExternalId":"k-2026-%d-%d","kind":"formative","points":%d,"maxPoints":10,"gradedOn":"%s"}',
    tag, place, counter, pupil, math.floor(pupil / 28), subject, math.random(1, 10), day)
end

function request()
  local items = {}
  for n = 1, size do items[n] = grade() end
  return wrk.format("PUT", "/v1/schools/" .. math.random(1, schools) .. "/grades", nil, '{"items":[' .. table.concat(items, ",") .. "]}")
end

dofile("bench/report.lua")
