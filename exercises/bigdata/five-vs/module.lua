-- bigdata.five-vs - commit five numbers, then let the fleet run and measure
--
-- The seed draws the brief: how many meters of three kinds, how often they
-- speak, how large a reading is, how much of it is junk.  The meters' gateways
-- stand still (after a trial of a second) until the learner starts them.  A
-- prediction counts if it stood there when they started.

local SERVER = "--bootstrap-server broker-1:9092"
local TOPIC, PARTITIONS, COPIES = "meters", 6, 3
local KINDS = { "flat", "house", "station" }
local WEEK = 7 * 86400
local SAMPLE = 20000		-- records of partition 0 that are looked through
local WINDOW = 30		-- s after the start in which a number is judged
local RUN = 600			-- s that the fleet has to run

-- --- what is true of the brief ------------------------------

local function truth(p)
  local rate, bytes, junk = 0, 0, 0
  for _, name in ipairs(KINDS) do
    local k = p[name]
    rate = rate + k.meters / k.period
    bytes = bytes + k.meters / k.period * k.bytes
    junk = junk + k.meters / k.period * k.junk / 1e6
  end
  return {
    rate = rate, bytes = bytes, bad = 100 * junk / rate,
    disk = bytes * WEEK * COPIES / (p.fill / 100) / 1e9,
    value = (rate - junk) / bytes * 1e9 / 1e6 * p.price,
  }
end

-- Shares of the three kinds, weighted by something that is not the rate.
local function share(p, weight)
  local sum, all = 0, 0
  for _, name in ipairs(KINDS) do
    sum = sum + weight(p[name]) * p[name].junk / 1e4
    all = all + weight(p[name])
  end
  return sum / all
end

local function close(x, y, tolerance)
  return math.abs(x - y) <= tolerance * math.abs(y)
end

-- --- judging a prediction ------------------------------

-- When the last of the gateways was started by the learner; nil: not all run.
local function started(w)
  local latest = 0
  for _, name in ipairs(KINDS) do
    local g = w:process(name .. "-gateway")
    if not g or g.state ~= "up" or g.starts < 2 then
      return nil
    end
    latest = math.max(latest, g.started_at)
  end
  return latest
end

-- misses: values that betray a usual slip, and what it was.
local function judge(w, given, right, misses)
  local n = given and tonumber(given:match("^%s*(%d+%.?%d*)"))
  local at = started(w)
  if not at then
    return false, "The gateways are off; a number is judged when all of them \z
      run."
  elseif not n then
    return false, given and "The answer does not begin with a plain number."
      or "No number stands there."
  elseif close(n, right, 0.1) then
    return w:now() - at <= WINDOW, "The number is right now, but it did not \z
      stand there when the gateways started."
  end
  for _, miss in ipairs(misses) do
    if close(n, miss[1], 0.03) then
      return false, miss[2]
    end
  end
  return false, n < right and "It is too small by more than a tenth."
    or "It is too large by more than a tenth."
end

-- --- what the learner saw ------------------------------

