-- bigdata.veracity-filter - three firmwares, one field
--
-- A gateway passes on what its devices send.  Firmware 1 sends degrees Celsius,
-- firmware 2 Fahrenheit, firmware 3 texts, in the same field (F06); some lines
-- are cut, some sensors are broken.  A header says which firmware it was.
--
-- The seed draws the place, the rate, and what goes wrong how often.

local SERVER = "--bootstrap-server broker-1:9092"
local PARTITIONS = 3
local RECENT_MS = 20000
local LOW, HIGH = -40, 60       -- degrees Celsius that a reading may have

local gateway = [[
-- gateway.lua - passes on what the devices send
local x, n = %d, 0
local function draw(below)
  x = (x * 1103515245 + 12345) %% 2147483648
  return x // 65536 %% below
end
function on_start() service.every("next", "%dms") end
function on_timer()
  n = n + 1
  local device = draw(40)
  local fw = device %% 5 == 3 and "2" or device %% 5 == 4 and "3" or "1"
  local tenths = 150 + draw(150)
  local temp = ("%%.1f"):format(tenths / 10)
  if fw == "2" then temp = ("%%.1f"):format(tenths * 9 / 50 + 32) end
  if fw == "3" then temp = '"' .. temp .. '"' end
  local luck = draw(100)
  if luck < %d then temp = "999.9" end
  local value = ('{"device":"d-%%d","n":%%d,"temp":%%s}')
    :format(device, n, temp)
  if luck >= %d and luck < %d then value = value:sub(1, 20) end
  local headers = { { key = "fw", value = fw } }
  if luck == 99 then headers = {} end
  kafka.produce{ topic = "raw", key = "d-" .. device, value = value,
    headers = headers }
end
]]

