-- kafka-clients.seasonal-job - a group that was away longer than its offsets
--
-- The service billing was off for eight days; offsets.retention.minutes is
-- seven (F18).  Its group came back without offsets, began at the end and is
-- silent.  The topic kept everything.  The job's table says how far it was.
--
-- A day of the calendar is five minutes here.  All of it happens in setup: the
-- job runs, stops, its offsets expire, it starts again.
--
-- The seed draws the load, the partitions and when the job was stopped.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local ENDS = 2820                       -- s: the last usage report
local BACK = 2880       -- s: the job is back; the learner comes 30 s later

local billing = [[
-- billing.lua - a line of the bill for each usage report
--
-- The bill is an append-only table: who runs a report twice bills it twice.
service.defaults{ ["consumer.topics"] = "usage", ["db.url"] = "db:5432",
  ["consumer.auto.offset.reset"] = "latest" }
function on_start()
  assert(db.query("create table if not exists bill (device text, "
    .. "seq bigint, part bigint, off bigint)"))
  log.info(db.query("select count(*) from bill")[1].count
    .. " lines in the bill")
end
function on_record(r)
  local v = json.decode(r.value)
  assert(db.query("insert into bill values ($1, $2, $3, $4)", v.device, v.seq,
    r.partition, r.offset))
end
]]

-- The records of usage that are lines of the bill; and lines that are there
-- more than once.
local function billed(w)
  local had, once, twice = {}, 0, 0
  for _, row in ipairs(w:rows("select part, off from bill")) do
    local name = row.part .. ":" .. row.off
    if had[name] then
      twice = twice + 1
    else
      had[name], once = true, once + 1
    end
  end
  return once, twice
end

-- Where the table ends, in one partition.
local function stood(w, part)
  local row = w:rows("select max(off) from bill where part = " .. part)[1]
  return row and row.max and row.max + 1 or 0
end

-- How many reports waited when the learner came: the job says at each start
-- how many lines there are.
local function unread(w, h)
  local said = h:log{ process = "billing", match = "lines in the bill",
    from = BACK - 5 }[1]
  return said and w:count{ topic = "usage" }
    - tonumber(said.text:match("(%d+) lines"))
end

local function words_of(given)
  return (given or ""):lower():match("^%s*(%a+)[%s,]+(%d+)%s*$")
end

local function reset(where)
  return ("kafka-consumer-groups.sh %s --group billing --reset-offsets %s "
    .. "--execute"):format(SERVER, where)
end

