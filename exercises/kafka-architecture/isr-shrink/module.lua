-- kafka-architecture.isr-shrink - two leaders look slow, a third disk is
--
-- Two brokers lead everything; a third has a copy of everything, and its disk
-- degrades (F07).  The page cache hides it for minutes.  When too much is dirty
-- its appends stall, so its fetches come late: the leaders wait for it in every
-- acks=all request, and drop it from the in-sync sets 30 to 45 s later.  A
-- fourth broker stands idle, and the disk will not get better by itself.
--
-- Segments are 2 GiB, so that no roll flushes the cache in the meantime.  The
-- load and the disk are fixed, since they decide when the cache is full; the
-- seed draws names, and which of the three brokers is sick.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-4:9092,"
  .. "broker-3:9092"
local SPARE = 4
local PARTITIONS = 6
local FLOOR = "min.insync.replicas"
local URGENT = 4        -- services that write with acks=all

local function broker(n)
  return "broker-" .. n
end

local function each_partition(w, p, visit)
  local seen = 0
  for _, name in ipairs{ p.bulk, p.few } do
    local t = w:topic(name)
    for _, part in ipairs(t and t.partitions or {}) do
      seen = seen + 1
      visit(part, name)
    end
  end
  return seen == PARTITIONS + 2
end

local function holds(part, id)
  for _, r in ipairs(part.replicas) do
    if r == id then
      return true
    end
  end
  return false
end

-- -- what is typed ----------------------------------------------------------

