-- kafka-architecture.acks-matrix - what an acknowledgement is worth, 18 times
--
-- Six producers, one for each pair of acks and min.insync.replicas, write to
-- six topics that lie alike on the brokers: one leader, two followers.  Three
-- drills follow each other, planned as faults: a follower dies; both die; the
-- leader dies while the followers are a second behind.  The learner commits a
-- prediction before the first.
--
-- The truth is measured, not known: once a second the check `undisturbed`
-- notes what each producer was told, and at the end of each drill what lies
-- in the logs.  From that each cell gets its letter.
--
-- The seed draws the two floors, who leads and the load; so the matrix itself
-- differs from seed to seed.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local ACKS = { "0", "1", "all" }
local DRILLS = {
  { id = "f", begins = 240, ends = 315, what = "one follower dies" },
  { id = "ff", begins = 360, ends = 435, what = "both followers die" },
  { id = "l", begins = 480, ends = 555,
    what = "the leader dies, followers a second behind" },
}
local PATIENCE = 5      -- s without an acknowledgement: that is a stop

-- The columns of the matrix, in the order of an answer.
local function columns(p)
  local list = {}
  for _, acks in ipairs(ACKS) do
    for _, floor in ipairs(p.floors) do
      list[#list + 1] = { acks = acks, floor = floor,
                          name = "acks" .. acks .. "-min" .. floor }
    end
  end
  return list
end

-- -- what is measured -------------------------------------------------------

-- One entry a second, in order of time: { at=, acked={}, failed={}, lost={} }
-- by column.  Going back in time drops what has now not happened.
local samples = {}

-- Acknowledged readings that are in no leader's log.
local function lost(w, topic, acked)
  local seen, n = {}, 0
  local part = w:topic(topic).partitions[1]
  if not part.end_offset then
    return 0
  end
  for _, r in ipairs(w:records{ topic = topic, partition = 0, from = 0,
      to = part.end_offset, max = 100000 }) do
    if not seen[r.value] then
      seen[r.value], n = true, n + 1
    end
  end
  return acked - n
end

-- The calm before a drill: here the logs are compared, so that what is on its
-- way counts neither for one drill nor for the other.
local function calm_before(d)
  return d == 1 and DRILLS[1].begins or DRILLS[d - 1].ends
end

local function is_calm(now)
  for d, drill in ipairs(DRILLS) do
    if now == drill.ends or now == calm_before(d) then
      return true
    end
  end
  return false
end

