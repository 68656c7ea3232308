-- kafka-architecture.unclean - outage or loss
--
-- A leader lost its followers behind broken links and went on alone, since the
-- topic's floor is 1; minutes later its disk failed.  The followers are back,
-- and behind (F10).  The disk will be readable again at a known time.  Waiting
-- costs minutes, an unclean election costs acknowledged readings: both can be
-- measured, since time can be turned back.
--
-- What an unclean election would cost is not computed from settings: at the
-- moment the learner comes, the check `whole` notes the end of the dead
-- leader's log, and of the longest log among those that live.
--
-- The seed draws the brokers, the load, how long the leader was alone and when
-- the disk comes back.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local START_S = 480
local CUT = 120         -- s: the links break
local BYTES = 120       -- of one reading, in the producer's buffer
local FLOOR = "min.insync.replicas"

local function gateway(p)
  return p.topic .. "-gateway"
end

local function broker(n)
  return "broker-" .. n
end

local function partition(w, p)
  local t = w:topic(p.topic)
  return t and t.partitions[1]
end

local function clock(at)
  return ("T+%02d:%02d"):format(at // 60, at % 60)
end

-- When the leader died, in seconds.
local function died_at(p)
  return CUT + p.alone
end

-- -- what is measured -------------------------------------------------------

-- What the dead leader has and no living copy has, at the start.
local behind

local function note_behind(w, p)
  if math.floor(w:now()) ~= START_S then
    return
  end
  local part, longest = partition(w, p), 0
  for _, row in ipairs(w:query(('kafka_log_log_logendoffset{topic="%s",'
      .. 'instance!="broker-%d:9404"}'):format(p.topic, p.lead))) do
    longest = math.max(longest, math.tointeger(row.value) or 0)
  end
  behind = part and part.end_offset and part.end_offset - longest
end

local function lost(w, p)
  return w:audit(p.topic).lost
end

-- Is a broker leading that was not in sync when it was elected?
local function was_unclean(h, p)
  for _, c in ipairs(h:leader_changes(p.topic)) do
    if c.unclean then
      return true
    end
  end
  return false
end

-- -- what is typed ----------------------------------------------------------

local ELECT = "kafka-leader-election.sh %s --election-type unclean "
  .. "--topic %s --partition 0"

local function elect(p)
  return ELECT:format("--bootstrap-server " .. broker(p.follower) .. ":9092",
    p.topic)
end

local function minutes_of_waiting(p)
  return math.floor((p.repaired - died_at(p)) / 60 + 0.5)
end

local function note(p, choice)
  return function()
    return ("answer note 0 %d %d %s"):format(minutes_of_waiting(p), behind,
      choice or "wait")
  end
end

local function alter(p, what)
  return ("kafka-configs.sh %s --alter --entity-type topics --entity-name %s "
    .. "%s"):format(SERVER, p.topic, what)
end

local function bring_back(p)
  return {
    ("run until %ds"):format(p.repaired + 5),
    ("systemctl -H %s start kafka"):format(broker(p.lead)), "wait 60s",
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

return lab.module{
  format_version = 1,
  id = "kafka-architecture.unclean",
  uuid = "e84da415-7e69-440e-b5d1-407994905b82",
  version = "1.0.0",
  status = "active",
  title = "Outage or loss: choose",
  blurb = "A partition has no leader: the only copy in sync stands on a \z
    broker whose disk failed. Two copies live, and are minutes behind. One \z
    command would end the outage now. Measure what each way costs, write it \z
    down, and recover with the least loss.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 6,
  minutes = 30,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "evaluate",
      text = "Measure what an unclean election loses, and what waiting costs" },
    { id = "o2", bloom = "apply",
      text = "Bring a partition back from the copy that has everything" },
    { id = "o3", bloom = "apply",
      text = "Set a floor so that no acknowledgement stands for one copy" },
  },
  competencies = { ["kafka.replication"] = 0.6, ["ops.incident"] = 0.4 },
  prerequisites = { "kafka.topics", "kafka.producers" },
  out_of_scope = { "transactions", "replay from the source" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2, ["auto-rebalance"] = "off" },
  start = "8m",
  settle = "30s",

  params = function(rng)
    local names = { "meters", "pumps", "valves", "boilers", "turbines" }
    local lead = rng:int(1, 3)
    local follower = (lead - 1 + rng:int(1, 2)) % 3 + 1
    return {
      topic = rng:pick(names),
      lead = lead, follower = follower, last = 6 - lead - follower,
      devices = rng:int(20, 50),
      alone = rng:int(200, 280),
      repaired = 60 * rng:int(13, 18),
    }
  end,

  setup = function(s, p)
    local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
      .. "--replica-assignment %d:%d:%d --config %s=1")
      :format(SERVER, p.topic, p.lead, p.follower, p.last, FLOOR))
    if code ~= 0 then
      error(said)
    end
    s:command(("fleet-new name=%s topic=%s devices=%d acks=all "
      .. "delivery.timeout.ms=7200000"):format(p.topic, p.topic, p.devices))
    s:file("situation.txt", table.concat({
      ("Topic %s: 1 partition, Replicas %d,%d,%d, %s=1"):format(p.topic,
        p.lead, p.follower, p.last, FLOOR),
      ("%s: acks=all, %d readings/s; keeps what it cannot send"):format(
        gateway(p), p.devices),
      "    for two hours (delivery.timeout.ms)",
      "",
      ("%s  links between %s and the other two brokers broke"):format(
        clock(CUT), broker(p.lead)),
      ("%s  the disk of %s failed; the broker halted"):format(
        clock(died_at(p)), broker(p.lead)),
      ("%s  the links are whole again"):format(clock(died_at(p) + 20)),
      ("%s  expected: the disk's controller is replaced. What was on"):format(
        clock(p.repaired)),
      ("          the disk is intact. %s then has to be started."):format(
        broker(p.lead)),
      "",
      "Operations: \"No reading has come through since. There are two copies",
      "that live. Why is nobody using them?\"",
      "",
    }, "\n"))
  end,

  faults = function(p)
    local function seconds(n) return ("%ds"):format(n) end
    local list = {
      { id = "disk", fault = "failing-disk", at = seconds(died_at(p)),
        args = { component = broker(p.lead),
                 ["for"] = seconds(p.repaired - died_at(p)) } },
    }
    for _, other in ipairs{ p.follower, p.last } do
      list[#list + 1] = { id = "link-" .. other, fault = "partition",
        at = seconds(CUT),
        args = { component = broker(p.lead), to = broker(other),
                 ["for"] = seconds(p.alone + 20) } }
    end
    return list
  end,

  -- The leader was alone before it died, and was served readings then.
  nonvacuous = function(h, w, p)
    local alone
    for _, c in ipairs(h:isr_changes(p.topic)) do
      alone = alone or c.at < died_at(p) and #c.to == 1
    end
    return alone and behind ~= nil and behind > 100 * p.devices
  end,

  tasks = {
    { id = "note", title = "Measure both, write the note", kind = "design",
      text = "text/note.md", points = 4,
      checks = {
        { id = "form", type = "answer",
          fn = function(w, h, p, given)
            return (given or ""):match("^%d+%s+%d+%s+%d+%s+%a+$") ~= nil
          end,
          fail = "The note is three whole numbers and a word, as in: answer \z
            note 10 3 500 unclean" },
        { id = "wait", type = "answer",
          fn = function(w, h, p, given)
            local gone, minutes = (given or ""):match("^(%d+)%s+(%d+)")
            if not gone then
              return false
            end
            if gone ~= "0" then
              return false, "look again at what is lost by waiting"
            end
            return math.abs(tonumber(minutes) - minutes_of_waiting(p)) <= 1,
              "look again at the minutes"
          end,
          fail = "That is not what waiting costs. The outage began when the \z
            leader died, and the producer keeps what it cannot send." },
        { id = "unclean", type = "answer",
          fn = function(w, h, p, given)
            local n = tonumber((given or ""):match("^%d+%s+%d+%s+(%d+)"))
            if not n or not behind then
              return false
            end
            return math.abs(n - behind) <= behind / 10,
              "look again at the third number"
          end,
          fail = "That is not what an unclean election loses. What the old \z
            leader had acknowledged alone is in no other log.",
          pass = "All of these had been acknowledged with acks=all." },
        { id = "choice", type = "answer",
          fn = function(w, h, p, given)
            return (given or ""):match("(%a+)$") == "wait"
          end,
          fail = "By the numbers of the note the other way loses less.",
          pass = "Minutes against readings: here nothing is lost by waiting, \z
            because the gateway keeps what it cannot send." },
      },
      hints = {
        { cost = 0, text = "Try both ways, and look at the ends of the logs \z
          each time: kafka-get-offsets.sh, asked of a broker that lives, or \z
          kafka_log_log_logendoffset in Prometheus. The words save and \z
          rewind let you come back." },
        { cost = 1, text = "A broker that is down tells Prometheus nothing, \z
          yet its last scrape before it died can be asked for: promql with \z
          `offset`. Compare it with the living copies' log ends, before or \z
          after an unclean election of partition 0 by \z
          kafka-leader-election.sh." },
        { cost = 2, text = "Lost by waiting: 0. Minutes: from the failure of \z
          the disk to its repair, both in situation.txt. Lost by an unclean \z
          election: the old leader's last log end, minus the log end of the \z
          living copies. The choice follows: wait." },
      } },

    { id = "recover", title = "Recover with the least loss",
      kind = "operate", text = "text/recover.md", points = 6,
      checks = {
        { id = "whole", type = "always", from = "8m",
          fn = function(w, h, p)
            note_behind(w, p)
            return w:topic(p.topic) ~= nil and not was_unclean(h, p),
              "a copy leads that lacks what had been acknowledged"
          end,
          fail = "Acknowledged readings are gone: the log they were in is no \z
            longer the truth. Going back in time undoes that here; in \z
            earnest nothing does." },
        { id = "writes", type = "held", hold = "20s",
          fn = function(w, h, p)
            local part = partition(w, p)
            if not part or not part.leader then
              return false, "the partition has no leader"
            end
            for _, c in ipairs(w:clients()) do
              if c.process == gateway(p) and c.kind == "producer" then
                local waiting = c.buffered_bytes // BYTES
                return waiting < 5 * p.devices,
                  waiting .. " readings wait in the gateway"
              end
            end
            return false, "the gateway does not run"
          end,
          fail = "Readings do not come through yet." },
        { id = "kept", type = "history",
          fn = function(w, h, p)
            local part = partition(w, p)
            if not part or not part.leader then
              return false, "the partition has no leader"
            end
            local n = lost(w, p)
            return n == 0, n .. " acknowledged readings are in no log"
          end,
          fail = "Readings that had been acknowledged are not there." },
        { id = "copies", type = "at",
          fn = function(w, h, p)
            local part = partition(w, p)
            if not part then
              return false
            end
            return #part.isr == 3, #part.isr .. " copies are in sync"
          end,
          fail = "Not all three copies are in sync: the next failure finds \z
            the partition as this one did." },
        { id = "floor", type = "at",
          fn = function(w, h, p)
            local t = w:topic(p.topic)
            if not t then
              return false
            end
            local floor = tonumber(t.config[FLOOR])
            return floor == 2
              and t.config["unclean.leader.election.enable"] == "false",
              "it demands " .. floor .. " copies; unclean election is "
                .. (t.config["unclean.leader.election.enable"] == "false"
                  and "off" or "on")
          end,
          fail = "The topic still makes promises that it cannot keep, or \z
            none that it can: an acknowledgement should stand for two of \z
            three copies, and a copy that is behind should not lead.",
          pass = "Back from the one log that had everything. Had the floor \z
            been 2 before, the leader would have refused to go on alone, and \z
            there would have been nothing to choose." },
      },
      hints = {
        { cost = 0, text = "Which broker has everything, and what is in the \z
          way of it leading again? situation.txt says when that ends." },
        { cost = 1, text = "The last member of the in-sync set may lead as \z
          soon as it is back. A broker whose disk failed has halted; it does \z
          not start by itself. Time passes with `run until 20m`, say." },
        { cost = 2, text = "After the repair: systemctl -H broker-N start \z
          kafka, a minute of patience, and kafka-configs.sh --alter with \z
          --add-config min.insync.replicas=2 for the topic." },
      } },
  },

  solution = function(p)
    return {
      { "note", {
          "save before",
          elect(p), "wait 10s",
          ("kafka-get-offsets.sh --bootstrap-server %s:9092 --topic %s")
            :format(broker(p.follower), p.topic),
          "rewind before",
          note(p) } },
      { "recover", joined(bring_back(p),
          { alter(p, "--add-config " .. FLOOR .. "=2"), "wait 30s" }) },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "the floor back to that of the brokers, early; note at the end",
        { "recover", joined({ alter(p, "--delete-config " .. FLOOR) },
            bring_back(p), { "wait 30s" }) },
        { "note", { note(p) } } },
    }
  end,

  wrong = function(p)
    return {
      { name = "elect the copy that lives", must_fail = "whole",
        verdict = "collateral",
        actions = { note(p), elect(p), "wait 30s",
          alter(p, "--add-config " .. FLOOR .. "=2"),
          ("run until %ds"):format(p.repaired + 5),
          ("systemctl -H %s start kafka"):format(broker(p.lead)),
          "wait 60s" } },
      { name = "enable unclean election and restart a follower",
        must_fail = "whole", verdict = "collateral",
        actions = { note(p),
          alter(p, "--add-config unclean.leader.election.enable=true"),
          ("systemctl -H %s restart kafka"):format(broker(p.follower)),
          "wait 60s" } },
      { name = "bring it back, and leave the floor at one",
        must_fail = "floor", verdict = "not-fixed",
        actions = joined({ note(p) }, bring_back(p)) },
      { name = "believe that acks=all lost nothing anywhere",
        must_fail = "note.unclean", verdict = "not-fixed",
        actions = joined({ ("answer note 0 %d 0 wait")
          :format(minutes_of_waiting(p)) }, bring_back(p),
          { alter(p, "--add-config " .. FLOOR .. "=2"), "wait 30s" }) },
      { name = "choose the shorter outage", must_fail = "choice",
        verdict = "not-fixed",
        actions = joined({ note(p, "unclean") }, bring_back(p),
          { alter(p, "--add-config " .. FLOOR .. "=2"), "wait 30s" }) },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "The in-sync set is the leader alone; the leader dies with its disk \z
        intact. What does an unclean election lose, and what does waiting?",
      a = "The election loses everything the leader took after the other \z
        copies fell behind, acknowledged records too. Waiting loses nothing \z
        that was acknowledged; it costs time, and what producers cannot keep.",
      expect = { "acknowledged", "nothing" },
      competency = "kafka.replication" },
    { q = "After an unclean election all partitions are green. What becomes of \z
        the old leader's longer log when it returns?",
      a = "It is truncated to where the new leader's history parts from it. \z
        From then on the readings are in no log.",
      expect = { "truncated|truncates|cut" },
      competency = "kafka.replication" },
    { q = "Which setting would have kept a leader from acknowledging with \z
        acks=all while it was alone in the in-sync set?",
      a = "min.insync.replicas=2: writes are refused while fewer are in sync.",
      expect = { "min.insync.replicas" },
      competency = "kafka.replication" },
    { q = "Before somebody chooses between outage and loss: which three \z
        questions have numbers for answers?",
      a = "How many acknowledged records would be lost; how long until the \z
        copy that has them is back; how long the sources can keep what they \z
        cannot send.",
      competency = "ops.incident" },
  },
}