-- What the exercise shows in part, and a solution has whole.  Parts that wrong
-- fixes leave out or do otherwise are given.
local function filter(parts)
  return ([[
service.defaults{
  ["consumer.topics"] = "raw",
  ["consumer.auto.offset.reset"] = "earliest",
}

local function header(r, key)
  for _, h in ipairs(r.headers) do
    if h.key == key then return h.value end
  end
end

-- The reading in degrees Celsius; or nil, why not
local function reading(r)
  local x = json.decode(r.value)
  if type(x) ~= "table" then return nil, "no JSON" end
  local fw, temp = header(r, "fw"), x.temp
  %s
  if math.type(temp) == nil then return nil, "temp is no number" end
  %s
  if fw == "2" then temp = (temp - 32) * 5 / 9 end
  if temp < -40 or temp > 60 then return nil, "out of range" end
  return { device = x.device, n = x.n, temp = temp }
end

function on_record(r)
  local good, why = reading(r)
  if good then
    kafka.produce{ topic = "good", key = r.key, value = json.encode(good) }
    metric.add("readings_total", 1, { result = "good" })
  else
    %s
  end
end
]]):format(parts.text or "", parts.unit or
    'if fw ~= "1" and fw ~= "2" then return nil, "unit unknown" end',
    parts.bad or [[
local headers = r.headers
    headers[#headers + 1] = { key = "reason", value = why }
    kafka.produce{ topic = "quarantine", key = r.key, value = r.value,
      headers = headers }
    metric.add("readings_total", 1, { result = "bad" })]])
end

-- In one line, which the screen's console takes, too; of 'x' are made "x".
local function deploy(text)
  return { "printf '" .. text:gsub("'", '"'):gsub("%%", "%%%%")
      :gsub("\n", "\\n") .. "' > filter.lua",
    "service run filter filter.lua on=app-1 restart=always", "wait 3m" }
end

-- What is true -------------------------------------------------------------------

local function header(r, key)
  for _, h in ipairs(r.headers or {}) do
    if h.key == key then
      return h.value
    end
  end
end

-- The temperature in Celsius of a raw record, nil if it is bad.
local function truth(r)
  local x = json.decode(r.value)
  local fw = header(r, "fw")
  local temp = type(x) == "table" and x.temp
  if math.type(temp) == nil or fw ~= "1" and fw ~= "2" then
    return nil
  end
  temp = fw == "2" and (temp - 32) * 5 / 9 or temp
  if temp >= LOW and temp <= HIGH then
    return temp, x.n
  end
end

local function all(w, topic)
  return w:topic(topic) and w:records{ topic = topic, max = 20000 } or {}
end

-- Raw records: good ones by number, bad ones as a list; and those that may
-- still be on their way, by their bytes.
local function expected(w)
  local raw, newest = all(w, "raw"), 0
  local good, bad, recent = {}, {}, {}
  for _, r in ipairs(raw) do
    newest = math.max(newest, r.timestamp_ms)
  end
  for _, r in ipairs(raw) do
    local temp, n = truth(r)
    local young = r.timestamp_ms > newest - RECENT_MS
    if temp then
      good[n] = { temp = temp, young = young }
    else
      bad[#bad + 1] = r
      recent[#bad] = young
    end
  end
  return good, bad, recent
end

-- What lies in the topic good.
local function judged(w)
  local good = expected(w)
  local seen = {}
  for _, r in ipairs(all(w, "good")) do
    local x = json.decode(r.value or "")
    local n = type(x) == "table" and x.n
    local want = math.type(n) == "integer" and good[n]
    if not want or math.type(x.temp) == nil then
      return false, "in good: " .. (r.value or "null")
        .. ", which is no good reading of the topic raw"
    elseif math.abs(x.temp - want.temp) > 0.06 then
      return false, "in good: " .. r.value .. ", which was "
        .. ("%.1f"):format(want.temp) .. " degrees Celsius"
    end
    seen[n] = true
  end
  for n, want in pairs(good) do
    if not want.young and not seen[n] then
      return false, "the good reading n=" .. n .. " is not in good"
    end
  end
  return #all(w, "good") > 0, #all(w, "good") .. " readings in good"
end

-- Every bad record has to lie in quarantine, with the same key and bytes.
local function kept(w)
  local _, bad, recent = expected(w)
  local there = {}
  for _, r in ipairs(all(w, "quarantine")) do
    local id = (r.key or "") .. "|" .. (r.value or "")
    there[id] = (there[id] or 0) + 1
  end
  for i, r in ipairs(bad) do
    local id = (r.key or "") .. "|" .. (r.value or "")
    if (there[id] or 0) > 0 then
      there[id] = there[id] - 1
    elseif not recent[i] then
      return false, "not in quarantine: " .. r.value
    end
  end
  return #all(w, "quarantine") > 0
end

local function counted(w, result)
  local rows = w:query(('sum(readings_total{result="%s"})'):format(result))
  return rows and rows[1] and rows[1].value or 0
end

return lab.module{
  format_version = 1,
  id = "bigdata.veracity-filter",
  uuid = "0b6f0f0e-37ab-4a39-8c6e-6c0b35d9a1c4",
  version = "1.0.0",
  status = "active",
  title = "Junk at the door",
  blurb = "Three firmwares send Celsius, Fahrenheit and texts in one field, \z
    some sensors are broken, some lines are cut. Write a filter: what is \z
    good goes on in one unit, what is not goes to quarantine as it came, \z
    both are counted, and nothing disappears.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 3,
  minutes = 30,
  month = 1,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "service.program" },
  objectives = {
    { id = "o1", bloom = "create",
      text = "Write a filter that decides by a contract, not by a guess" },
    { id = "o2", bloom = "apply",
      text = "Keep what is refused as it came, with the reason" },
    { id = "o3", bloom = "apply",
      text = "Count both ways, so that a change is seen" },
  },
  competencies = { ["bigdata.five-vs"] = 0.4, ["schema.evolution"] = 0.3,
    ["bigdata.delivery"] = 0.3 },
  prerequisites = { "bigdata.log-model" },
  out_of_scope = { "schema registry", "replaying the quarantine" },

  world = "empty-kafka",
  start = "2m",
  settle = "10s",

  params = function(rng)
    return {
      x = rng:int(1, 1000000), every = rng:int(180, 260),
      broken = rng:int(2, 5), cut = rng:int(2, 5),
    }
  end,

  setup = function(s, p)
    for _, topic in ipairs{ "raw", "good", "quarantine" } do
      s:console(("kafka-topics.sh %s --create --topic %s --partitions %d "
        .. "--replication-factor 3"):format(SERVER, topic, PARTITIONS))
    end
    s:file("gateway.lua", gateway:format(p.x, p.every, p.broken, p.broken,
      p.broken + p.cut))
    s:file("contract.txt", table.concat({
      "Readings of the topic raw",
      "  key      the device",
      "  value    a JSON object: device (text), n (whole number),",
      "           temp (number)",
      "  header   fw: 1 sends degrees Celsius, 2 degrees Fahrenheit",
      "  range    -40 to 60 degrees Celsius",
      "",
      "Whatever breaks one of these is bad, in whole. Nothing is guessed: a",
      "text in temp is bad even if it looks like a number, since nobody has",
      "said in which unit it is.",
      "",
      "good         the same object with temp in degrees Celsius (to 0.1)",
      "quarantine   key, value and headers as they came; one header more,",
      "             reason: what is wrong, in a few words",
      "readings_total{result=\"good\"}, readings_total{result=\"bad\"}",
      "             how many of each",
      "",
    }, "\n"))
    s:run("10s")
    s:console("service run gateway gateway.lua on=edge-1")
  end,

  nonvacuous = function(h, w)
    return w:count{ topic = "raw" } > 300
  end,

  tasks = {
    { id = "filter", title = "Write the filter", kind = "operate",
      text = "text/filter.md", points = 10,
      checks = {
        { id = "good", type = "at",
          fn = function(w) return judged(w) end,
          fail = "The topic good does not hold the good readings, all and \z
            only, in degrees Celsius. Those of the last 20 seconds may be \z
            missing.",
          pass = "One unit, and nothing that the contract does not know." },
        { id = "kept", type = "at",
          fn = function(w) return kept(w) end,
          fail = "A bad record is not in quarantine with the key and the \z
            bytes it came with.",
          pass = "What was refused can be looked at, and read again once \z
            somebody knows what it means." },
        { id = "why", type = "at",
          fn = function(w)
            local _, bad = expected(w)
            local nobody = 0    -- records that came without a firmware
            for _, r in ipairs(bad) do
              nobody = nobody + (header(r, "fw") and 0 or 1)
            end
            for _, r in ipairs(all(w, "quarantine")) do
              if (header(r, "reason") or "") == "" then
                return false, "without a reason: " .. (r.value or "null")
              end
              nobody = nobody - (header(r, "fw") and 0 or 1)
              if nobody < 0 then
                return false, "came with a header fw, lies without: "
                  .. (r.value or "null")
              end
            end
            return #all(w, "quarantine") > 0
          end,
          fail = "Records in quarantine do not say why they are there, or have \z
            lost the headers they came with." },
        { id = "counted", type = "at",
          fn = function(w)
            local good, bad = counted(w, "good"), counted(w, "bad")
            local g, b = w:count{ topic = "good" },
              w:count{ topic = "quarantine" }
            return good > 0 and bad > 0 and math.abs(good - g) < 200
              and math.abs(bad - b) < 100,
              ("the monitor knows of %d good and %d bad; the topics have %d \z
              and %d"):format(good, bad, g, b)
          end,
          fail = "The counters readings_total do not say how many were good \z
            and how many bad." },
        { id = "reading", type = "at",
          fn = function(w)
            local n = 0
            for _, s in ipairs(w:services()) do
              n = n + (s.name ~= "gateway" and s.state == "running" and 1
                or 0)
            end
            return n > 0, n .. " services beside the gateway run"
          end,
          fail = "No filter is running." },
      },
      hints = {
        { cost = 0, text = "Look at the raw records with their headers: \z
          kafka-console-consumer.sh with --property print.headers=true. \z
          Which kinds of bad ones are there?" },
        { cost = 2, text = "json.decode returns nil for what is no JSON, and \z
          never fails; math.type(x) is nil for what is no number. r.headers \z
          is a list of {key =, value =}: look for fw in it. Pass r.key, \z
          r.value and r.headers on as they are, with one header more." },
        { cost = 4, text = "In on_record: decode; refuse what is no table, \z
          whose temp is no number, whose fw is neither 1 nor 2, and, after \z
          (temp - 32) * 5 / 9 for fw 2, what is out of range. kafka.produce \z
          to good or to quarantine, and metric.add('readings_total', 1, \z
          {result = 'good'}) or 'bad'. consumer.auto.offset.reset has to be \z
          earliest." },
      } },
  },

  solution = {
    { "filter", deploy(filter{}) },
  },

  wrong = {
    { name = "catch and ignore", must_fail = "filter.kept",
      verdict = "not-fixed", actions = deploy(filter{
        bad = "metric.add('readings_total', 1, { result = 'bad' })" }) },
    { name = "make numbers of texts", must_fail = "filter.good",
      verdict = "not-fixed", actions = deploy(filter{
        text = "temp = tonumber(temp)",
        unit = 'fw = fw or "1"' }) },
    { name = "take everything for Celsius", must_fail = "filter.good",
      verdict = "not-fixed", actions = deploy((filter{}
        :gsub('if fw == "2" then temp = .- end\n', "\n"))) },
    { name = "quarantine what was decoded, not what came",
      must_fail = "filter.kept", verdict = "not-fixed",
      actions = deploy(filter{ bad = [[
kafka.produce{ topic = "quarantine", key = r.key,
      value = json.encode{ raw = r.value },
      headers = { { key = "reason", value = why } } }
    metric.add("readings_total", 1, { result = "bad" })]] }) },
    { name = "a reason in place of the headers", must_fail = "filter.why",
      verdict = "not-fixed", actions = deploy((filter{}
        :gsub("local headers = r%.headers", "local headers = {}"))) },
    { name = "begin at the end", must_fail = "filter.good",
      verdict = "not-fixed",
      actions = deploy((filter{}:gsub('"earliest"', '"latest"'))) },
    { name = "no counters", must_fail = "filter.counted",
      verdict = "not-fixed",
      actions = deploy((filter{}:gsub("metric%.add%b()", ""))) },
  },

  debrief = "text/debrief.md",
  cards = {
    { q = "A filter catches every error and goes on. The averages look \z
        smooth. What is wrong with that?",
      a = "What failed is gone and nobody knows how much: the average is of \z
        the rest. Bad records have to be kept as they came, and counted.",
      expect = { "gone|lost|kept", "count" },
      competency = "bigdata.delivery" },
    { q = "Why does a quarantine keep the raw bytes, and not what could be \z
        parsed?",
      a = "Parsing is what failed. Only the bytes as they came can be read \z
        again when somebody knows what they mean.",
      expect = { "again" },
      competency = "bigdata.five-vs" },
    { q = "A number arrives as text, \"21.5\", from a new firmware. Why not \z
        convert it?",
      a = "The contract does not know it: the type changed, and so may have \z
        the unit. It goes to quarantine until the contract says what it is.",
      expect = { "contract", "unit" },
      competency = "schema.evolution" },
  },
}