-- Lines typed since the fleet runs, that contain a word.
local function lines(w, h, word)
  local at, out = started(w), {}
  for _, ran in ipairs(at and h:commands() or {}) do
    if ran.at >= at and ran.line:find(word, 1, true) then
      out[#out + 1] = ran
    end
  end
  return out
end

local function apart(list, seconds)
  return #list > 1 and list[#list].at - list[1].at >= seconds
end

local function shows_number(list, fits)
  for _, ran in ipairs(list) do
    for word in ran.output:gmatch("%d+%.?%d*") do
      if fits(tonumber(word)) then
        return true
      end
    end
  end
  return false
end

-- How many of the sample are junk; nil while it is not complete.
local function sampled(w)
  local junk, n = 0, 0
  for from = 0, w:topic(TOPIC) and SAMPLE - 1 or -1, 2000 do
    for _, r in ipairs(w:records{ topic = TOPIC, partition = 0, from = from,
                                  to = from + 2000, max = 2000 }) do
      n = n + 1
      junk = junk + (r.value:find('"ERR"', 1, true) and 1 or 0)
    end
  end
  return n == SAMPLE and junk or nil
end

-- What the world says itself: records/s, bytes/s in, bytes/s onto disks.
local function measured(w)
  local records, bytes, disks = 0, 0, 0
  for _, name in ipairs(KINDS) do
    local q = ('sum(rate(gateway_readings_total{fleet="%s"}[5m]))'):format(name)
    records = records + ((w:query(q)[1] or {}).value or 0)
  end
  local into = w:query(
    "sum(rate(kafka_server_brokertopicmetrics_bytesin_total[5m]))")
  local size = w:query("sum(rate(kafka_log_log_size[5m]))")
  bytes = (into[1] or {}).value or 0
  disks = (size[1] or {}).value or 0
  return records, bytes, disks
end

-- --- a prediction, as a task ------------------------------

local function prediction(t)
  return {
    id = t.id, title = t.title, kind = "predict", points = t.points or 3,
    text = "text/" .. t.id .. ".md", hints = t.hints,
    checks = {
      { id = "stood", type = "eventually",
        fn = function(w, h, p, given)
          local right = truth(p)
          return judge(w, given, right[t.id], t.misses(p, right))
        end,
        fail = t.fail, pass = t.pass, help = "bigdata/five-vs" },
    },
  }
end

return lab.module{
  format_version = 1,
  id = "bigdata.five-vs",
  uuid = "e21c3b7b-f211-4412-afb1-ae87aa25208d",
  version = "1.0.0",
  status = "active",
  title = "Five Vs, five numbers",
  blurb = "A heating company has 50 000 meters of three kinds and about 2 % \z
    junk. Commit five numbers: records/s, bytes/s, disk for a week, bad \z
    share, value per GB. Then start the gateways, measure, and see whether \z
    you were within 10 %.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 2,
  minutes = 20,
  month = 1,
  track = { "core" },
  fidelity = { "kafka.broker", "device.fleet", "host.disk" },
  objectives = {
    { id = "o1", bloom = "apply",
      text = "Compute rate and bytes of a mixed fleet from its brief" },
    { id = "o2", bloom = "apply",
      text = "Size disks for a retention time, with copies and headroom" },
    { id = "o3", bloom = "evaluate",
      text = "Compare each prediction with a measurement of the right \z
        instrument" },
  },
  competencies = { ["bigdata.five-vs"] = 0.5, ["bigdata.capacity"] = 0.5 },
  prerequisites = {},
  out_of_scope = { "peaks and reconnect storms", "compression",
    "cost of the network" },

  world = "empty-kafka",
  start = "1m",
  settle = "10s",

  params = function(rng)
    local flats = 500 * rng:int(54, 64)
    local houses = 500 * rng:int(22, 28)
    return {
      flat = { meters = flats, period = rng:pick{ 60, 75, 90 },
        bytes = 10 * rng:int(17, 24), junk = 500 * rng:int(20, 28) },
      house = { meters = houses, period = rng:pick{ 120, 150 },
        bytes = 10 * rng:int(38, 46), junk = 1000 * rng:int(26, 34) },
      station = { meters = 50000 - flats - houses,
        period = rng:pick{ 180, 240 },
        bytes = 10 * rng:int(80, 110), junk = 1000 * rng:int(45, 60) },
      fill = rng:pick{ 60, 65, 70 },
      price = rng:int(8, 24),
    }
  end,

  setup = function(s, p)
    local brief = {
      "kind      meters  a reading every  bytes in the log  junk",
    }
    s:console(("kafka-topics.sh %s --create --topic %s --partitions %d "
      .. "--replication-factor %d"):format(SERVER, TOPIC, PARTITIONS, COPIES))
    for i, name in ipairs(KINDS) do
      local k = p[name]
      s:command(("fleet-new name=%s topic=%s devices=%d period=%ds "
        .. "record-bytes=%d junk-ppm=%d flush=500ms"):format(name, TOPIC,
        k.meters, k.period, k.bytes, k.junk))
      brief[i + 1] = ("%-8s  %6d  %13d s  %16d  %3.1f %%"):format(name,
        k.meters, k.period, k.bytes, k.junk / 1e4)
    end
    -- A trial: each gateway learns where its records go, and sends a few.
    s:run("700ms")
    for _, name in ipairs(KINDS) do
      s:command("service " .. name .. "-gateway do=stop")
    end
    for _, line in ipairs{
      "",
      "topic     " .. TOPIC .. ", " .. PARTITIONS .. " partitions, each on "
        .. COPIES .. " brokers, kept for 7 days",
      "disks     filled to " .. p.fill .. " % at most",
      "billing   a good reading is worth something: " .. p.price
        .. " EUR for a million of them",
    } do
      brief[#brief + 1] = line
    end
    s:file("brief.txt", table.concat(brief, "\n") .. "\n")
  end,

  nonvacuous = function(h, w, p)
    return w:topic(TOPIC) ~= nil
      and w:count{ topic = TOPIC } > truth(p).rate * RUN / 2
  end,

  tasks = {
    prediction{ id = "rate", title = "Velocity in records",
      misses = function(p, right)
        return {
          { right.rate * 60, "That is the number a minute." },
          { 50000 / ((p.flat.period + p.house.period + p.station.period) / 3),
            "The mean of the three periods is not the period of the fleet: \z
              kinds that speak often weigh more." },
        }
      end,
      fail = "No rate within 10 % of what the fleet does stood there when \z
        the gateways started.",
      pass = "Rates add up; periods do not. Each kind contributes its meters \z
        divided by its period.",
      hints = {
        { cost = 0, text = "`cat brief.txt` has the numbers; the lesson \z
          bigdata/five-vs works one fleet through." },
        { cost = 1, text = "One meter that speaks every 60 s makes 1/60 of a \z
          record a second. Do it for each kind by itself, then add." },
        { cost = 1, text = "answer rate X, with X = meters/period of flat, \z
          plus the same of house, plus the same of station." },
      } },

    prediction{ id = "bytes", title = "Velocity in bytes",
      misses = function(p, right)
        return {
          { right.bytes / 1000, "That is in kilobytes; bytes were asked for." },
          { right.bytes * COPIES, "That counts the copies as well; what \z
            producers send is asked for here." },
          { right.rate * (p.flat.bytes + p.house.bytes + p.station.bytes) / 3,
            "The mean of the three sizes is not the size of the mean \z
              reading: most readings come from the kind that speaks most." },
        }
      end,
      fail = "No bytes/s within 10 % of what the fleet sends stood there when \z
        the gateways started.",
      pass = "The mean reading is nearer to the small ones, because they are \z
        sent more often.",
      hints = {
        { cost = 0, text = "The third number of the brief, and the three \z
          rates you already have." },
        { cost = 1, text = "Multiply each kind's rate by its own size. \z
          Averages of sizes first and rates later go wrong." },
        { cost = 1, text = "answer bytes X, with X = rate of flat times its \z
          bytes, plus the same of house, plus the same of station." },
      } },

    prediction{ id = "disk", title = "Volume", points = 4,
      misses = function(p, right)
        local room = p.fill / 100
        return {
          { right.disk * room / COPIES, "That is the distinct data alone: \z
            neither copies nor headroom are in it." },
          { right.disk * room, "That leaves no headroom: the disks would be \z
            full to the brim." },
          { right.disk / COPIES, "That is room for one copy." },
          { right.disk / 7, "That is one day." },
          { right.disk * room * (1 + (1 - room)), "To fill a disk to so many \z
            percent, divide by that share; adding what is missing to 100 % \z
            is less." },
        }
      end,
      fail = "No disk within 10 % of what a week needs stood there when the \z
        gateways started.",
      pass = "Distinct data times copies is what lies on disk; divided by the \z
        share you dare to fill, it is what you buy. Leaving both out gives \z
        less than a quarter.",
      hints = {
        { cost = 0, text = "Bytes/s you have. What happens to a byte between \z
          the producer and the end of its week, and how full may a disk be?" },
        { cost = 1, text = "A week has 604 800 s. Every byte lies on as many \z
          brokers as there are copies. And the disks you buy are larger than \z
          what lies on them." },
        { cost = 2, text = "answer disk X, with X = bytes/s times 604800 \z
          times 3, divided by the share to which disks are filled, in GB \z
          (divide by 1e9)." },
      } },

    prediction{ id = "bad", title = "Veracity",
      misses = function(p, right)
        return {
          { share(p, function() return 1 end), "That is the mean of three \z
            shares; the kinds do not send equally many readings." },
          { share(p, function(k) return k.meters end), "That weighs by \z
            meters; what arrives are readings." },
          { right.bad / 100, "That is a fraction; percent were asked for." },
        }
      end,
      fail = "No bad share within 10 % of the fleet's stood there when the \z
        gateways started.",
      pass = "A share of readings is weighted by readings. The loudest kind \z
        decides, even if another has four times its share of junk.",
      hints = {
        { cost = 0, text = "The last column of the brief is the share of each \z
          kind's own readings." },
        { cost = 1, text = "Count junk readings a second of each kind, add \z
          them, and divide by all readings a second." },
        { cost = 1, text = "answer bad X, with X = 100 times (rate times junk \z
          share, summed over the kinds) divided by the whole rate." },
      } },

    prediction{ id = "value", title = "Value", points = 3,
      misses = function(p, right)
        return {
          { right.value / (1 - right.bad / 100), "Junk settles no bill, and \z
            it is in there." },
          { right.value / COPIES, "Copies are no further readings: per GB of \z
            distinct data was asked for." },
          { 1 / right.value, "That is GB per EUR." },
        }
      end,
      fail = "No value per GB within 10 % of the fleet's stood there when the \z
        gateways started.",
      pass = "Value per GB depends on the size of a reading: whoever halves \z
        the payload doubles it.",
      hints = {
        { cost = 0, text = "The line on billing, and the size of the mean \z
          reading." },
        { cost = 1, text = "How many readings are in 1e9 bytes of distinct \z
          data? How many of them are good? What are a million good ones \z
          worth?" },
        { cost = 1, text = "answer value X, with X = 1e9 / (bytes/s divided \z
          by rate), times (1 - bad share), divided by a million, times the \z
          price of a million." },
      } },

    { id = "measure", title = "Run and compare", kind = "operate",
      text = "text/measure.md", points = 4,
      checks = {
        { id = "ran", type = "at",
          fn = function(w, h, p)
            local at = started(w)
            if not at then
              return false, "not all gateways run"
            end
            return w:now() - at >= RUN, ("they run for %d s"):format(
              (w:now() - at) // 1)
          end,
          fail = "The fleet has not run for ten minutes yet." },
        { id = "velocity", type = "history",
          fn = function(w, h, p)
            local rate = truth(p).rate
            return shows_number(lines(w, h, "promql"), function(n)
              return close(n, rate, 0.1)
            end) or apart(lines(w, h, "kafka-get-offsets"), 120)
          end,
          fail = "The rate was not measured: neither did the monitor show it, \z
            nor were end offsets read twice, two minutes apart or more." },
        { id = "volume", type = "history",
          fn = function(w, h, p)
            return apart(lines(w, h, "df"), 300)
          end,
          fail = "The growth on disk was not measured: while the fleet ran, \z
            the disks were not looked at twice, five minutes apart." },
        { id = "veracity", type = "history",
          fn = function(w, h, p, given)
            local junk = sampled(w)
            if not junk then
              return false, "partition 0 does not hold so many records yet"
            end
            return tonumber(given or "") == junk
              or shows_number(lines(w, h, "console-consumer"), function(n)
                return n == junk
              end)
          end,
          fail = "The junk among the first 20000 records of partition 0 was \z
            not counted, or not exactly." },
        { id = "agree", type = "history",
          fn = function(w, h, p)
            local right, junk = truth(p), sampled(w)
            local records, bytes, disks = measured(w)
            return close(records, right.rate, 0.1)
              and close(bytes, right.bytes, 0.1)
              and close(disks * WEEK / (p.fill / 100) / 1e9, right.disk, 0.1)
              and junk ~= nil
              and close(100 * junk / SAMPLE, right.bad, 0.3),
              ("measured over 5m: %.0f records/s, %.0f bytes/s in, %.0f "
                .. "bytes/s onto disks"):format(records, bytes, disks)
          end,
          fail = "The cluster does not take in what the brief says. Do all \z
            gateways send, and do all brokers run?",
          pass = "Each V was read from its own instrument, and arithmetic and \z
            cluster agree. The sample is off by its luck: among 20000 records \z
            with 2 % junk, 40 more or less are nothing special." },
      },
      hints = {
        { cost = 0, text = "The gateways are services of the machine edge-1. \z
          Rates live in the monitor, bytes on the brokers' disks, junk in the \z
          records themselves." },
        { cost = 1, text = "A counter becomes a rate by rate(...[5m]); sum() \z
          adds the brokers. Disk growth is two looks at `df`, their \z
          difference, and the time between. A reader can begin at an offset \z
          of one partition and stop after so many records; grep -c counts \z
          lines." },
        { cost = 2, text = "One line each:\n\z
          \x20 systemctl -H edge-1 start flat-gateway house-gateway \z
          station-gateway\n\z
          \x20 df\n\z
          \x20 wait 11m\n\z
          \x20 df\n\z
          \x20 promql \z
          'sum(rate(kafka_server_brokertopicmetrics_messagesin_total[5m]))'\n\z
          \x20 kafka-console-consumer.sh --bootstrap-server broker-1:9092 \z
          --topic meters --partition 0 --offset 0 --max-messages 20000 | \z
          grep -c ERR" },
      } },
  },

  solution = function(p)
    local right = truth(p)
    local function answer(id)
      return { id, { ("answer %s %.6g"):format(id, right[id]) } }
    end
    return { answer("rate"), answer("bytes"), answer("disk"), answer("bad"),
      answer("value"), { "measure", {
        "systemctl -H edge-1 start flat-gateway house-gateway station-gateway",
        "df",
        "wait 11m",
        "df",
        "promql 'sum(rate(kafka_server_brokertopicmetrics_messagesin_total"
          .. "[5m]))'",
        "kafka-console-consumer.sh " .. SERVER .. " --topic " .. TOPIC
          .. " --partition 0 --offset 0 --max-messages " .. SAMPLE
          .. " | grep -c ERR",
      } } }
  end,

  alt_solutions = function(p)
    local right = truth(p)
    local function answer(id, factor)
      return { id, { ("answer %s %.0f"):format(id, right[id] * factor) } }
    end
    return { { name = "rounded numbers, offsets read twice",
      answer("rate", 0.94), answer("bytes", 1.06), answer("disk", 1.08),
      { "bad", { ("answer bad %.2f %%"):format(right.bad * 0.95) } },
      { "value", { ("answer value %.1f EUR"):format(right.value * 1.04) } },
      { "measure", {
        "systemctl -H edge-1 start flat-gateway",
        "systemctl -H edge-1 start house-gateway",
        "systemctl -H edge-1 start station-gateway",
        "kafka-get-offsets.sh " .. SERVER .. " --topic " .. TOPIC,
        "df -H broker-1",
        "wait 10m",
        "kafka-get-offsets.sh " .. SERVER .. " --topic " .. TOPIC,
        "df -H broker-1",
        "kafka-console-consumer.sh " .. SERVER .. " --topic " .. TOPIC
          .. " --partition 0 --offset earliest --max-messages " .. SAMPLE
          .. " > sample.txt",
        "grep ERR sample.txt | wc -l",
        "kafka-console-consumer.sh " .. SERVER .. " --topic " .. TOPIC
          .. " --partition 0 --offset 0 --max-messages " .. SAMPLE
          .. " | grep -c ERR",
      } } } }
  end,

  wrong = function(p)
    local right = truth(p)
    local start = "systemctl -H edge-1 start flat-gateway house-gateway "
      .. "station-gateway"
    local function slip(name, id, value)
      return { name = name, must_fail = id .. ".stood", verdict = "not-fixed",
        actions = { ("answer %s %.6g"):format(id, value), start, "wait 1m" } }
    end
    return {
      slip("one copy, and disks full to the brim", "disk",
        right.disk * p.fill / 100 / COPIES),
      slip("copies, but no headroom", "disk", right.disk * p.fill / 100),
      slip("the mean of the periods", "rate", 50000 * 3
        / (p.flat.period + p.house.period + p.station.period)),
      slip("the mean of the sizes", "bytes", right.rate
        * (p.flat.bytes + p.house.bytes + p.station.bytes) / 3),
      slip("the mean of the three bad shares", "bad",
        share(p, function() return 1 end)),
      slip("value of a GB on disk, copies and all", "value",
        right.value / COPIES),
      { name = "measure first, predict afterwards",
        must_fail = "rate.stood", verdict = "not-fixed",
        actions = { start, "wait 5m",
          ("answer rate %.6g"):format(right.rate), "wait 30s" } },
      { name = "predict and never measure",
        must_fail = "measure.velocity", verdict = "not-fixed",
        actions = { ("answer rate %.6g"):format(right.rate), start,
          "wait 11m" } },
      { name = "a sample of one in a hundred, scaled up",
        must_fail = "measure.veracity", verdict = "not-fixed",
        actions = { start, "wait 11m",
          "kafka-console-consumer.sh " .. SERVER .. " --topic " .. TOPIC
            .. " --partition 0 --offset 0 --max-messages 200 | grep -c ERR" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { competency = "bigdata.five-vs",
      q = "40 000 meters speak every 60 s and 10 000 every 300 s. Records/s?",
      a = "40 000/60 + 10 000/300 = 667 + 33 = 700. Rates add; the mean \z
        period of 180 s would give 278.",
      expect = { "700" } },
    { competency = "bigdata.capacity",
      q = "300 kB/s come in, 7 days, replication factor 3, disks filled to \z
        70 %. How much disk do you buy?",
      a = "300 kB/s x 604 800 s = 181 GB distinct; x 3 = 544 GB; / 0.7 = \z
        778 GB.",
      expect = { "778" } },
    { competency = "bigdata.capacity",
      q = "Why divide by 0.7 instead of adding 30 %?",
      a = "Data may be 70 % of the disk: disk = data / 0.7 = 1.43 data. With \z
        1.3 data the disk would be 77 % full.",
      expect = { "77|1.43" } },
    { competency = "bigdata.five-vs",
      q = "Kind A: 600 readings/s, 1 % junk. Kind B: 30 readings/s, 5 % \z
        junk. The bad share of what arrives?",
      a = "(6 + 1.5) / 630 = 1.2 %. Weighted by readings, not by kinds.",
      expect = { "1.2" } },
  },
}