-- One line for each partition, to where the table ends.
local function exact(p)
  local lines = {}
  for part = 0, p.partitions - 1 do
    lines[#lines + 1] = function(w)
      return reset(("--topic usage:%d --to-offset %d"):format(part,
        stood(w, part)))
    end
  end
  return lines
end

local function explain(w, h)
  return "answer explain expired " .. unread(w, h)
end

local LOUD = "service set billing arg.consumer.auto.offset.reset=none"
local STOP = "systemctl -H app-1 stop billing"
local GO = "systemctl -H app-1 start billing"

local function joined(...)
  local all = {}
  for _, list in ipairs{ ... } do
    for _, line in ipairs(list) do
      all[#all + 1] = line
    end
  end
  return all
end

return lab.module{
  format_version = 1,
  id = "kafka-clients.seasonal-job",
  uuid = "0e60fad4-7cb0-4703-ba9e-d81cdd1bc048",
  version = "1.0.0",
  status = "active",
  title = "Back after eight days",
  blurb = "A billing job runs once a season. It was off for eight days, has \z
    been started, and does nothing: no error, no lag, no lines. Find out \z
    what is gone, bill what was missed, once, and see to it that the job \z
    says something next time.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 5,
  minutes = 20,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell offsets that expired from records that were deleted" },
    { id = "o2", bloom = "apply",
      text = "Set a group's offsets, partition by partition, to where its \z
        work ended" },
    { id = "o3", bloom = "evaluate",
      text = "Choose what a consumer does without an offset by what a gap \z
        and a repetition cost" },
  },
  competencies = { ["kafka.consumers"] = 0.6, ["kafka.storage"] = 0.4 },
  prerequisites = { "kafka.topics" },
  out_of_scope = { "transactions", "static membership" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2 },
  start = "48m30s",
  settle = "30s",

  params = function(rng)
    return { devices = rng:int(3, 6), partitions = rng:int(2, 3),
             stopped = rng:int(6, 8) * 60 }
  end,

  setup = function(s, p)
    -- Days are five minutes: seven of them, and what is looked at as often.
    s:command("broker-setting offsets.retention.minutes=35 "
      .. "offsets.retention.check.interval.ms=60000")
    local said, code = s:console(("kafka-topics.sh %s --create --topic usage "
      .. "--partitions %d --replication-factor 3 "
      .. "--config retention.ms=9000000"):format(SERVER, p.partitions))
    if code ~= 0 then
      error(said)
    end
    s:command(("fleet-new name=usage topic=usage devices=%d period=6s")
      :format(p.devices))
    s:command("store-new name=db on=monitor-1")
    s:run(10)
    s:file("billing.lua", billing)
    s:console("service run billing billing.lua on=app-1 "
      .. "arg.consumer.auto.offset.reset=earliest")
    s:run(p.stopped - s:now())
    s:command("service billing do=stop")
    s:console("service set billing arg.consumer.auto.offset.reset=latest")
    s:run(ENDS - s:now())
    s:command("service usage-gateway do=stop")
    s:run(BACK - s:now())
    s:command("service billing do=start")
    s:file("runbook.txt", table.concat({
      "A day of the calendar is 5 minutes here.",
      "",
      ("  usage     usage reports, %d partitions, kept 30 days")
        :format(p.partitions),
      "            (retention.ms=9000000)",
      "  billing   a service on app-1, group billing; billing.lua",
      "  bill      its table in the store db: device, seq, part, off;",
      "            part and off are the record's partition and offset",
      "",
      "Brokers     offsets.retention.minutes=35 (7 days, Kafka's default)",
      "            set by another team, for all groups",
      "",
      ("  T+%02d:00  billing stopped, the season was over")
        :format(p.stopped // 60),
      "  T+47:00  the last usage report came in",
      "  T+48:00  billing started again",
      "",
    }, "\n"))
  end,

  -- The offsets were there, and were not any more; and nothing was deleted.
  nonvacuous = function(h, w, p)
    return h:count_log{ process = "billing", from = BACK - 5,
      match = "Found no committed offset" } >= p.partitions
      and (unread(w, h) or 0) > 0
  end,

  tasks = {
    { id = "explain", title = "What is gone", kind = "diagnose",
      text = "text/explain.md", points = 4,
      checks = {
        { id = "cause", type = "answer",
          fn = function(w, h, p, given)
            local cause = words_of(given)
            return cause == "expired", "you said " .. (cause or "nothing")
          end,
          fail = "That is not what happened, or it is not written as a word \z
            and a number. The topic's first offsets, and what the job's \z
            client found when it started, tell the four cases apart." },
        { id = "number", type = "answer",
          fn = function(w, h, p, given)
            local _, n = words_of(given)
            return n ~= nil and tonumber(n) == unread(w, h)
          end,
          fail = "That is not the number of reports that were waiting when \z
            billing was started at T+48:00.",
          pass = "Not a record is missing. What went is the bookmark: seven \z
            days after the group had its last member, the brokers dropped \z
            its offsets.",
          help = "the lesson kafka-clients/offsets-retention" },
      },
      hints = {
        { cost = 0, text = "Two things have a retention: records and \z
          offsets. kafka-get-offsets.sh shows the first and the last offset \z
          of a topic's partitions; logs billing what the job found." },
        { cost = 1, text = "The first offsets are still 0, so no record was \z
          deleted. The client found no committed offset and went where \z
          auto.offset.reset=latest sends it: to the end, where nothing \z
          comes." },
        { cost = 2, text = "The word is expired. The number: the ends of all \z
          partitions added up, less the lines in the bill, \z
          select count(*) from bill." },
      } },

    { id = "recover", title = "Bill what was missed", kind = "operate",
      text = "text/recover.md", points = 5,
      checks = {
        { id = "once", type = "always", from = "48m30s",
          fn = function(w)
            local _, twice = billed(w)
            return twice == 0, twice .. " lines are there twice"
          end,
          fail = "Reports were billed twice. The bill is an append-only \z
            table; a line that was sent out is not taken back." },
        { id = "whole", type = "at",
          fn = function(w)
            local once = billed(w)
            local all = w:count{ topic = "usage" }
            return all > 0 and once == all,
              all - once .. " of " .. all .. " reports are not billed"
          end,
          fail = "Reports are missing in the bill.",
          pass = "Each report is a line, once. The job's own table knew what \z
            the brokers had forgotten." },
      },
      hints = {
        { cost = 0, text = "The brokers have forgotten where the job was. \z
          Who else knows? Look at the columns of the bill." },
        { cost = 1, text = "In each partition the job goes on behind the \z
          last offset that is in the bill. A time would be close, and close \z
          is not once." },
        { cost = 3, text = "Stop billing. For each partition N: \z
          select max(off) from bill where part = N, and \z
          kafka-consumer-groups.sh --reset-offsets with --group billing, \z
          --topic usage:N, --to-offset one more than that, --execute. Then \z
          start it." },
      } },

    { id = "guard", title = "Next season", kind = "operate",
      text = "text/guard.md", points = 4, needs = { "recover" },
      checks = {
        { id = "loud", type = "at",
          fn = function(w)
            for _, service in ipairs(w:services()) do
              if service.name == "billing" then
                local set = service.settings["consumer.auto.offset.reset"]
                return set ~= nil and set.value == "none",
                  "auto.offset.reset is " .. (set and set.value or "unset")
              end
            end
            return false
          end,
          fail = "Without an offset the job would still begin somewhere: at \z
            the end, with a gap, or at the beginning, with everything \z
            twice." },
        { id = "runs", type = "at",
          fn = function(w)
            local g, service = w:group("billing"), w:process("billing")
            return service.state == "up" and g ~= nil
              and g.state == "Stable" and g.total_lag == 0,
              "billing is " .. service.state
          end,
          fail = "billing does not run, or is not a member of its group, or \z
            has not read to the end.",
          pass = "With an offset it goes on, without one it ends with an \z
            error, and somebody looks before a bill is wrong." },
      },
      hints = {
        { cost = 0, text = "Expiry cannot be ruled out from here: the \z
          setting is another team's, and the next pause may be longer. What \z
          can the job itself do when it finds no offset?" },
        { cost = 1, text = "auto.offset.reset has a third value. Of the \z
          three, one leaves a gap, one repeats, and one asks." },
        { cost = 3, text = "service set billing \z
          arg.consumer.auto.offset.reset=none, and restart it on app-1; the \z
          setting holds from the next start on." },
      } },
  },

  solution = function(p)
    return {
      { "explain", { "cat runbook.txt", "logs billing | tail",
          "kafka-get-offsets.sh " .. SERVER
            .. " --topic usage --time earliest", explain } },
      { "recover", joined({ STOP }, exact(p), { GO, "wait 5m" }) },
      { "guard", { LOUD, "systemctl -H app-1 restart billing",
          "wait 30s" } },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "all with one restart",
        { "explain", { explain } },
        { "guard", joined({ STOP, LOUD }, exact(p), { GO, "wait 5m" }) } },
    }
  end,

  wrong = function(p)
    local loud = { LOUD, STOP, GO, "wait 5m" }
    return {
      { name = "blame the topic's retention", must_fail = "explain.cause",
        verdict = "not-fixed",
        actions = joined({ function(w, h)
          return "answer explain deleted " .. unread(w, h)
        end, STOP }, exact(p), loud) },
      { name = "earliest, though the sink is not idempotent",
        must_fail = "recover.once", verdict = "collateral",
        actions = joined({ explain, STOP,
          reset("--topic usage --to-earliest") }, loud) },
      { name = "the setting earliest, and a restart",
        must_fail = "recover.whole", verdict = "not-fixed",
        actions = { explain,
          "service set billing arg.consumer.auto.offset.reset=earliest",
          STOP, GO, "wait 5m" } },
      { name = "back to the day it was stopped", must_fail = "recover.once",
        verdict = "collateral",
        actions = joined({ explain, STOP, reset(("--topic usage "
          .. "--to-datetime 2026-01-05T08:%02d:00.000")
          :format(p.stopped // 60 - 1)) }, loud) },
      { name = "wait for the next report", must_fail = "recover.whole",
        verdict = "not-fixed",
        actions = { explain, LOUD, "wait 5m" } },
      { name = "keep the usage reports for longer",
        must_fail = "recover.whole", verdict = "not-fixed",
        actions = { explain, ("kafka-configs.sh %s --alter --entity-type "
          .. "topics --entity-name usage --add-config "
          .. "retention.ms=90000000"):format(SERVER), STOP, GO,
          "wait 5m" } },
      { name = "bill it, and leave the job as it was",
        must_fail = "guard.loud", verdict = "not-fixed",
        actions = joined({ explain, STOP }, exact(p), { GO, "wait 5m" }) },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A group was without members for eight days (Kafka 3.9, defaults). \z
        What is gone, and what is not?",
      a = "Its committed offsets: offsets.retention.minutes is 7 days from \z
        when the group became empty. The records stay as long as the topic \z
        keeps them.",
      expect = { "offsets" },
      competency = "kafka.consumers" },
    { q = "A consumer without a committed offset starts, and \z
        auto.offset.reset is not set. Where does it begin, and what does it \z
        report?",
      a = "At the end (latest). It reports a line at INFO and a lag of zero: \z
        silence.",
      expect = { "end|latest" },
      competency = "kafka.consumers" },
    { q = "Where do you keep a position so that no broker can forget it?",
      a = "With the result of the work, in the same transaction: a row's \z
        partition and offset say how far it goes.",
      expect = { "partition|result|transaction" },
      competency = "kafka.storage" },
  },
}
