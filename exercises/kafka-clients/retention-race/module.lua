-- kafka-clients.retention-race - a consumer that its topic did not wait for
--
-- The service archiver was down for longer than its topic keeps records (F29).
-- When it came back, its offset was out of range, it began at the oldest
-- record there was, and its lag fell: by what had been deleted unread.  What
-- the topic was made of still lies in another topic.
--
-- A day of the calendar is ten minutes here.  All of it happens in setup: the
-- pipeline runs, the archiver is stopped and started, the broker deletes.
--
-- The seed draws the load and when the archiver was stopped.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local DAY = 600                         -- s
local BACK = 2340       -- s: the archiver is back; the learner comes 30 s later
local SLACK = 60        -- s: a reading this old has had the time it needs
local EPOCH = 1767600000000             -- ms: when the run begins

local cleaner = [[
-- cleaner.lua - raw readings are checked and handed on
service.defaults{ ["consumer.topics"] = "raw",
  ["consumer.auto.offset.reset"] = "earliest" }
function on_record(r)
  kafka.produce{ topic = "readings", key = r.key, value = r.value }
end
]]

local archiver = [[
-- archiver.lua - a row for each reading; the same reading is the same row
service.defaults{ ["consumer.topics"] = "readings", ["db.url"] = "db:5432",
  ["consumer.auto.offset.reset"] = "earliest" }
function on_start()
  assert(db.query("create table if not exists archive (id text primary key, "
    .. "device text, seq bigint, ts bigint)"))
end
function on_record(r)
  local v = json.decode(r.value)
  cpu.use("80ms")
  assert(db.query("insert into archive values ($1, $2, $3, $4) "
    .. "on conflict do nothing", v.device .. "/" .. v.seq, v.device, v.seq,
    v.ts))
  metric.set("archiver_last_reading_seconds", v.ts // 1000)
end
]]

local backfill = [[
-- backfill.lua - rows straight from the raw readings, from where its group is
service.defaults{ ["consumer.topics"] = "raw", ["db.url"] = "db:5432",
  ["consumer.auto.offset.reset"] = "none" }
function on_record(r)
  local v = json.decode(r.value)
  assert(db.query("insert into archive values ($1, $2, $3, $4) "
    .. "on conflict do nothing", v.device .. "/" .. v.seq, v.device, v.seq,
    v.ts))
end
]]

local function topics_tool(s, rest)
  local said, code = s:console("kafka-topics.sh " .. SERVER .. " " .. rest)
  if code ~= 0 then
    error(said)
  end
end

local function clock(seconds)
  return ("%02d:%02d"):format(8 + seconds // 3600, seconds // 60 % 60)
end

-- What its log says of that: how many records lay between where it wanted to
-- go on and where it could.
local function deleted(h)
  local wanted, got = {}, {}
  for _, line in ipairs(h:log{ process = "archiver", match = "offset",
      from = BACK }) do
    local at, part = line.text:match("offset=(%d+)} is out of range for "
      .. "partition readings%-(%d+)")
    if at then
      wanted[tonumber(part)] = wanted[tonumber(part)] or tonumber(at)
    end
    part, at = line.text:match("Resetting offset for partition "
      .. "readings%-(%d+) to position FetchPosition{offset=(%d+)")
    if at then
      got[tonumber(part)] = got[tonumber(part)] or tonumber(at)
    end
  end
  local n = 0
  for part, at in pairs(wanted) do
    if not got[part] then
      return nil
    end
    n = n + got[part] - at
  end
  return n
end

-- Rows of readings before a moment, and how many there should be.
local function archived(w, before)
  local ms = EPOCH + before * 1000
  -- A reading is a little older than its record: up to 2 s more of rows.
  local rows = w:rows("select count(*) from archive where ts < "
    .. ms + 2000)
  local there, from = 0, 0
  for index = 0, 1 do
    local stop = w:topic("raw").partitions[index + 1].high_watermark
    from = 0
    while from < stop do
      local list = w:records{ topic = "raw", partition = index, from = from,
        to = stop, max = 1000 }
      if #list == 0 then
        break
      end
      for _, r in ipairs(list) do
        if r.timestamp_ms < ms then
          there = there + 1
        end
      end
      from = list[#list].offset + 1
    end
  end
  return rows[1].count, there
end

local function committed(w, group)
  local g, n = w:group(group), 0
  for _, at in pairs(g and g.offsets.readings or {}) do
    n = n + at
  end
  return n
end

local function names_lag(text)
  return text:lower():match("^%s*(%a+)[%s,]+(%d+)%s*$")
end

-- -- what one types ---------------------------------------------------------

local function explain(w, h)
  return "answer explain deleted " .. deleted(h)
end

local function reset(group, topic, where)
  return ("kafka-consumer-groups.sh %s --group %s --topic %s "
    .. "--reset-offsets %s --execute"):format(SERVER, group, topic, where)
end

local function keep(ms)
  return ("kafka-configs.sh %s --alter --entity-type topics --entity-name "
    .. "readings --add-config retention.ms=%d"):format(SERVER, ms)
end

local function fill(where)
  return { reset("backfill", "raw", where),
    "systemctl -H app-1 start backfill", "wait 12m" }
end

local ALERT = "answer guard time() - last_over_time("
  .. "archiver_last_reading_seconds[1h]) > 600"

local function joined(...)
  local all = {}
  for _, list in ipairs{ ... } do
    for _, line in ipairs(list) do
      all[#all + 1] = line
    end
  end
  return all
end

local function when(p)
  return ("--to-datetime 2026-01-05T%s:00.000"):format(clock(p.stopped - 120))
end

return lab.module{
  format_version = 1,
  id = "kafka-clients.retention-race",
  uuid = "7000230a-61ca-490d-9405-b1d3c2f5a135",
  version = "1.0.0",
  status = "active",
  title = "The lag that healed itself",
  blurb = "An archiver was down for three days; its topic keeps two. It is \z
    back, and its lag fell by a thousand and more at once. Find out why, \z
    fill the hole in the archive, and see to it that the next outage is noticed \z
    before it costs readings.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 4,
  minutes = 20,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell a lag that was worked off from one that was deleted, in \z
        records, by the consumer's log" },
    { id = "o2", bloom = "apply",
      text = "Fill a hole from a source that still has it, without doubles" },
    { id = "o3", bloom = "create",
      text = "Write an alert on time that still speaks when the consumer \z
        does not" },
  },
  competencies = { ["kafka.storage"] = 0.35, ["kafka.consumers"] = 0.35,
    ["ops.diagnosis"] = 0.3 },
  prerequisites = { "kafka.topics" },
  out_of_scope = { "tiered storage", "compaction", "notification routing" },
  blueprint = { ["ccaak"] = "monitor" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2 },
  start = "39m30s",
  settle = "30s",

  params = function(rng)
    local stopped = rng:int(6, 9) * 60
    return { devices = rng:int(4, 6), stopped = stopped,
             away = BACK - stopped }
  end,

  setup = function(s, p)
    -- Days are ten minutes: what counts in minutes is looked at as often.
    s:command("broker-setting log.retention.check.interval.ms=30000")
    topics_tool(s, "--create --topic raw --partitions 2 "
      .. "--replication-factor 3")
    topics_tool(s, ("--create --topic readings --partitions 2 "
      .. "--replication-factor 3 --config retention.ms=%d "
      .. "--config segment.ms=60000"):format(2 * DAY * 1000))
    s:command(("fleet-new name=raw topic=raw devices=%d period=2s")
      :format(p.devices))
    s:command("store-new name=db on=monitor-1")
    s:run(10)
    s:file("cleaner.lua", cleaner)
    s:file("archiver.lua", archiver)
    s:file("backfill.lua", backfill)
    s:console("service run cleaner cleaner.lua on=app-1 restart=always")
    s:console("service run archiver archiver.lua on=app-1")
    s:console("service run backfill backfill.lua on=app-1 start=no")

    local rows = {}
    local function graph(to)
      while s:now() < to do
        s:run(math.min(60 - s:now() % 60, to - s:now()))
        local g = s:group("archiver")
        rows[#rows + 1] = ("  T+%02d:%02d  %6d"):format(math.floor(s:now() / 60),
          math.floor(s:now() % 60), g and g.total_lag or 0)
      end
    end
    graph(p.stopped)
    s:command("service archiver do=stop")
    graph(BACK)
    s:command("service archiver do=start")
    s:run(10)
    rows[#rows + 1] = ("  T+%02d:%02d  %6d"):format(math.floor(s:now() / 60),
      math.floor(s:now() % 60), s:group("archiver").total_lag)
    s:file("runbook.txt", table.concat({
      "A day of the calendar is 10 minutes here.",
      "",
      "  raw        what devices send       kept 7 days of Kafka's default",
      "  readings   checked by the cleaner  retention.ms=1200000, 2 days",
      "  archive    a table in the store db, a row for each reading",
      "",
      "On app-1",
      "  cleaner    raw -> readings",
      "  archiver   readings -> archive     group archiver",
      "  backfill   raw -> archive          group backfill; stopped, has",
      "             never run, begins where its group is told to",
      "",
      ("  T+%02d:%02d  archiver stopped for work on its machine")
        :format(p.stopped // 60, p.stopped % 60),
      ("  T+%02d:%02d  archiver started again")
        :format(BACK // 60, BACK % 60),
      "",
      "T+00:00 is 2026-01-05 08:00:00 UTC.",
      "",
    }, "\n"))
    s:file("lag.txt", "lag of group archiver, records, both partitions\n"
      .. table.concat(rows, "\n") .. "\n")
  end,

  -- It really lost readings, and really came back.
  nonvacuous = function(h, w)
    return (deleted(h) or 0) > 0 and w:count{ topic = "raw" } > 0
  end,

  tasks = {
    { id = "explain", title = "Why it fell", kind = "diagnose",
      text = "text/explain.md", points = 4,
      checks = {
        { id = "cause", type = "answer",
          fn = function(w, h, p, given)
            local cause = names_lag(given or "")
            return cause == "deleted", "you said " .. (cause or "nothing")
          end,
          fail = "That is not where the lag went, or it is not written as a \z
            word and a number. The archiver's own log tells what it did \z
            when it came back." },
        { id = "number", type = "answer",
          fn = function(w, h, p, given)
            local _, n = names_lag(given or "")
            return n ~= nil and tonumber(n) == deleted(h)
          end,
          fail = "That is not the number of records of readings that the \z
            archiver never got. Both partitions count.",
          pass = "The broker deleted them unread. Lag is the end minus the \z
            position: it falls when work is done, and just so when the \z
            work is thrown away.",
          help = "the lesson kafka-clients/offsets-retention" },
      },
      hints = {
        { cost = 0, text = "lag.txt shows when it fell. What could the \z
          archiver have written in the seconds since it was started? \z
          Compare with how many rows it has written since." },
        { cost = 1, text = "A committed offset may lie before the oldest \z
          record that is still there. The client says so, and then goes \z
          where auto.offset.reset sends it." },
        { cost = 2, text = "logs archiver has two lines for each partition: \z
          where it wanted to go on (out of range), and where it went. The \z
          differences, added up, are the number; the word is deleted." },
      } },

    { id = "fill", title = "Fill the hole", kind = "operate",
      text = "text/fill.md", points = 5,
      checks = {
        { id = "skipped", type = "always", from = "39m30s",
          fn = function(w, h)
            local gone = deleted(h)
            if not gone then
              return false
            end
            local rows = w:rows("select count(*) from archive")
            return committed(w, "archiver") - gone <= rows[1].count,
              "the group is at " .. committed(w, "archiver")
                .. " all in all, with " .. rows[1].count .. " rows"
          end,
          fail = "The archiver's group went past readings that were still \z
            there and not yet archived. The lag is gone, and so are they." },
        { id = "whole", type = "at",
          fn = function(w)
            local rows, there = archived(w, w:now() - SLACK)
            return there > 0 and rows >= there, there - rows
              .. " readings of raw older than a minute are not in archive"
          end,
          fail = "The archive has a hole. What the archiver is still working \z
            on counts as well: its lag has to come down.",
          pass = "Each reading is a row, and none is two." },
      },
      hints = {
        { cost = 0, text = "What the topic readings was made of is kept \z
          longer than readings itself. Who could turn it into rows?" },
        { cost = 1, text = "backfill begins where its group's offsets are, \z
          and its group has none yet. Its rows bear the same key as the \z
          archiver's, so it may begin too early, and not too late." },
        { cost = 3, text = "kafka-consumer-groups.sh --reset-offsets for \z
          group backfill and topic raw, with --to-datetime of a moment \z
          before the outage (UTC, 2026-01-05T08:04:00.000) or \z
          --to-earliest, and --execute; then start backfill on app-1 and \z
          wait until both groups have no lag." },
      } },

    { id = "guard", title = "The next outage", kind = "design",
      text = "text/guard.md", points = 5,
      checks = {
        { id = "room", type = "at",
          fn = function(w, h, p)
            local ms = tonumber(w:topic("readings").config["retention.ms"])
            return ms >= 2 * p.away * 1000 and ms <= 12 * DAY * 1000,
              "retention.ms is " .. ms
          end,
          fail = "The retention of readings is not between twice the outage \z
            and twelve days (120 minutes here)." },
        { id = "quiet", type = "answer",
          fn = function(w, h, p, given)
            for _, at in ipairs{ 120, 240, 330, p.stopped + 120 } do
              local found = given and w:query(given, at)
              if not found or #found > 0 then
                return false, ("it fires at T+%02d:%02d, or is no PromQL")
                  :format(at // 60, at % 60)
              end
            end
            return true
          end,
          fail = "The expression is no PromQL, or it fires while the \z
            archiver works, or after two minutes without it." },
        { id = "alert", type = "answer",
          fn = function(w, h, p, given)
            local from = p.stopped + 900
            for at = from, BACK, 60 do
              local found = given and w:query(given, at)
              if not found or #found == 0 then
                return false, ("it is silent at T+%02d:%02d")
                  :format(at // 60, at % 60)
              end
            end
            return true
          end,
          fail = "The expression is silent in this outage, from 15 minutes \z
            after it began until it ended. By then a quarter of the \z
            retention was left.",
          pass = "It measures time against retention, and it speaks while \z
            the archiver does not." },
      },
      hints = {
        { cost = 0, text = "Lag in records says how much there is to do, not \z
          when the first of it will be deleted. Which series of the \z
          archiver tells a time?" },
        { cost = 1, text = "A process that is down exports nothing, and an \z
          expression without a series never fires. PromQL can take the last \z
          value of a time range." },
        { cost = 3, text = "time() minus last_over_time(\z
          archiver_last_reading_seconds[1h]), compared with something \z
          between two and fifteen minutes in seconds. The retention is at \z
          least twice the outage, in ms." },
      } },
  },

  solution = function(p)
    return {
      { "explain", { "cat runbook.txt", "cat lag.txt",
          "logs archiver | grep offset", explain } },
      { "guard", { keep(3 * p.away * 1000), ALERT } },
      { "fill", fill(when(p)) },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "all of raw, and an alert on what is missing",
        { "explain", { explain } },
        { "fill", fill("--to-earliest") },
        { "guard", { keep(2 * p.away * 1000),
          "answer guard absent_over_time("
            .. "archiver_last_reading_seconds[10m])" } } },
    }
  end,

  wrong = function(p)
    local good = joined({ explain, ALERT, keep(2 * p.away * 1000) })
    return {
      { name = "celebrate the graph", must_fail = "explain.cause",
        verdict = "not-fixed",
        actions = joined({ "answer explain read 0" }, fill(when(p)),
          { keep(2 * p.away * 1000), ALERT }) },
      { name = "count what the graph fell by", must_fail = "explain.number",
        verdict = "not-fixed",
        actions = { function(w, h)
          return "answer explain deleted " .. deleted(h) + 37
        end } },
      { name = "reset the group to latest", must_fail = "fill.skipped",
        verdict = "collateral",
        actions = joined(good, { "systemctl -H app-1 stop archiver",
          "wait 2m", reset("archiver", "readings", "--to-latest"),
          "systemctl -H app-1 start archiver", "wait 30s" }) },
      { name = "raise the retention and wait for the readings",
        must_fail = "fill.whole", verdict = "not-fixed",
        actions = joined(good, { "wait 12m" }) },
      { name = "retention as long as the outage", must_fail = "guard.room",
        verdict = "not-fixed",
        actions = joined({ explain, ALERT, keep(p.away * 1000) },
          fill(when(p))) },
      { name = "an alert on lag in records", must_fail = "guard.alert",
        verdict = "not-fixed",
        actions = joined({ explain, keep(2 * p.away * 1000),
          "answer guard sum(kafka_consumer_records_lag"
            .. ") > 1000" }, fill(when(p))) },
      { name = "an alert that is silent with the process",
        must_fail = "guard.alert", verdict = "not-fixed",
        actions = joined({ explain, keep(2 * p.away * 1000),
          "answer guard time() - archiver_last_reading_seconds > 600" },
          fill(when(p))) },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A group's lag falls by a million in one second. Name the two \z
        quite different reasons, and where you look.",
      a = "It was worked off, or it is no longer there: the position moved \z
        to a later record (out of range, a reset). The consumer's log, and \z
        the log start offset, say which.",
      expect = { "log" },
      competency = "kafka.consumers" },
    { q = "Retention is two days. How long may a consumer of the topic be \z
        down?",
      a = "Less than two days minus what it needs to catch up. Records are \z
        deleted whether they were read or not.",
      expect = { "two days" },
      competency = "kafka.storage" },
    { q = "Why alert on the age of the last record, and not on the number of \z
        records behind?",
      a = "Age can be compared with the retention, whatever the load; a \z
        number cannot. And the alert has to speak when the consumer, which \z
        exports it, is down.",
      expect = { "retention" },
      competency = "ops.diagnosis" },
  },
}