-- Lists for both topics; `list(first, second)` says what a partition gets.
local function plan(p, list)
  local entries = {}
  for _, t in ipairs{ { p.bulk, PARTITIONS }, { p.few, 2 } } do
    for k = 0, t[2] - 1 do
      local first, second = p.one, p.two
      if k % 2 == 1 then
        first, second = second, first
      end
      entries[#entries + 1] = ('{"topic":"%s","partition":%d,"replicas":[%s]}')
        :format(t[1], k, table.concat(list(first, second), ","))
    end
  end
  return ("echo '{\"version\":1,\"partitions\":[%s]}' > plan.json")
    :format(table.concat(entries, ","))
end

local EXECUTE = "kafka-reassign-partitions.sh " .. SERVER
  .. " --execute --reassignment-json-file plan.json"

local function to_spare(first, second)
  return { first, second, SPARE }
end

local function diagnosis(p)
  return "diagnose component=" .. broker(p.sick) .. " mechanism=slow-disk"
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.isr-shrink",
  uuid = "fcae4ae1-9059-4adc-af26-26a4fedf8cb9",
  version = "1.0.0",
  status = "active",
  title = "Every leader looks slow",
  blurb = "Produce requests took seconds on two brokers whose machines are \z
    well, and now partitions lack a copy. Find what the slow ones have in \z
    common, and bring the number of partitions that lack a copy back to \z
    zero, without weakening a promise.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 5,
  minutes = 25,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "host.disk", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Find the replica that all under-replicated partitions have in \z
        common, and what is wrong with its machine" },
    { id = "o2", bloom = "apply",
      text = "Move the copies of a sick broker to a healthy one" },
  },
  competencies = { ["kafka.replication"] = 0.5, ["ops.diagnosis"] = 0.5 },
  prerequisites = { "kafka.topics", "kafka.producers" },
  out_of_scope = { "replacing a disk", "throttled reassignment" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { brokers = 4, ["min-isr"] = 2, ["auto-rebalance"] = "off" },
  start = "5m",
  settle = "30s",
  recover = "5m",

  params = function(rng)
    local names = { "frames", "scans", "spectra", "waveforms" }
    local few = { "alarms", "doors", "lifts", "valves" }
    local sick = rng:int(1, 3)
    local one = (sick - 1 + rng:int(1, 2)) % 3 + 1
    return {
      bulk = rng:pick(names), few = rng:pick(few),
      sick = sick, one = one, two = 6 - sick - one,
    }
  end,

  setup = function(s, p)
    for _, t in ipairs{ { p.bulk, PARTITIONS, " --config "
        .. "segment.bytes=2147483647" }, { p.few, 2, "" } } do
      local lists = {}
      for k = 1, t[2] do
        lists[k] = k % 2 == 1 and ("%d:%d:%d"):format(p.one, p.two, p.sick)
          or ("%d:%d:%d"):format(p.two, p.one, p.sick)
      end
      local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--replica-assignment %s%s"):format(SERVER, t[1],
        table.concat(lists, ","), t[3]))
      if code ~= 0 then
        error(said)
      end
    end
    s:command(("fleet-new name=%s topic=%s devices=3000 acks=1 "
      .. "record-bytes=5000 linger.ms=1000 batch.size=1000000")
      :format(p.bulk, p.bulk))
    for i = 1, URGENT do
      s:command(("fleet-new name=urgent-%d topic=%s devices=40 acks=all")
        :format(i, p.bulk))
    end
    s:command(("fleet-new name=%s topic=%s devices=40 acks=all")
      :format(p.few, p.few))
    s:file("cluster.txt", table.concat({
      "broker-1:9092  broker-2:9092  broker-3:9092  broker-4:9092",
      "broker-4 is new and holds nothing yet.",
      "",
      ("%-10s 3000 readings/s of 5 kB, acks=1; and from each of"):format(
        p.bulk),
      ("%-10s urgent-1-gateway to urgent-%d-gateway 40 a second of"):format(
        "", URGENT),
      ("%-10s 120 B, acks=all"):format(""),
      ("%-10s 40 readings/s of 120 B, acks=all"):format(p.few),
      "Three copies of everything, " .. FLOOR .. "=2.",
      "",
      "Disks are replaced on weekdays by another team. Not before Thursday.",
      "",
    }, "\n"))
  end,

  faults = function(p)
    return {
      { id = "f1", fault = "slow-disk", at = "T+20s",
        args = { component = broker(p.sick), times = 100 } },
    }
  end,

  -- Both leaders dropped the same copy, and were slow before they did.
  nonvacuous = function(h, w, p)
    local by = {}
    for _, c in ipairs(h:isr_changes(p.bulk)) do
      if c.shrank then
        by[c.partition % 2] = true
      end
    end
    return by[0] == true and by[1] == true
  end,

  tasks = {
    { id = "diagnose", title = "What do they have in common?",
      kind = "diagnose", text = "text/diagnose.md", points = 4,
      checks = {
        { id = "cause", type = "diagnosis",
          grade = { "component", "mechanism" },
          fail = "That is not what the slow requests and the missing copies \z
            have in common. Which broker is named nowhere as leader, and \z
            missing everywhere?",
          pass = "The leaders waited for a follower, and the follower waited \z
            for its disk." },
      },
      hints = {
        { cost = 0, text = "The option --under-replicated-partitions of \z
          kafka-topics.sh --describe shows the partitions that lack a copy. \z
          Compare Replicas and Isr in each line." },
        { cost = 1, text = "One broker is in Replicas of all and in Isr of \z
          none. Look at its machine: what do its processors, its network and \z
          its disk do? Prometheus has node_disk_io_time_seconds_total, \z
          node_memory_Dirty_bytes and others for each machine." },
        { cost = 2, text = "A rate of node_disk_io_time_seconds_total near 1 \z
          is a disk that never rests, and gigabytes are waiting to be \z
          written. The diagnosis names that broker as component and \z
          slow-disk as mechanism." },
      } },

    { id = "repair", title = "No copy missing", kind = "operate",
      text = "text/repair.md", points = 6,
      checks = {
        { id = "floor", type = "always", from = "5m",
          fn = function(w, h, p)
            for _, name in ipairs{ p.bulk, p.few } do
              local t = w:topic(name)
              if not t or t.config[FLOOR] ~= "2" then
                return false, name .. " demands "
                  .. (t and t.config[FLOOR] or "nothing")
              end
            end
            return true
          end,
          fail = "The floor of a topic was changed. It was not what made the \z
            requests slow: acks=all waits for all that are in sync, however \z
            few are demanded." },
        { id = "calm", type = "always", from = "5m",
          fn = function(w, h, p)
            for _, n in ipairs{ p.one, p.two, SPARE } do
              local b = w:process(broker(n))
              if b.state ~= "up" or b.starts ~= 1 then
                return false, broker(n) .. " was stopped"
              end
            end
            return true
          end,
          fail = "A healthy broker was restarted. With one copy already \z
            missing, its partitions stood on a single one meanwhile." },
        { id = "whole", type = "held", hold = "20s", symptom = true,
          fn = function(w, h, p)
            local missing = 0
            local all = each_partition(w, p, function(part)
              missing = missing + (#part.isr < #part.replicas and 1 or 0)
            end)
            return all and missing == 0,
              missing .. " partitions lack a copy in sync"
          end,
          fail = "Partitions still lack a copy in sync." },
        { id = "three", type = "at",
          fn = function(w, h, p)
            local short, moving = 0, 0
            local all = each_partition(w, p, function(part)
              short = short + (#part.replicas < 3 and 1 or 0)
              moving = moving + ((part.adding or part.removing) and 1 or 0)
            end)
            return all and short + moving == 0, short > 0
              and short .. " partitions have fewer than three replicas"
              or moving .. " partitions are still being moved"
          end,
          fail = "Not every partition has its three copies: nothing is \z
            missing only because less is demanded." },
        { id = "cured", type = "at",
          fn = function(w, h, p)
            local still = 0
            local all = each_partition(w, p, function(part)
              still = still + (holds(part, p.sick) and 1 or 0)
            end)
            return all and still == 0,
              still .. " partitions have a copy on " .. broker(p.sick)
          end,
          fail = "Copies still stand on the machine that cannot take them.",
          pass = "Three copies of everything, on three machines that keep up, \z
            and no leader was touched." },
      },
      hints = {
        { cost = 0, text = "The disk stays as it is until Thursday. What else \z
          can change, so that no partition needs it? cluster.txt names the \z
          brokers." },
        { cost = 1, text = "Which brokers hold a partition is its replica \z
          list, and lists can be changed while everything runs: \z
          kafka-reassign-partitions.sh. It writes plans, too, from a file \z
          {\"version\":1, \"topics\": [{\"topic\": ...}]} and a list of \z
          brokers, with --generate." },
        { cost = 3, text = "A plan in which each list has the two leaders and \z
          broker-4 instead of the sick one: echo '...' > plan.json, then \z
          kafka-reassign-partitions.sh --execute with \z
          --reassignment-json-file plan.json, and some minutes: gigabytes \z
          are copied. --verify says how far it is." },
      } },
  },

  solution = function(p)
    return {
      { "diagnose", {
          "kafka-topics.sh " .. SERVER
            .. " --describe --under-replicated-partitions",
          "promql 'rate(node_disk_io_time_seconds_total[1m])'",
          diagnosis(p) } },
      { "repair", { plan(p, to_spare), EXECUTE, "wait 3m" } },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "stop the sick broker first, then move",
        { "diagnose", { diagnosis(p) } },
        { "repair", {
            ("systemctl -H %s stop kafka"):format(broker(p.sick)),
            plan(p, to_spare), EXECUTE, "wait 3m" } } },
    }
  end,

  wrong = function(p)
    local function alter(topic)
      return ("kafka-configs.sh %s --alter --entity-type topics "
        .. "--entity-name %s --add-config %s=1"):format(SERVER, topic, FLOOR)
    end
    return {
      { name = "blame a leader that looks slow", must_fail = "cause",
        verdict = "not-fixed",
        actions = { "diagnose component=" .. broker(p.one)
          .. " mechanism=slow-disk" } },
      { name = "lower the floor", must_fail = "floor",
        verdict = "collateral",
        actions = { diagnosis(p), alter(p.bulk), alter(p.few), "wait 60s" } },
      { name = "restart the leaders one can see", must_fail = "calm",
        verdict = "collateral",
        actions = { diagnosis(p),
          ("systemctl -H %s restart kafka"):format(broker(p.one)), "wait 60s",
          ("systemctl -H %s restart kafka"):format(broker(p.two)),
          "wait 60s" } },
      { name = "make do with two copies", must_fail = "three",
        verdict = "collateral",
        actions = { diagnosis(p),
          plan(p, function(first, second) return { first, second } end),
          EXECUTE, "wait 60s" } },
      { name = "move the busy topic's copies in the wrong direction",
        must_fail = "cured", verdict = "not-fixed",
        actions = { diagnosis(p),
          plan(p, function(first) return { first, SPARE, p.sick } end),
          EXECUTE, "wait 60s" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "Under-replicated partitions have three different leaders, and all \z
        lack the same broker. Where do you look first?",
      a = "At the broker that is missing in all of them, and at its machine: \z
        disk, network, pauses. The leaders only report it.",
      expect = { "missing" },
      competency = "kafka.replication" },
    { q = "A follower's disk gets slow. Why are produce requests with acks=all \z
        slow for half a minute or more, and then fast again?",
      a = "While the follower is in the in-sync set, the leader waits for it. \z
        After replica.lag.time.max.ms (30 s, looked at every 15 s) it is \z
        dropped, and nobody waits for it any more: with one copy less.",
      expect = { "replica.lag.time.max.ms|30 s|dropped" },
      competency = "kafka.replication" },
    { q = "Why can a disk that is a hundred times too slow stay unnoticed for \z
        minutes?",
      a = "Writes go into the page cache. Only when too much of it is dirty \z
        (Linux: 20 % of what is free or cache) writers have to wait for the \z
        disk.",
      expect = { "page cache|cache" },
      competency = "ops.diagnosis" },
  },
}