-- False: a producer is missing.
local function take_sample(w, p)
  local now, by_process = math.floor(w:now()), {}
  local entry = { at = now, acked = {}, failed = {} }
  for _, c in ipairs(w:clients()) do
    by_process[c.process] = c
  end
  while #samples > 0 and samples[#samples].at >= now do
    samples[#samples] = nil
  end
  for i, column in ipairs(columns(p)) do
    local c = by_process[column.name .. "-gateway"]
    if not c then
      return false
    end
    entry.acked[i], entry.failed[i] = c.acked, c.failed
    if is_calm(now) then
      entry.lost = entry.lost or {}
      entry.lost[i] = lost(w, column.name, c.acked)
    end
  end
  samples[#samples + 1] = entry
  return true
end

local function sample_at(at)
  for _, s in ipairs(samples) do
    if s.at == at then
      return s
    end
  end
end

-- The longest time without a new acknowledgement, in seconds.
local function longest_stop(drill, i)
  local since, acked, longest
  for _, s in ipairs(samples) do
    if s.at >= drill.begins and s.at <= drill.ends then
      if s.acked[i] ~= acked then
        since, acked = s.at, s.acked[i]
      end
      longest = math.max(longest or 0, s.at - since)
    end
  end
  return longest
end

-- The letter of a cell, and how many acknowledged readings are gone.  nil: the
-- drill is not over.
local function measured(p, d, i)
  local first, last = sample_at(calm_before(d)), sample_at(DRILLS[d].ends)
  if not first or not last or not first.lost or not last.lost then
    return nil
  end
  local gone = last.lost[i] - first.lost[i]
  if gone > p.devices / 2 then          -- more than what is just on its way
    return "l", gone
  elseif last.failed[i] > first.failed[i] then
    return "e", 0
  end
  return longest_stop(DRILLS[d], i) > PATIENCE and "b" or "o", 0
end

-- -- what is said about it --------------------------------------------------

-- "oooobb oooobe llllbb" as three words; nil when it is not written so.
local function words_of(given)
  local list = {}
  for word in (given or ""):lower():gmatch("%S+") do
    list[#list + 1] = word:gsub("^%a+=", "")
    if not list[#list]:match("^[obel][obel][obel][obel][obel][obel]$") then
      return nil
    end
  end
  return #list == #DRILLS and list or nil
end

-- The word that fits a drill, and what is gone of each topic; nil while it is
-- not over.
local function measured_word(p, d)
  local letters, gone = {}, {}
  for i in ipairs(columns(p)) do
    letters[i], gone[i] = measured(p, d, i)
    if not letters[i] then
      return nil
    end
  end
  return table.concat(letters), table.concat(gone, " ")
end

-- What differs between a prediction and the run; nil while it is not over.
local function misses(p, words)
  local out = {}
  for d, drill in ipairs(DRILLS) do
    local word, gone = measured_word(p, d)
    if not word then
      return nil
    end
    if words[d] ~= word then
      out[#out + 1] = ("drill %s: you %s, measured %s%s"):format(drill.id,
        words[d], word, word:find("l") and ", gone " .. gone or "")
    end
  end
  return out
end

-- -- what theory says: the reference solution -------------------------------

local function theory(acks, floor, id)
  if acks ~= "all" then
    return id == "l" and "l" or "o"
  end
  local in_sync = ({ f = 2, ff = 1, l = 2 })[id]
  return in_sync < floor and "e" or "b"
end

local function prediction(p, rule)
  local words = {}
  for d, drill in ipairs(DRILLS) do
    words[d] = ""
    for _, column in ipairs(columns(p)) do
      words[d] = words[d] .. rule(column.acks, column.floor, drill.id)
    end
  end
  return "answer predict " .. table.concat(words, " ")
end

local function explanation(p)
  return ("answer explain %d 0"):format(p.leader_end - p.next_end)
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.acks-matrix",
  uuid = "ef4a9c10-ea73-4a61-8395-04bb33c98635",
  version = "1.0.0",
  status = "active",
  title = "What an ack is worth",
  blurb = "Three kinds of acks, two floors of in-sync copies, three ways to \z
    die: eighteen cells. Say for each whether writing goes on, stops for a \z
    while, ends in an error, or loses what was acknowledged. Then let it \z
    happen, and compare.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 4,
  minutes = 25,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "evaluate",
      text = "Predict for acks, floor and failure whether writes go on, \z
        stop, fail, or are lost" },
    { id = "o2", bloom = "analyze",
      text = "Explain a loss by log end and high watermark, in numbers" },
  },
  competencies = { ["kafka.replication"] = 0.6, ["kafka.producers"] = 0.4 },
  prerequisites = { "kafka.topics", "bigdata.delivery" },
  out_of_scope = { "unclean election", "idempotence", "transactions" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 1, ["auto-rebalance"] = "off" },
  start = "1m",
  settle = "10s",

  params = function(rng)
    local p = {
      floors = rng:pick{ { 1, 2 }, { 1, 3 }, { 2, 3 } },
      leader = rng:int(1, 3),
      devices = rng:int(20, 40),
    }
    local step = rng:int(1, 2)
    p.first = (p.leader - 1 + step) % 3 + 1
    p.second = 6 - p.leader - p.first
    -- A moment of another cluster, to be explained.
    p.leader_end = rng:int(40000, 90000)
    p.next_end = p.leader_end - rng:int(120, 400)
    p.watermark = p.next_end - rng:int(20, 90)
    return p
  end,

  setup = function(s, p)
    local rows = {}
    for _, c in ipairs(columns(p)) do
      local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--replica-assignment %d:%d:%d --config min.insync.replicas=%d")
        :format(SERVER, c.name, p.leader, p.first, p.second, c.floor))
      if code ~= 0 then
        error(said)
      end
      s:command(("fleet-new name=%s topic=%s devices=%d acks=%s "
        .. "delivery.timeout.ms=25000 request.timeout.ms=15000")
        :format(c.name, c.name, p.devices, c.acks))
      rows[#rows + 1] = ("  %d  %-14s acks=%-4s min.insync.replicas=%d")
        :format(#rows + 1, c.name, c.acks, c.floor)
    end
    s:file("drill.txt", table.concat({
      ("Six topics, 1 partition each, on brokers %d,%d,%d; %d leads.")
        :format(p.leader, p.first, p.second, p.leader),
      ("One producer each, %d readings/s, delivery.timeout.ms=25000.")
        :format(p.devices),
      "Unclean election is off.  Brokers listen at broker-N:9092.",
      "",
      "letter",
      table.concat(rows, "\n"),
      "",
      "drill",
      ("  f   T+04:00  broker-%d is killed for 45 s")
        :format(p.first),
      ("  ff  T+06:00  broker-%d and broker-%d are killed for 45 s")
        :format(p.first, p.second),
      ("  l   T+08:00  broker-%d is killed for 45 s; from T+07:54")
        :format(p.leader),
      "                on its links to the followers are slow",
      "The last drill is over at T+09:15.",
      "",
    }, "\n"))
    s:file("moment.txt", table.concat({
      "Another cluster, 3 replicas, all in sync, Replicas: 1,2,3",
      ("  broker-1 (leader)    log end %d"):format(p.leader_end),
      ("  broker-2             log end %d"):format(p.next_end),
      ("  broker-3             log end %d"):format(p.watermark),
      "Now broker-1 dies for good, disk and all.",
      "",
    }, "\n"))
  end,

  faults = function(p)
    local function broker(n) return "broker-" .. n end
    return {
      { id = "f", fault = "kill", at = "4m",
        args = { component = broker(p.first), ["for"] = "45s" } },
      { id = "ff-1", fault = "kill", at = "6m",
        args = { component = broker(p.first), ["for"] = "45s" } },
      { id = "ff-2", fault = "kill", at = "6m",
        args = { component = broker(p.second), ["for"] = "45s" } },
      { id = "slow-1", fault = "slow-link", at = "7m54s",
        args = { component = broker(p.leader), to = broker(p.first),
                 delay = "1s", ["for"] = "25s" } },
      { id = "slow-2", fault = "slow-link", at = "7m54s",
        args = { component = broker(p.leader), to = broker(p.second),
                 delay = "1s", ["for"] = "25s" } },
      { id = "l", fault = "kill", at = "8m",
        args = { component = broker(p.leader), ["for"] = "45s" } },
    }
  end,

  -- All three drills took place, and every producer was served before them.
  nonvacuous = function(h, w, p)
    for _, c in ipairs(columns(p)) do
      local first = sample_at(DRILLS[1].begins)
      if not first or first.acked[1] == 0 or w:count{ topic = c.name } == 0
      then
        return false
      end
    end
    return w:process("broker-" .. p.first).starts >= 3
      and w:process("broker-" .. p.second).starts >= 2
      and w:process("broker-" .. p.leader).starts >= 2
      and measured(p, 3, 1) ~= nil
  end,

  tasks = {
    { id = "predict", title = "Eighteen cells", kind = "predict",
      text = "text/predict.md", points = 8,
      checks = {
        { id = "form", type = "answer",
          fn = function(w, h, p, given)
            return words_of(given) ~= nil
          end,
          fail = "A prediction is three words of six letters each, out of o, \z
            b, e and l, in the order of drill.txt." },
        { id = "undisturbed", type = "always", from = "1m",
          fn = function(w, h, p)
            return take_sample(w, p)
          end,
          fail = "A producer was stopped, so the drills say nothing. Rewind \z
            to before that." },
        { id = "committed", type = "always", from = "3m59s",
          fn = function(w, h, p, given)
            local now = math.floor(w:now())
            if now < DRILLS[1].begins or not samples.given then
              samples.given = given
            end
            return words_of(given) ~= nil and given == samples.given
          end,
          fail = "What counts is the prediction that stands at T+04:00, when \z
            the first drill begins. It is compared when all three are over: \z
            run until 9m20s. If it came too late, rewind and predict anew." },
        { id = "over", type = "history",
          fn = function(w)
            return w:now() >= DRILLS[#DRILLS].ends
          end,
          fail = "The last drill is over at T+09:15. Let it happen: run \z
            until 9m20s." },
        -- `committed` looks once a second: a held world shows it nothing.
        { id = "unchanged", type = "history",
          fn = function(w, h, p, given)
            return words_of(given) ~= nil and given == samples.given,
              "at T+04:00 it was " .. (samples.given or "not there")
          end,
          fail = "The prediction is no longer the one that stood at T+04:00, \z
            when the first drill began. Rewind, predict anew, and let it \z
            happen again." },
        { id = "match", type = "history",
          fn = function(w, h, p, given)
            local words = words_of(given)
            if not words then
              return false
            end
            local list = misses(p, words)
            if not list then
              return false, "the drills are not over before T+09:15"
            end
            return #list == 0, table.concat(list, "; ")
          end,
          fail = "The run disagrees with the prediction.",
          pass = "All eighteen as predicted. acks=all waited for the copies \z
            that were in sync, however few; the floor said how few are too \z
            few; acks=0 and acks=1 never asked." },
      },
      hints = {
        { cost = 0, text = "Sort the columns by who waits for whom. Which of \z
          the three acks asks the followers at all, and which setting has no \z
          say over the other two?" },
        { cost = 2, text = "For acks=all ask two questions. Who is in the \z
          in-sync set at the moment of death: they are all waited for, until \z
          the controller takes the dead out, some nine seconds. And how many \z
          are left in the set then: fewer than the floor, and every write is \z
          refused." },
        { cost = 4, text = "acks=0 and acks=1: o while their leader lives; l \z
          when it dies with followers behind. acks=all: in sync are 2 after \z
          drill f, 1 after ff, 2 after l. At or above the floor it is b, \z
          below it e, for the outage outlasts delivery.timeout.ms." },
      } },

    { id = "explain", title = "By the watermark", kind = "predict",
      text = "text/explain.md", points = 4,
      checks = {
        { id = "count", type = "answer",
          fn = function(w, h, p, given)
            local one, all = (given or ""):match("^(%d+)[%s,]+(%d+)$")
            if not one then
              return false, "write two numbers, as in: answer explain 12 3"
            end
            if tonumber(all) ~= 0 then
              return false, "look again at the second number"
            end
            return tonumber(one) == p.leader_end - p.next_end,
              "look again at the first number"
          end,
          fail = "That does not follow from the three log ends. Ask who \z
            leads next, and what that broker's log holds.",
          pass = "The next leader's log becomes the truth: what lies behind \z
            its end is gone. The watermark lies below that, and acks=all had \z
            answered no further than the watermark." },
      },
      hints = {
        { cost = 0, text = "Two questions: which offsets had each kind of \z
          acks answered for, and which broker's log goes on?" },
        { cost = 1, text = "acks=1 answers when the leader has appended, \z
          acks=all when the high watermark has passed, which is the smallest \z
          log end in the in-sync set. The next leader is the first in the \z
          list that is in sync and alive." },
        { cost = 2, text = "broker-2 leads next; all behind its log end is \z
          gone, so subtract its log end from the old leader's. The watermark \z
          is broker-3's log end, below broker-2's: nothing of acks=all." },
      } },
  },

  solution = function(p)
    return {
      { "predict", { prediction(p, theory), "run until 9m20s" } },
      { "explain", { explanation(p) } },
    }
  end,

  wrong = function(p)
    return {
      { name = "read acks=all as all replicas", must_fail = "match",
        verdict = "not-fixed",
        actions = { explanation(p), "run 2s",
          prediction(p, function(acks, floor, id)
            return acks == "all" and "e" or theory(acks, floor, id)
          end), "run until 9m20s" } },
      { name = "take an acknowledgement for a promise",
        must_fail = "match", verdict = "not-fixed",
        actions = { explanation(p),
          prediction(p, function(acks, floor, id)
            return acks == "1" and id == "l" and "b"
              or theory(acks, floor, id)
          end), "run until 9m20s" } },
      { name = "predict after the event", must_fail = "committed",
        verdict = "not-fixed",
        actions = { explanation(p), "run until 9m20s",
          prediction(p, theory) } },
      { name = "copy the matrix from the run", must_fail = "unchanged",
        verdict = "not-fixed",
        actions = { explanation(p),
          prediction(p, function() return "o" end), "run until 9m20s",
          prediction(p, theory) } },
      { name = "count from the watermark", must_fail = "count",
        verdict = "not-fixed",
        actions = { prediction(p, theory), "run until 9m20s",
          ("answer explain %d 0"):format(p.leader_end - p.watermark) } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "acks=all, 3 replicas, one follower is dead and out of the in-sync \z
        set. How many copies does an acknowledged record have?",
      a = "Two. All means all that are in sync now, not all replicas.",
      expect = { "two|2" },
      competency = "kafka.replication" },
    { q = "What does min.insync.replicas change for a producer with acks=1?",
      a = "Nothing for its acknowledgements. But while the set is below the \z
        floor the high watermark stands still, so consumers receive nothing \z
        of what it writes.",
      expect = { "nothing" },
      competency = "kafka.producers" },
    { q = "A leader with log end 500 dies; the next leader's log ends at 470, \z
        the high watermark was 460. What is lost with acks=1, what with \z
        acks=all?",
      a = "acks=1: 30 records, 470 to 499. acks=all: none, it had answered \z
        for nothing from 460 on.",
      expect = { "30", "none|nothing|0" },
      competency = "kafka.replication" },
    { q = "A follower is killed. Why do writes with acks=all stop for some \z
        nine seconds and then go on?",
      a = "The leader waits for all in the in-sync set. The dead follower \z
        stays in it until the controller misses its heartbeats for \z
        broker.session.timeout.ms (9 s) and fences it.",
      expect = { "broker.session.timeout.ms|session|heartbeat|fence" },
      competency = "kafka.replication" },
  },
}
