-- kafka-architecture.rf-illusion - acks=all, min.insync.replicas=2, one copy
--
-- Somebody's producer made a topic by mentioning it: one partition, one copy,
-- since default.replication.factor is 1 (F09).  Its floor says 2, and what it
-- demands is the lesser of the floor and the copies it has.  Then the disk
-- with that copy fails for good.
--
-- Five other topics are there to be audited, among them one with three copies
-- and a floor of one.  The policy check is a PromQL query, which is run against
-- two moments of the past: one before the auto-created topic existed, when
-- another topic was short that has three copies since, so that naming names is
-- no policy.
--
-- The seed draws names, brokers and load; where the auto-created topic comes
-- to lie is the controller's choice.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local COPIES = 3
local EARLY = 60        -- s: `mended` is short, the auto-created topic not yet there
local LATE = 290        -- s: just before the disk fails
local FAILS = 300       -- s
local POLICY = "count by (topic, partition) (kafka_log_log_logendoffset) < 3"

local function keys(set)
  local out = {}
  for k in pairs(set) do
    out[#out + 1] = k
  end
  return out
end

-- -- what is true -----------------------------------------------------------

-- Topics in which acks=all may promise a single copy.
local function exposed(w)
  local out = {}
  for _, name in ipairs(w:topics()) do
    local t = w:topic(name)
    local floor = tonumber(t.config["min.insync.replicas"])
    if not t.internal and math.min(floor, #t.partitions[1].replicas) == 1 then
      out[name] = true
    end
  end
  return out
end

-- The copy of the auto-created topic lies where it lay: on a broker that is
-- down.  One that was made again lies on another.
local function untouched(w, h, p)
  local t = w:topic(p.auto)
  for _, id in ipairs(t and t.partitions[1].replicas or {}) do
    if w:broker(id).state ~= "up" then
      return true
    end
  end
  return false
end

-- -- what is said about it --------------------------------------------------

local function same_set(said, is)
  for k in pairs(said) do
    if not is[k] then
      return false, k .. " does not belong in it"
    end
  end
  for k in pairs(is) do
    if not said[k] then
      return false, "it names " .. #keys(said) .. " topics; there are others"
    end
  end
  return true
end

-- The topics that a query names at a moment, or nil and why.
local function names_at(w, query, at)
  local ok, rows = pcall(function() return w:query(query, at) end)
  if not ok then
    return nil, tostring(rows):match("[^\n]*")
  end
  local out = {}
  for _, row in ipairs(rows) do
    if not row.labels or not row.labels.topic then
      return nil, "a result has no label topic"
    end
    out[row.labels.topic] = true
  end
  return out
end

local function set(...)
  local out = {}
  for _, name in ipairs{ ... } do
    out[name] = true
  end
  return out
end

local function judge(w, query, at, is, when)
  local said, why = names_at(w, query, at)
  if not said then
    return false, why
  end
  for name in pairs(is) do
    if not said[name] then
      return false, when .. " it does not name " .. name
    end
  end
  for name in pairs(said) do
    if not is[name] then
      return false, when .. " it names " .. name
        .. ", which has its three copies"
    end
  end
  return true
end

-- The plan that gives `mended` its three copies, in setup.
local function plan(p)
  local entries = {}
  for i = 0, 1 do
    entries[i + 1] = ('{"topic":"%s","partition":%d,"replicas":[1,2,3]}')
      :format(p.mended, i)
  end
  return '{"version":1,"partitions":[' .. table.concat(entries, ",") .. "]}"
end

-- -- the reference solution -------------------------------------------------

local function cap(w, h, p)
  return "answer cap 1 " .. w:topic(p.auto).partitions[1].end_offset
end

local function audit(p)
  return ("answer audit %s,%s,%s"):format(p.auto, p.solo, p.thin)
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.rf-illusion",
  uuid = "f95d030e-479f-4d92-b478-61095cb69507",
  version = "1.0.0",
  status = "active",
  title = "Durable on paper",
  blurb = "Every producer sends with acks=all, every topic demands two copies \z
    in sync. One disk is gone, and so are all readings of one topic. Say how \z
    that could be, find the other topics that stand there, and write the \z
    check that would have told before.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 4,
  minutes = 20,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Explain how many copies an acknowledgement stands for, from \z
        floor and replica count" },
    { id = "o2", bloom = "analyze",
      text = "Audit topics for acknowledgements that stand for one copy" },
    { id = "o3", bloom = "create",
      text = "Write a query that names every partition with too few copies" },
  },
  competencies = { ["kafka.replication"] = 1.0 },
  prerequisites = { "kafka.topics", "kafka.producers" },
  out_of_scope = { "reassignment", "recovery of disks" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2, ["auto-rebalance"] = "off" },
  start = "6m",
  settle = "5s",

  params = function(rng)
    local names = { "boilers", "chillers", "meters", "pumps", "silos",
                    "trucks", "turbines", "valves" }
    local function name()
      return table.remove(names, rng:int(1, #names))
    end
    return {
      auto = name(), solo = name(), pair = name(), thin = name(),
      well = name(), mended = name(),
      devices = rng:int(20, 50), parts = rng:int(2, 4),
    }
  end,

  setup = function(s, p)
    local function kafka(line, ...)
      local said, code = s:console(line:format(...))
      if code ~= 0 then
        error(said)
      end
    end
    local create = "kafka-topics.sh " .. SERVER .. " --create --topic %s "
    kafka(create .. "--partitions %d --replication-factor 3", p.well, p.parts)
    kafka(create .. "--partitions %d --replication-factor 3 --config "
      .. "min.insync.replicas=1", p.thin, p.parts)
    kafka(create .. "--partitions 2 --replication-factor 1", p.mended)
    s:run("63s")
    kafka("echo '%s' > plan.json", plan(p))
    kafka("kafka-reassign-partitions.sh %s --execute "
      .. "--reassignment-json-file plan.json", SERVER)
    kafka("rm plan.json")
    s:console("echo first | kafka-console-producer.sh " .. SERVER
      .. " --topic " .. p.auto)
    s:run("5s")
    local t = s:topic(p.auto)
    if not t then
      error("the topic was not made by being mentioned")
    end
    local gone = t.partitions[1].replicas[1]
    local next, other = gone % 3 + 1, (gone + 1) % 3 + 1
    -- The short topics made by hand lie on the brokers that stay.
    kafka(create .. "--replica-assignment %d,%d", p.solo, next, other)
    kafka(create .. "--replica-assignment %d:%d,%d:%d", p.pair, next, other,
      other, next)
    for _, topic in ipairs{ p.auto, p.well } do
      s:command(("fleet-new name=%s topic=%s devices=%d acks=all")
        :format(topic, topic, p.devices))
    end
    s:fault{ kind = "failing-disk", component = "broker-" .. gone,
             after = (FAILS * 1000 - math.floor(s:now() * 1000)) .. "ms" }
    s:file("promises.txt", table.concat({
      "What was promised for every topic on this cluster",
      "  producers       acks=all",
      "  brokers         min.insync.replicas=2",
      "  so              each acknowledged reading lies twice",
      "",
      "Brokers listen at broker-1:9092, broker-2:9092, broker-3:9092",
      ("Incident   T+05:00   the disk of broker-%d failed for good; it is")
        :format(gone),
      "                     shredded, and nothing of it comes back",
      ("Complaint            %s: no reading can be read any more")
        :format(p.auto),
      ("Still running        %s-gateway, %s-gateway on edge-1, acks=all")
        :format(p.auto, p.well),
      "",
    }, "\n"))
  end,

  -- The topic is without a leader, and had been written to.
  nonvacuous = function(h, w, p)
    local part = w:topic(p.auto) and w:topic(p.auto).partitions[1]
    return part and not part.leader and #w:faults() == 1
      and part.end_offset ~= nil and part.end_offset > 100 * p.devices
      and #part.replicas == 1
  end,

  tasks = {
    { id = "cap", title = "What was demanded", kind = "diagnose",
      text = "text/cap.md", points = 3,
      checks = {
        { id = "floor", type = "answer",
          fn = function(w, h, p, given)
            local floor = (given or ""):match("^(%d+)[%s,]+%d+$")
            if not floor then
              return false, "write two numbers, as in: answer cap 3 5000"
            end
            return floor == "1", "look again at the first number"
          end,
          fail = "That is not how many copies in sync the topic demanded. \z
            Had it demanded them, its writes would have been refused from \z
            the first on.",
          pass = "What counts is the lesser of min.insync.replicas and the \z
            number of replicas: of one replica, one." },
        { id = "gone", type = "answer",
          fn = function(w, h, p, given)
            local n = tonumber((given or ""):match("(%d+)$"))
            local part = w:topic(p.auto) and w:topic(p.auto).partitions[1]
            local is = part and part.end_offset
            if not n or not is then
              return false, "look again at the second number"
            end
            return math.abs(n - is) <= is / 10, "look again at the second \z
              number"
          end,
          fail = "So many readings the lost log did not have. Prometheus has \z
            scraped the ends of all logs, also before the disk failed.",
          pass = "Each of them had been acknowledged, and lay once." },
        { id = "evidence", type = "always", from = "6m", fn = untouched,
          fail = "The topic is no longer the one that failed: what could be \z
            read off it (who made it how, how much is missing) is gone, and \z
            consumers see an empty topic and no error." },
      },
      hints = {
        { cost = 0, text = "kafka-topics.sh --describe --topic, asked of a \z
          broker that lives, shows what the floor says and how many replicas \z
          there are. Compare the two." },
        { cost = 1, text = "A topic cannot have more copies in sync than it \z
          has copies. Kafka does not refuse all writes then: it takes the \z
          lesser of the two. The log's end, kafka_log_log_logendoffset in \z
          Prometheus, can be asked for a moment of the past with `offset \z
          3m`." },
        { cost = 1, text = "promql 'kafka_log_log_logendoffset offset 2m', \z
          with as many minutes as lead back before T+05:00, shows the log's \z
          end of the topic of promises.txt; then: answer cap 1 N." },
      } },

    { id = "audit", title = "Who else stands there", kind = "diagnose",
      text = "text/audit.md", points = 3,
      checks = {
        { id = "list", type = "answer",
          fn = function(w, h, p, given)
            local said = {}
            for name in (given or ""):gmatch("[^%s,]+") do
              if not w:topic(name) then
                return false, "there is no topic " .. name
              end
              said[name] = true
            end
            if #keys(said) == 0 then
              return false, "write names, as in: answer audit one,two"
            end
            return same_set(said, exposed(w))
          end,
          fail = "That is not the list. Take for each topic the lesser of \z
            its floor and its replicas.",
          pass = "Two of them for want of copies, and one that has three and \z
            is content with one." },
      },
      hints = {
        { cost = 0, text = "kafka-topics.sh --describe without --topic shows \z
          all of them. Which two numbers of each do you need?" },
        { cost = 1, text = "ReplicationFactor is one of them; the other \z
          stands in Configs. A topic can have a floor of its own, below that \z
          of the brokers." },
        { cost = 1, text = "Name each topic with ReplicationFactor 1, and \z
          each with min.insync.replicas=1: answer audit NAME,NAME,NAME. Two \z
          replicas with a floor of 2 keep the promise, at the price of \z
          stopping at every restart." },
      } },

    { id = "policy", title = "The check", kind = "build",
      text = "text/policy.md", points = 4,
      checks = {
        { id = "late", type = "answer",
          fn = function(w, h, p, given)
            if not given then
              return false, "nothing was answered yet"
            end
            return judge(w, given, LATE, set(p.auto, p.solo, p.pair),
              "at T+04:50")
          end,
          fail = "Just before the disk failed this query would not have told \z
            the short topics from the others." },
        { id = "early", type = "answer",
          fn = function(w, h, p, given)
            if not given then
              return false, "nothing was answered yet"
            end
            return judge(w, given, EARLY, set(p.mended), "at T+01:00")
          end,
          fail = "At another time, with other topics, it does not tell the \z
            short ones from the others.",
          pass = "It names what is short by counting copies, so it will name \z
            the next one, too." },
      },
      hints = {
        { cost = 0, text = "A broker tells Prometheus of each log it has. \z
          How many series with one topic and partition are there, then?" },
        { cost = 1, text = "Series can be counted by labels, and what is \z
          counted can be compared with a number: only what compares true is \z
          left in the result. Try it on the time before the failure, with \z
          `offset`." },
        { cost = 2, text = "answer policy count by (topic, partition) \z
          (kafka_log_log_logendoffset) < 3" },
      } },
  },

  solution = function(p)
    return {
      { "cap", { cap } },
      { "audit", { "kafka-topics.sh " .. SERVER .. " --describe",
        audit(p) } },
      { "policy", { "answer policy " .. POLICY } },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "from the scrape before the failure; by sum",
        { "cap", { function(w, h)
            local rows = w:query(('kafka_log_log_logendoffset{topic="%s"}')
              :format(p.auto), LATE)
            return ("answer cap 1 %d"):format(math.floor(rows[1].value))
          end } },
        { "audit", { ("answer audit %s %s %s")
          :format(p.thin, p.solo, p.auto) } },
        { "policy", { "answer policy sum by (topic) "
          .. "(kafka_log_log_logendoffset * 0 + 1) / count by (topic) "
          .. "(count by (topic, partition) (kafka_log_log_logendoffset)) "
          .. "< 3" } } },
    }
  end,

  wrong = function(p)
    local policy = "answer policy " .. POLICY
    return {
      { name = "believe that two copies were demanded", must_fail = "floor",
        verdict = "not-fixed",
        actions = { audit(p), policy, function(w)
          return "answer cap 2 " .. w:topic(p.auto).partitions[1].end_offset
        end } },
      { name = "create the topic again", must_fail = "evidence",
        verdict = "collateral",
        actions = { cap, audit(p), policy,
          ("kafka-topics.sh %s --delete --topic %s"):format(SERVER, p.auto),
          "wait 5s",
          ("kafka-topics.sh %s --create --topic %s --replication-factor 2")
            :format(SERVER, p.auto), "wait 10s" } },
      { name = "audit the replication factor alone", must_fail = "list",
        verdict = "not-fixed",
        actions = { cap, policy,
          ("answer audit %s,%s"):format(p.auto, p.solo) } },
      { name = "call two copies with a floor of two exposed",
        must_fail = "list", verdict = "not-fixed",
        actions = { cap, policy, audit(p) .. "," .. p.pair } },
      { name = "alert on partitions below their floor", must_fail = "late",
        verdict = "not-fixed",
        actions = { cap, audit(p), "answer policy "
          .. "kafka_server_replicamanager_underminisrpartitioncount > 0" } },
      { name = "a check that names the topics of today",
        must_fail = "early", verdict = "not-fixed",
        actions = { cap, audit(p), ('answer policy kafka_log_log_logendoffset'
          .. '{topic=~"%s|%s|%s"}'):format(p.auto, p.solo, p.pair) } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A topic has one replica; min.insync.replicas is 2 and producers \z
        send with acks=all. Are writes refused? How many copies does an \z
        acknowledged record have?",
      a = "They are accepted: the floor is capped at the number of replicas. \z
        An acknowledged record has one copy.",
      expect = { "accepted|not refused|capped", "one|1" },
      competency = "kafka.replication" },
    { q = "A topic is created by a producer that mentions it. Which setting of \z
        the brokers decides how many copies it gets, and what is its default?",
      a = "default.replication.factor, 1 by default (with \z
        auto.create.topics.enable, true by default).",
      expect = { "default.replication.factor", "1" },
      competency = "kafka.replication" },
    { q = "Replication factor 3, min.insync.replicas 1, acks=all. For how many \z
        copies may an acknowledgement stand?",
      a = "For one: when the other two have fallen out of sync, the leader \z
        alone is all that is in sync.",
      expect = { "one|1" },
      competency = "kafka.replication" },
  },
}
