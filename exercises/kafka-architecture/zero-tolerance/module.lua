-- kafka-architecture.zero-tolerance - a rolling restart that stopped all writes
--
-- One of two busy topics demands as many in-sync copies as it has (F08).  The
-- first broker of a rolling restart was stopped in good order; from then on
-- acks=all is refused for that topic, and only for that one.  The stopped
-- broker is no fault: it is what the roll does.
--
-- The seed draws the topics, which broker was first, and the load.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local BROKERS = { "broker-1", "broker-2", "broker-3" }
local SETTING = "min.insync.replicas"
local BYTES = 120               -- of one reading, in the producer's buffer

-- The running producer of a service, or nil.
local function producer(w, service)
  for _, c in ipairs(w:clients()) do
    if c.process == service and c.kind == "producer" then
      return c
    end
  end
end

local function gateway(p)
  return p.strict .. "-gateway"
end

local function fast(p)
  return p.strict .. "-fast-gateway"
end

-- Over all partitions of all topics: the least number of copies in sync, where
-- that is, and how many copies are missing in all.
local function copies(w)
  local least, where, missing
  for _, name in ipairs(w:topics()) do
    for _, part in ipairs(w:topic(name).partitions) do
      local n = #part.isr
      missing = (missing or 0) + #part.replicas - n
      if not least or n < least then
        least, where = n, name .. "-" .. part.index
      end
    end
  end
  return least, where, missing
end

