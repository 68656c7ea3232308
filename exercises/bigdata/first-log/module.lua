-- bigdata.first-log - create a topic, write, read from two positions, restart
--
-- The seed draws what the learner finds in order.txt and notes.txt: names,
-- numbers of partitions and of records.  The twenty sensors begin to measure
-- two minutes before the learner comes; their gateway keeps the readings until
-- the topic exists.

local SERVER = "--bootstrap-server broker-1:9092"
local SENSORS, COPIES = 20, 3

-- All that the checks need to know of the topic, nil while it is not there.
local function count(w, p)
  return w:topic(p.topic) and w:count{ topic = p.topic } or 0
end

-- The committed positions of a group, by partition; nil: it has none.
local function positions(w, p, group)
  local g = w:group(group)
  local at = g and g.offsets[p.topic]
  local list, sum = {}, 0
  if not at then
    return nil
  end
  for i = 0, p.partitions - 1 do
    list[i + 1] = at[i] or 0
    sum = sum + list[i + 1]
  end
  return list, sum, g
end

-- How often each line of notes.txt lies in the topic.
local function copies_of_notes(w, p)
  local times = {}
  for from = 0, count(w, p) - 1, 2000 do
    for _, r in ipairs(w:records{ topic = p.topic, from = from,
                                  to = from + 2000, max = 100000 }) do
      if r.value and r.value:find("^note ") then
        times[r.value] = (times[r.value] or 0) + 1
      end
    end
  end
  return times
end

-- Numbers that were answered: the positions, in order of partition?
local function accounted(list, given)
  local n, good = 0, true
  for word in (given or ""):gmatch("%d+") do
    n = n + 1
    good = good and tonumber(word) == list[n]
  end
  return n == #list and good
end

-- Did a description of the group on the console show these positions?  It
-- leaves out partitions in which the group has none.
local function shown(h, p, list)
  for _, ran in ipairs(h:commands()) do
    local sum, wanted, good = 0, 0, true
    for i = 1, #list do
      wanted = wanted + list[i]
    end
    for line in ran.output:gmatch("[^\n]+") do
      local group, topic, part, at =
        line:match("^(%S+)%s+(%S+)%s+(%d+)%s+(%S+)")
      if group == p.archive and topic == p.topic then
        sum = sum + (tonumber(at) or 0)
        good = good and (tonumber(at) or 0) == list[tonumber(part) + 1]
      end
    end
    if good and wanted > 0 and sum == wanted then
      return true
    end
  end
  return false
end

local function notes(p)
  local lines = {}
  for i = 1, p.notes do
    lines[i] = ("note %d of %d, checksum %d"):format(i, p.notes,
      (p.mark * i) % 90001 + 9999)
  end
  return lines
end

-- The console lines of a player.
local function lines_of(p)
  local to = SERVER .. " --topic " .. p.topic
  local function read(group, n, from)
    return "kafka-console-consumer.sh " .. to .. " --group " .. group
      .. (from and " " .. from or "") .. " --max-messages " .. n
  end
  return "kafka-topics.sh --create " .. to .. " --partitions "
      .. p.partitions .. " --replication-factor " .. COPIES,
    "kafka-console-producer.sh " .. to .. " < notes.txt", read
end