-- The brokers that have not been started again since the roll began.
local function not_restarted(w)
  local names = {}
  for _, name in ipairs(BROKERS) do
    local b = w:process(name)
    if b.state ~= "up" or b.starts < 2 then
      names[#names + 1] = name
    end
  end
  return names
end

-- Set the floor of the faulty topic.
local function floor(p, value)
  return ("kafka-configs.sh %s --alter --entity-type topics --entity-name %s "
    .. "--add-config %s=%d"):format(SERVER, p.strict, SETTING, value)
end

local function service(machine, verb, unit)
  return ("systemctl -H %s %s %s"):format(machine, verb, unit)
end

-- The brokers in the order of the roll, the stopped one first.
local function roll(p)
  local order = {}
  for i = 0, 2 do
    order[i + 1] = BROKERS[(p.first - 1 + i) % 3 + 1]
  end
  return order
end

local function finish(p)
  local order = roll(p)
  return {
    service(order[1], "start", "kafka"), "wait 60s",
    service(order[2], "restart", "kafka"), "wait 60s",
    service(order[3], "restart", "kafka"), "wait 60s",
  }
end

local function joined(...)
  local all = {}
  for _, list in ipairs{ ... } do
    for _, line in ipairs(list) do
      all[#all + 1] = line
    end
  end
  return all
end

local function diagnosis(p)
  return "diagnose component=" .. p.strict .. " mechanism=min-isr"
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.zero-tolerance",
  uuid = "f1bc6e6f-596f-4c56-ba00-b08e79ff33eb",
  version = "1.0.0",
  status = "active",
  title = "One restart, no writes",
  blurb = "A rolling restart has begun: one of three brokers is stopped, as \z
    planned. Since then one producer gets nothing acknowledged. Tell \z
    configuration from outage, change it safely, and finish the roll \z
    without losing a record.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 3,
  minutes = 15,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell a setting without room for a restart from an outage, by \z
        who is refused and who is not" },
    { id = "o2", bloom = "apply",
      text = "Lower a floor of in-sync copies by exactly one, on the topic \z
        that needs it" },
    { id = "o3", bloom = "apply",
      text = "Restart brokers one at a time and wait for the copies in \z
        between" },
  },
  competencies = { ["kafka.replication"] = 0.6, ["kafka.operations"] = 0.4 },
  prerequisites = { "kafka.topics", "kafka.producers" },
  out_of_scope = { "unclean election", "idempotence", "reassignment" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2 },
  start = "3m",
  settle = "30s",
  recover = "3m",

  params = function(rng)
    local names = { "meters", "pumps", "valves", "boilers", "turbines" }
    local i = rng:int(1, #names)
    local k = (i - 1 + rng:int(1, #names - 1)) % #names + 1
    return {
      strict = names[i], other = names[k],
      first = rng:int(1, 3),
      devices = rng:int(8, 16) * 10,
      partitions = rng:int(3, 6),
    }
  end,

  setup = function(s, p)
    for _, topic in ipairs{ p.strict, p.other } do
      local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--partitions %d --replication-factor 3")
        :format(SERVER, topic, p.partitions))
      if code ~= 0 then
        error(said)
      end
      s:command(("fleet-new name=%s topic=%s devices=%d acks=all")
        :format(topic, topic, p.devices))
    end
    s:command(("fleet-new name=%s-fast topic=%s devices=%d acks=1")
      :format(p.strict, p.strict, p.devices))
    s:command(("service %s do=stop"):format(fast(p)))
    s:file("runbook.txt", table.concat({
      "Rolling restart",
      "  order    " .. table.concat(roll(p), ", "),
      "  rule     one at a time; the next only when no partition lacks",
      "           a copy",
      "  state    " .. roll(p)[1] .. " stopped; the others not yet begun",
      "",
      "Clients begin at  broker-1:9092,broker-2:9092,broker-3:9092",
      "",
      "Services on edge-1",
      ("  %-21s acks=all, sends to %s"):format(gateway(p), p.strict),
      ("  %-21s acks=all, sends to %s"):format(p.other .. "-gateway", p.other),
      ("  %-21s acks=1, for emergencies, stopped"):format(fast(p)),
      "",
    }, "\n"))
    s:run("60s")
    s:command(("service %s do=stop"):format(roll(p)[1]))
  end,

  faults = function(p)
    return {
      { id = "f1", fault = "min-isr", at = "T+61s",
        args = { component = p.strict, value = 3 },
        cause = { component = p.strict, mechanism = "min-isr" },
        scope = { p.strict } },
    }
  end,

  -- The producer was really refused, and had been served before.
  nonvacuous = function(h, w, p)
    return h:count_log{ process = gateway(p),
      match = "NOT_ENOUGH_REPLICAS" } > 0 and w:count{ topic = p.strict } > 0
  end,

  tasks = {
    { id = "diagnose", title = "Configuration or outage?", kind = "diagnose",
      text = "text/diagnose.md", points = 5,
      checks = {
        { id = "cause", type = "diagnosis",
          grade = { "component", "mechanism" },
          fail = "That is not what keeps the writes out. Two of three copies \z
            are there; find what refuses all the same.",
          pass = "The brokers are well. The topic demands every copy it has, \z
            so the first planned restart stops it.",
          help = "the lesson kafka-architecture/acks-min-insync" },
      },
      hints = {
        { cost = 0, text = "Two topics, two gateways, one cluster: what does \z
          the log of each gateway say? What an outage would stop, it would \z
          stop for both." },
        { cost = 1, text = "The error speaks of replicas in sync. A topic \z
          has a number of copies in sync now, and a number it demands from \z
          acks=all. kafka-topics.sh --describe shows both." },
        { cost = 3, text = "Compare the two topics with kafka-topics.sh \z
          --describe: the Isr columns are alike, the Configs line is not. \z
          The diagnosis names the topic as component and min-isr as \z
          mechanism." },
      } },

    { id = "write", title = "Let them write again", kind = "operate",
      text = "text/write.md", points = 5,
      checks = {
        { id = "promise", type = "always", from = "3m",
          fn = function(w, h, p)
            return w:process(fast(p)).state == "down"
              and w:process(gateway(p)).state == "up"
          end,
          fail = "Readings were sent with acks=1, or not sent at all. An \z
            acknowledgement of the leader alone is a promise of one copy, \z
            given while another broker was about to restart." },
        { id = "flows", type = "held", hold = "20s", symptom = true,
          fn = function(w, h, p)
            local c = producer(w, gateway(p))
            if not c then
              return false, "the gateway does not run"
            end
            local waiting = c.buffered_bytes // BYTES
            return waiting < 5 * p.devices,
              waiting .. " readings wait in its buffer"
          end,
          fail = "The gateway does not get its readings acknowledged; they \z
            wait in its buffer." },
        { id = "room", type = "at",
          fn = function(w, h, p)
            local now = tonumber(w:topic(p.strict).config[SETTING])
            return now == 2, "it demands " .. now .. " of 3"
          end,
          fail = "The topic's floor is not right. As high as the number of \z
            copies, the next restart stops it again; at one, acks=all may \z
            promise a single copy.",
          pass = "Two of three: one broker may be away, and an acknowledged \z
            record still lies twice." },
      },
      hints = {
        { cost = 0, text = "Which of the two can you change without touching \z
          a producer or a broker: what the topic has, or what it demands?" },
        { cost = 1, text = "With R copies and a floor of m, R - m brokers may \z
          be away and m - 1 may be lost. You want one of each." },
        { cost = 3, text = "kafka-configs.sh --alter with --entity-type \z
          topics, --entity-name and --add-config min.insync.replicas=2; it \z
          holds at once, no restart." },
      } },

    { id = "roll", title = "Finish the roll", kind = "operate",
      text = "text/roll.md", points = 5, needs = { "write" },
      checks = {
        { id = "two", type = "always", from = "3m",
          fn = function(w)
            local least, where = copies(w)
            return least >= 2, where .. " has " .. least .. " in sync"
          end,
          fail = "A partition was left with a single copy in sync. The next \z
            broker went before the one before it had caught up." },
        { id = "rolled", type = "at",
          fn = function(w)
            local names = not_restarted(w)
            return #names == 0, "not restarted and up: "
              .. table.concat(names, ", ")
          end,
          fail = "The roll is not finished: every broker has to have been \z
            started anew." },
        { id = "whole", type = "at",
          fn = function(w)
            local _, _, missing = copies(w)
            return missing == 0, missing .. " copies are not in sync"
          end,
          fail = "Copies are still missing in the in-sync sets." },
        { id = "kept", type = "history",
          fn = function(w, h, p)
            for _, topic in ipairs{ p.strict, p.other } do
              local c = producer(w, topic .. "-gateway")
              if not c then
                return false, topic .. "-gateway does not run"
              end
              if w:count{ topic = topic } < c.acked then
                return false, c.acked .. " were acknowledged in " .. topic
                  .. ", " .. w:count{ topic = topic } .. " are there"
              end
            end
            return true
          end,
          fail = "Readings that were acknowledged are not in the log.",
          pass = "Every broker has been restarted, no partition had fewer \z
            than two copies, nothing that was acknowledged is missing." },
      },
      hints = {
        { cost = 0, text = "runbook.txt has the order and the rule. Which \z
          option of kafka-topics.sh shows only the partitions that lack a \z
          copy?" },
        { cost = 1, text = "A broker that is up again has to fetch what it \z
          missed; only then it is in sync. Until then the next restart takes \z
          the second copy away." },
        { cost = 3, text = "systemctl -H NAME start kafka for the stopped \z
          one; wait until kafka-topics.sh --describe \z
          --under-replicated-partitions prints nothing; then restart the \z
          next with the same care." },
      } },
  },

  solution = function(p)
    return {
      { "diagnose", {
          "logs " .. gateway(p) .. " | tail -n 2",
          ("kafka-topics.sh %s --describe"):format(SERVER),
          diagnosis(p) } },
      { "write", { floor(p, 2), "wait 30s" } },
      { "roll", finish(p) },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "go back to the brokers' default",
        { "diagnose", { diagnosis(p) } },
        { "write", { ("kafka-configs.sh %s --alter --entity-type topics "
          .. "--entity-name %s --delete-config %s")
          :format(SERVER, p.strict, SETTING), "wait 30s" } },
        { "roll", finish(p) } },
      { name = "the broker first, the setting before the next one",
        { "diagnose", { diagnosis(p) } },
        { "roll", { service(roll(p)[1], "start", "kafka"), "wait 60s" } },
        { "write", { floor(p, 2), "wait 30s" } },
        { "roll", { service(roll(p)[2], "restart", "kafka"), "wait 60s",
          service(roll(p)[3], "restart", "kafka"), "wait 60s" } } },
    }
  end,

  wrong = function(p)
    return {
      { name = "blame the broker that is stopped", must_fail = "cause",
        verdict = "not-fixed",
        actions = { "diagnose component=" .. roll(p)[1]
          .. " mechanism=kill" } },
      { name = "blame the topic that is well", must_fail = "cause",
        verdict = "not-fixed",
        actions = { "diagnose component=" .. p.other
          .. " mechanism=min-isr" } },
      { name = "switch the producers to acks=1", must_fail = "promise",
        verdict = "collateral",
        actions = joined({ diagnosis(p),
          service("edge-1", "stop", gateway(p)),
          service("edge-1", "start", fast(p)), "wait 30s" }, finish(p)) },
      { name = "demand one copy only", must_fail = "room",
        verdict = "masked",
        actions = joined({ diagnosis(p), floor(p, 1), "wait 30s" },
          finish(p)) },
      { name = "start the broker and leave the setting", must_fail = "room",
        verdict = "masked",
        actions = { diagnosis(p), service(roll(p)[1], "start", "kafka"),
          "wait 60s" } },
      { name = "restart the other two at once", must_fail = "two",
        verdict = "collateral",
        actions = { diagnosis(p), floor(p, 2), "wait 30s",
          service(roll(p)[1], "start", "kafka"), "wait 60s",
          service(roll(p)[2], "restart", "kafka"),
          service(roll(p)[3], "restart", "kafka"), "wait 60s" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A topic has 3 replicas and min.insync.replicas=3. One broker is \z
        restarted in good order. What do producers with acks=all see, and \z
        what those with acks=1?",
      a = "acks=all: NOT_ENOUGH_REPLICAS, retried until delivery.timeout.ms \z
        (120 s) has passed. acks=1: nothing unusual. So the number of \z
        refused producers tells a floor from an outage.",
      expect = { "NOT_ENOUGH_REPLICAS|refuse|error", "nothing" },
      competency = "kafka.replication" },
    { q = "R replicas, min.insync.replicas=m, acks=all, no unclean election: \z
        how many brokers may be away while writes go on, and how many \z
        copies may be lost without losing an acknowledged record?",
      a = "R - m may be away; m - 1 may be lost.",
      expect = { "R - m|R-m", "m - 1|m-1" },
      competency = "kafka.replication" },
    { q = "When may the next broker of a rolling restart be stopped?",
      a = "When no partition is under-replicated: the one before has caught \z
        up and is back in every in-sync set. That it runs is not enough.",
      expect = { "under-replicated|in sync|in-sync|caught up" },
      competency = "kafka.operations" },
  },
}