return lab.module{
  format_version = 1,
  id = "bigdata.first-log",
  uuid = "1c5bad94-7246-4f5f-b859-607b5e236939",
  version = "1.0.0",
  status = "active",
  title = "Your first log",
  blurb = "An empty cluster of three brokers; twenty sensors wait to send. \z
    Give them a topic, add records of your own, read the topic from two \z
    positions, restart one reader, and account for every record.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 1,
  minutes = 20,
  month = 1,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "apply",
      text = "Create a topic with a chosen number of partitions and copies" },
    { id = "o2", bloom = "apply",
      text = "Write records from the console and find them again" },
    { id = "o3", bloom = "analyze",
      text = "Account for all records of a restarted reader by its committed \z
        positions" },
    { id = "o4", bloom = "analyze",
      text = "Give two readers independent positions in one log" },
  },
  competencies = { ["bigdata.log-model"] = 0.6, ["kafka.topics"] = 0.4 },
  prerequisites = {},
  out_of_scope = { "keys and order", "delivery promises", "rebalances" },

  world = "empty-kafka",
  start = "2m",
  settle = "10s",

  params = function(rng)
    local p = {
      topic = rng:pick{ "greenhouse", "coldstore", "kiln", "pumphall" }
        .. "-" .. rng:pick{ "climate", "readings", "state" },
      partitions = rng:int(3, 6),
      period = rng:int(2, 3),
      notes = rng:int(5, 9),
      mark = rng:int(20011, 89989),
      first = rng:int(61, 140),
      second = rng:int(71, 160),
      fresh = rng:int(25, 60),
    }
    p.archive = "archive-" .. rng:int(11, 99)
    p.alarm = "alarm-" .. rng:int(11, 99)
    return p
  end,

  setup = function(s, p)
    s:command(("fleet-new name=sensor topic=%s devices=%d period=%ds")
      :format(p.topic, SENSORS, p.period))
    s:file("order.txt", table.concat({
      "topic      " .. p.topic,
      "           " .. p.partitions .. " partitions, each on "
        .. COPIES .. " brokers",
      "notes      the " .. p.notes .. " lines of notes.txt, each once",
      "archive    group " .. p.archive .. ", from the first record on:",
      "           " .. p.first .. " records, then stop;",
      "           started again: the next " .. p.second .. " records",
      "alarm      group " .. p.alarm .. ", only what arrives from now on:",
      "           " .. p.fresh .. " records",
    }, "\n") .. "\n")
    s:file("notes.txt", table.concat(notes(p), "\n") .. "\n")
  end,

  nonvacuous = function(h, w, p)
    return count(w, p) > p.first + p.second
  end,

  tasks = {
    { id = "topic", title = "A topic for the sensors", kind = "operate",
      text = "text/topic.md", points = 4,
      checks = {
        { id = "there", type = "at",
          fn = function(w, h, p) return w:topic(p.topic) ~= nil end,
          fail = "The topic of order.txt does not exist. The sensors' gateway \z
            holds their readings and asks for it again and again." },
        { id = "shape", type = "at",
          fn = function(w, h, p)
            local t = w:topic(p.topic)
            if not t then
              return false
            end
            for _, part in ipairs(t.partitions) do
              if #part.replicas ~= COPIES then
                return false, "partition " .. part.index .. " has "
                  .. #part.replicas .. " of " .. COPIES .. " copies"
              end
            end
            return #t.partitions == p.partitions, "it has "
              .. #t.partitions .. " of " .. p.partitions .. " partitions"
          end,
          fail = "The topic does not have the shape that was ordered. Who \z
            creates a topic by writing to it gets the cluster's defaults." },
        { id = "arrive", type = "at",
          fn = function(w, h, p)
            local seen, n = {}, 0
            for _, r in ipairs(count(w, p) > 0 and w:records{
                topic = p.topic, to = 400, max = 4000 } or {}) do
              if r.key and r.key:find("^sensor%-") and not seen[r.key] then
                seen[r.key], n = true, n + 1
              end
            end
            return n == SENSORS, n .. " of " .. SENSORS
              .. " sensors have a reading in the topic"
          end,
          fail = "Not all sensors have a reading in the topic yet.",
          pass = "All twenty sensors are in the log, with what they measured \z
            before there was a topic: the gateway had kept it." },
      },
      hints = {
        { cost = 0, text = "`cat order.txt` shows what is wanted. The lesson \z
          bigdata/log names the tool that lists, creates and describes \z
          topics." },
        { cost = 1, text = "Two numbers are fixed at birth: into how many \z
          logs the topic is divided, and on how many brokers a copy of each \z
          lies. Leave one out and the cluster's default is taken, which is 1 \z
          for both here." },
        { cost = 2, text = "kafka-topics.sh --bootstrap-server broker-1:9092 \z
          --create --topic NAME --partitions P --replication-factor 3, with \z
          name and P from order.txt. Then wait 5s." },
      } },

    { id = "notes", title = "Records of your own", kind = "operate",
      text = "text/notes.md", points = 4, needs = { "topic" },
      checks = {
        { id = "all", type = "at",
          fn = function(w, h, p)
            local times, missing = copies_of_notes(w, p), 0
            for _, line in ipairs(notes(p)) do
              missing = missing + (times[line] and 0 or 1)
            end
            return missing == 0, missing .. " of " .. p.notes
              .. " lines are not in the topic"
          end,
          fail = "Lines of notes.txt are missing in the topic." },
        { id = "once", type = "at",
          fn = function(w, h, p)
            local times, most, n = copies_of_notes(w, p), 0, 0
            for _, line in ipairs(notes(p)) do
              n = n + (times[line] or 0)
              most = math.max(most, times[line] or 0)
            end
            return n > 0 and most == 1, "one line lies there " .. most
              .. " times"
          end,
          fail = "A line of notes.txt lies in the topic more than once. A log \z
            takes every append; it does not know that you meant the same one.",
          pass = "Each note lies in the log once, between the readings. The \z
            log gave each the next offset of its partition." },
      },
      hints = {
        { cost = 0, text = "The tool that writes reads lines from its \z
          standard input and ends with it. Each line becomes one record." },
        { cost = 1, text = "A file becomes standard input through `<`, the \z
          output of another command through `|`. Run it once: records cannot \z
          be taken back." },
        { cost = 2, text = "kafka-console-producer.sh --bootstrap-server \z
          broker-1:9092 --topic NAME < notes.txt" },
      } },

    { id = "archive", title = "Read, stop, go on", kind = "operate",
      text = "text/archive.md", points = 6, needs = { "topic" },
      checks = {
        { id = "sum", type = "at",
          fn = function(w, h, p)
            local _, sum = positions(w, p, p.archive)
            if not sum then
              return false, "the group has committed no position"
            end
            return sum == p.first + p.second, "its positions add up to "
              .. sum .. ", the order to " .. p.first + p.second
              .. (sum > p.first + p.second and "; either too much was read, \z
                or a run began at the end of a partition in which the group \z
                had no position yet, and passed over what lay there" or "")
          end,
          fail = "The archive's group does not stand behind exactly the \z
            records of the order." },
        { id = "restarted", type = "at",
          fn = function(w, h, p)
            local _, _, g = positions(w, p, p.archive)
            -- A member that comes and one that goes each make a generation.
            return g ~= nil and g.generation >= 3
          end,
          fail = "The archive read everything in one go. The order wants it \z
            stopped and started again, and that is what the account is for." },
        { id = "account", type = "history",
          fn = function(w, h, p, given)
            local list = positions(w, p, p.archive)
            if not list then
              return false
            end
            return accounted(list, given) or shown(h, p, list),
              given and "the numbers answered are not the group's positions"
                or nil
          end,
          fail = "No account was given: the position of the archive's group \z
            in each partition, after its second run.",
          pass = "Positions in partitions that begin at offset 0 are counts. \z
            Their sum is the first run plus the second: nothing skipped, \z
            nothing read twice." },
      },
      hints = {
        { cost = 0, text = "The tool that reads can be told its group, where \z
          a group without a position begins, and after how many records to \z
          stop. --help lists its options." },
        { cost = 1, text = "A position belongs to the group and is kept in \z
          the cluster, one a partition. A run of the same group goes on \z
          there. In a partition where the group has none yet, a run begins \z
          where it is told, and if it is not told, at the end. A short first \z
          run may not have reached every partition." },
        { cost = 3, text = "kafka-console-consumer.sh --bootstrap-server \z
          broker-1:9092 --topic NAME --group G --from-beginning \z
          --max-messages N, twice, both with --from-beginning, with the two \z
          numbers of the order. Then \z
          kafka-consumer-groups.sh --bootstrap-server broker-1:9092 \z
          --describe --group G, and: answer archive A B C ... with the \z
          CURRENT-OFFSET of partition 0, 1, 2, ...; a partition that is not \z
          listed counts 0." },
      } },

    { id = "alarm", title = "A second reader", kind = "operate",
      text = "text/alarm.md", points = 6, needs = { "topic" },
      checks = {
        { id = "own", type = "at",
          fn = function(w, h, p)
            return positions(w, p, p.alarm) ~= nil
          end,
          fail = "The alarm has no position of its own in the topic. Readers \z
            that carry one group name share one set of positions and divide \z
            the records: each sees only its part." },
        { id = "fresh", type = "at",
          fn = function(w, h, p)
            local list, sum = positions(w, p, p.alarm)
            -- What had been measured before anybody read.
            local old = SENSORS * (120 // p.period)
            return list ~= nil and sum >= old + p.fresh,
              "its positions add up to " .. (sum or 0)
          end,
          fail = "The alarm read old records. It was to begin at the end of \z
            the log, where the readings of this moment arrive.",
          pass = "Two groups, two sets of positions in the same log. Neither \z
            took a record from the other: reading removes nothing." },
      },
      hints = {
        { cost = 0, text = "Compare the two groups of order.txt: what is \z
          different in where each begins?" },
        { cost = 1, text = "A group that has no position yet begins at the \z
          end of the log unless it is told otherwise \z
          (auto.offset.reset=latest)." },
        { cost = 3, text = "kafka-console-consumer.sh --bootstrap-server \z
          broker-1:9092 --topic NAME --group G --max-messages N, without \z
          --from-beginning." },
      } },
  },

  solution = function(p)
    local create, write, read = lines_of(p)
    return {
      { "topic", { create, "wait 5s" } },
      { "notes", { write } },
      { "archive", {
        read(p.archive, p.first, "--from-beginning"),
        read(p.archive, p.second, "--from-beginning"),
        "kafka-consumer-groups.sh " .. SERVER .. " --describe --group "
          .. p.archive } },
      { "alarm", { read(p.alarm, p.fresh) } },
    }
  end,

  alt_solutions = function(p)
    local create, write, read = lines_of(p)
    return { {
      name = "the readers first, the notes last",
      { "topic", { create } },
      { "alarm", { read(p.alarm, p.fresh) } },
      { "archive", {
        read(p.archive, p.first, "--from-beginning"),
        "wait 2m",
        read(p.archive, p.second, "--from-beginning"),
        "kafka-consumer-groups.sh " .. SERVER .. " --describe --all-groups" } },
      { "notes", { "cat notes.txt | " .. write:gsub(" < .*", "") } },
    } }
  end,

  wrong = function(p)
    local create, write, read = lines_of(p)
    local describe = "kafka-consumer-groups.sh " .. SERVER
      .. " --describe --group " .. p.archive
    return {
      { name = "one group for both readers: each sees its part",
        must_fail = "alarm.own", verdict = "not-fixed",
        actions = { create, "wait 5s", write,
          read(p.archive, p.first + p.second, "--from-beginning") .. " &",
          read(p.archive, p.fresh), "wait 30s", describe } },
      { name = "write first and let the cluster make the topic",
        must_fail = "topic.shape", verdict = "not-fixed",
        actions = { write, "wait 5s" } },
      { name = "one copy is enough",
        must_fail = "topic.shape", verdict = "not-fixed",
        actions = { (create:gsub("factor %d", "factor 1")), "wait 5s" } },
      { name = "send the notes again, to be sure",
        must_fail = "notes.once", verdict = "not-fixed",
        actions = { create, "wait 5s", write, write } },
      { name = "start the archive again under another name",
        must_fail = "archive.sum", verdict = "not-fixed",
        actions = { create, "wait 5s", write,
          read(p.archive, p.first, "--from-beginning"),
          read(p.archive .. "b", p.second, "--from-beginning"), describe } },
      { name = "one long run instead of two",
        must_fail = "archive.restarted", verdict = "not-fixed",
        actions = { create, "wait 5s", write,
          read(p.archive, p.first + p.second, "--from-beginning"), describe } },
      { name = "stop without an account",
        must_fail = "archive.account", verdict = "not-fixed",
        actions = { create, "wait 5s", write,
          read(p.archive, p.first, "--from-beginning"),
          read(p.archive, p.second) } },
      { name = "the alarm reads from the beginning",
        must_fail = "alarm.fresh", verdict = "not-fixed",
        actions = { create, "wait 5s", write,
          read(p.alarm, p.fresh, "--from-beginning") } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { competency = "bigdata.log-model",
      q = "Two programs both need every record of a topic. What must differ \z
        between them?",
      a = "Their group. Members of one group divide the partitions; each \z
        group has positions of its own and gets everything.",
      expect = { "group" } },
    { competency = "bigdata.log-model",
      q = "A consumer is started a second time with the same group and \z
        --from-beginning. Where does it begin?",
      a = "In each partition at the group's committed position. Only where \z
        it has none, at the beginning (auto.offset.reset=earliest); without \z
        the option it would pass over all that lies there.",
      expect = { "position|offset|where it stopped|left off" } },
    { competency = "bigdata.log-model",
      q = "A group's committed positions in a topic whose partitions begin \z
        at offset 0 are 40, 35 and 52. How many records has it accounted \z
        for, and what if the log began at 10 in each?",
      a = "127. Then 97: a position is the next offset wanted, so records \z
        read are position minus where the log began for it.",
      expect = { "127", "97" } },
    { competency = "kafka.topics",
      q = "Somebody writes to a topic that does not exist, on a cluster with \z
        Kafka's default settings. What do they get?",
      a = "The topic, made by auto.create.topics.enable=true with \z
        num.partitions=1 and default.replication.factor=1: one log, one \z
        copy.",
      expect = { "one|1" } },
  },
}
