-- kafka-architecture.leaders - leaders that did not come home
--
-- Six topics.  Four are well placed: a copy in each zone, preferred leaders
-- level; after three restarts their leaders are merely not at home.  Two were
-- placed by hand: one has all its copies in two zones, one in a single zone.
-- The first four need an election, the last two a reassignment.
--
-- The seed draws names, lists of replicas and the order of the restarts.

local SERVER = "--bootstrap-server broker-1:9092"
local START, START_S = "4m", 240
local BROKERS, PARTITIONS, FEW = 3, 6, 3
local ELECT = ("kafka-leader-election.sh %s --election-type preferred "
  .. "--all-topic-partitions"):format(SERVER)

-- Six permutations of the brokers, each broker first in two of them.
local ORDERS = {
  { 1, 2, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 1, 3, 2 }, { 2, 1, 3 },
  { 3, 2, 1 },
}

-- What needs no move, what does, and why.
local function draw_topics(rng)
  local names = { "boilers", "chillers", "meters", "pumps", "silos", "trucks",
                  "turbines", "valves" }
  local topics = {}
  for i = 1, 6 do
    local t = { name = table.remove(names, rng:int(1, #names)), lists = {},
                is_level = i <= 4 }
    if t.is_level then
      local first = rng:int(1, #ORDERS)
      for k = 1, PARTITIONS do
        t.lists[k] = ORDERS[(first + k - 2) % #ORDERS + 1]
      end
    end
    topics[i] = t
  end
  local a = rng:int(1, BROKERS)
  local b = a % BROKERS + 1
  for k = 1, FEW do
    topics[5].lists[k] = { a, b }
    topics[6].lists[k] = { a }
  end
  return topics
end

local function same(a, b)
  if #a ~= #b then
    return false
  end
  for i, v in ipairs(a) do
    if b[i] ~= v then
      return false
    end
  end
  return true
end

-- Who led what at a time: the lists as they were made, and what was decided
-- since.  Counts by broker.
local function leads_at(h, p, at)
  local leader, counts = {}, { 0, 0, 0 }
  for _, t in ipairs(p.topics) do
    leader[t.name] = {}
    for i, list in ipairs(t.lists) do
      leader[t.name][i] = list[1]
    end
  end
  for _, c in ipairs(h:leader_changes{ to = at }) do
    if leader[c.topic] then
      leader[c.topic][c.partition + 1] = c.to or 0
    end
  end
  for _, t in ipairs(p.topics) do
    for _, broker in ipairs(leader[t.name]) do
      counts[broker] = (counts[broker] or 0) + 1
    end
  end
  return counts
end

local function each_partition(w, p, visit)
  for _, t in ipairs(p.topics) do
    for i, part in ipairs(w:topic(t.name).partitions) do
      visit(part, t, i)
    end
  end
end

-- How far the broker that is farthest from its share is from it, in per cent.
-- Also who leads what, and how many partitions are not led by their first.
local function skew(w, p)
  local counts, all, worst, away = { 0, 0, 0 }, 0, 0, 0
  each_partition(w, p, function(part)
    all = all + 1
    away = away + (part.leader ~= part.replicas[1] and 1 or 0)
    if part.leader then
      counts[part.leader] = counts[part.leader] + 1
    end
  end)
  for _, n in ipairs(counts) do
    worst = math.max(worst, math.abs(n - all / BROKERS) * 100 * BROKERS / all)
  end
  return worst, counts, away
end

-- One line that writes the plan of a reassignment into plan.json.
local function plan(entries)
  local out = {}
  for i, e in ipairs(entries) do
    out[i] = ('{"topic":"%s","partition":%d,"replicas":[%s]}')
      :format(e.topic, e.partition, table.concat(e.replicas, ","))
  end
  return ("echo '{\"version\":1,\"partitions\":[%s]}' > plan.json")
    :format(table.concat(out, ","))
end

local EXECUTE = ("kafka-reassign-partitions.sh %s --execute "
  .. "--reassignment-json-file plan.json"):format(SERVER)

-- Three copies for the two short topics; the first of each list by `first`.
local function spread(p, first)
  local entries = {}
  for n = 5, 6 do
    for k = 1, FEW do
      entries[#entries + 1] = { topic = p.topics[n].name, partition = k - 1,
                                replicas = ORDERS[first(k)] }
    end
  end
  return plan(entries)
end

local function in_turn(k) return k end

local function answer(p)
  local order, counts = p.order, { 0, 0, 0 }
  -- The broker that was restarted last leads nothing; each of its partitions,
  -- and each whose first replica was away when it had to move, is with the
  -- first of the others in the list that was there.
  for _, t in ipairs(p.topics) do
    for _, list in ipairs(t.lists) do
      local leader = list[1]
      for _, away in ipairs(order) do
        if leader == away and #list > 1 then
          leader = list[1] ~= away and list[1] or list[2]
        end
      end
      counts[leader] = counts[leader] + 1
    end
  end
  local most = 1
  for i = 2, BROKERS do
    most = counts[i] > counts[most] and i or most
  end
  return ("answer read broker-%d %d"):format(most, counts[most])
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.leaders",
  uuid = "aa098f80-d64f-4ecf-b384-728caef0c186",
  version = "1.0.0",
  status = "active",
  title = "Who leads, who follows",
  blurb = "All three brokers were restarted, one after the other; the work \z
    did not come back to where it was. Two topics were never spread over \z
    the zones. Read the placement, bring the leaders home, spread what has \z
    to be spread, and move nothing else.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 2,
  minutes = 20,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Read leaders, replicas and in-sync sets from a description" },
    { id = "o2", bloom = "apply",
      text = "Bring leaders home with a preferred election" },
    { id = "o3", bloom = "apply",
      text = "Give partitions a copy in each zone by a reassignment of \z
        exactly those that lack one" },
  },
  competencies = { ["kafka.topics"] = 0.5, ["kafka.replication"] = 0.5 },
  prerequisites = { "bigdata.log-model", "kafka.producers" },
  out_of_scope = { "unclean election", "throttles", "log directories" },
  blueprint = { ["ccaak"] = "configure" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 1, ["auto-rebalance"] = "off" },
  start = START,
  settle = "10s",

  params = function(rng)
    local order, left = {}, { 1, 2, 3 }
    for i = 1, BROKERS do
      order[i] = table.remove(left, rng:int(1, #left))
    end
    return { topics = draw_topics(rng), order = order,
             devices = rng:int(6, 15) * 10 }
  end,

  setup = function(s, p)
    for _, t in ipairs(p.topics) do
      local lists = {}
      for i, list in ipairs(t.lists) do
        lists[i] = table.concat(list, ":")
      end
      local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--replica-assignment %s"):format(SERVER, t.name,
        table.concat(lists, ",")))
      if code ~= 0 then
        error(said)
      end
      s:command(("fleet-new name=%s topic=%s devices=%d")
        :format(t.name, t.name, p.devices))
    end
    s:file("cluster.txt", table.concat({
      "broker-1:9092  zone a",
      "broker-2:9092  zone b",
      "broker-3:9092  zone c",
      "rule  every partition has a copy in each zone",
      "rule  no broker is 10 % or more off its share of leaders",
      "note  auto.leader.rebalance.enable is off on this cluster",
      "",
    }, "\n"))
    s:run("30s")
    for _, broker in ipairs(p.order) do
      s:command(("service broker-%d do=restart"):format(broker))
      s:run("45s")
    end
  end,

  nonvacuous = function(h, w, p)
    local moved = h:leader_changes{ to = START_S }
    return #moved > 8 and w:count{ topic = p.topics[1].name } > 0
  end,

  tasks = {
    { id = "read", title = "Read the placement", kind = "operate",
      text = "text/read.md", points = 3,
      checks = {
        { id = "busiest", type = "answer",
          fn = function(w, h, p, given)
            local counts = leads_at(h, p, START_S)
            local broker, n = (given or ""):match("(%d+)%D+(%d+)")
            broker, n = math.tointeger(broker), math.tointeger(n)
            if not broker or not counts[broker] then
              return false, "write a broker and a number, as in: answer "
                .. "read broker-1 12"
            end
            for _, other in ipairs(counts) do
              if other > counts[broker] then
                return false, "broker-" .. broker .. " was not the busiest"
              end
            end
            return n == counts[broker], "broker-" .. broker
              .. " it is, but it did not lead " .. (n or "so many")
          end,
          fail = "That is not how you found the cluster. Count the Leader \z
            column, over all six topics; the first of the Replicas only says \z
            who should lead.",
          pass = "Most of the leading is done by one broker, and the one that \z
            was restarted last leads next to nothing." },
      },
      hints = {
        { cost = 0, text = "kafka-topics.sh with --bootstrap-server \z
          broker-1:9092 and --describe prints one line a partition. Which \z
          column says who leads now?" },
        { cost = 1, text = "Let the console count: grep -c counts the lines \z
          that hold a text, and \"Leader: 2\" is such a text. Restarts after \z
          you began count; look at the cluster before you change it, or \z
          rewind." },
        { cost = 1, text = "kafka-topics.sh --bootstrap-server \z
          broker-1:9092 --describe | grep -c 'Leader: 1', the same for 2 \z
          and 3; then: answer read broker-B N with the largest." },
      } },

    { id = "home", title = "Bring the leaders home", kind = "operate",
      text = "text/home.md", points = 4,
      checks = {
        { id = "untouched", type = "always", from = START,
          fn = function(w, h, p)
            local moved
            each_partition(w, p, function(part, t, i)
              if t.is_level and not same(part.replicas, t.lists[i]) then
                moved = moved or t.name .. "-" .. part.index
              end
            end)
            return not moved, moved and moved .. " was given another list"
          end,
          fail = "Replica lists of a topic that was well placed have been \z
            rewritten. Its copies were where they belong; only the leader \z
            was not." },
        { id = "preferred", type = "at",
          fn = function(w, h, p)
            local away, all = 0, 0
            each_partition(w, p, function(part)
              all = all + 1
              away = away + (part.leader ~= part.replicas[1] and 1 or 0)
            end)
            return all > 0 and away == 0, away .. " of " .. all
              .. " partitions are led by another"
          end,
          fail = "Not every partition is led by the first of its replicas.",
          pass = "Every partition is led by the first in its list. No record \z
            was copied for that: the copies were there." },
      },
      hints = {
        { cost = 0, text = "The first broker of a Replicas list is its \z
          preferred leader. Why does nobody here put it back in office? \z
          cluster.txt says it." },
        { cost = 1, text = "To change who leads among brokers that all have \z
          the data is an election, not a move. There is a tool for \z
          elections, and a kind of election for this." },
        { cost = 2, text = "kafka-leader-election.sh with \z
          --bootstrap-server broker-1:9092, --election-type preferred and \z
          --all-topic-partitions. Whatever you reassign later \z
          may need it again." },
      } },

    { id = "racks", title = "A copy in every zone", kind = "operate",
      text = "text/racks.md", points = 5,
      checks = {
        { id = "spread", type = "at",
          fn = function(w, h, p)
            local short, moving = 0, 0
            each_partition(w, p, function(part)
              if part.adding or part.removing then
                moving = moving + 1
              elseif #part.replicas < BROKERS then
                short = short + 1
              end
            end)
            return w:topic(p.topics[6].name) ~= nil and short + moving == 0,
              moving == 0 and short .. " partitions have no copy in some zone"
                or moving .. " partitions are still being moved: let time "
                  .. "pass, for example with run 30s"
          end,
          fail = "There are partitions whose copies stand in fewer than three \z
            zones. Lose the wrong zone, and they are gone or alone." },
        { id = "synced", type = "at",
          fn = function(w, h, p)
            local behind = 0
            each_partition(w, p, function(part)
              behind = behind + #part.replicas - #part.isr
            end)
            return w:topic(p.topics[6].name) ~= nil and behind == 0,
              behind .. " copies are not in sync"
          end,
          fail = "A copy that is not in sync protects nothing yet." },
        { id = "skew", type = "at",
          fn = function(w, h, p)
            local worst, counts, away = skew(w, p)
            return worst < 10, ("the brokers lead %d, %d and %d, up to %.0f "
              .. "%% off; %d partitions are not led by the first of their "
              .. "replicas"):format(counts[1], counts[2], counts[3], worst,
              away)
          end,
          fail = "The leaders are not level: a broker is 10 % or more off \z
            its share.",
          pass = "A copy in each zone, every broker leads its share, and only \z
            what had to move was moved." },
      },
      hints = {
        { cost = 0, text = "cluster.txt says which broker stands in which \z
          zone. Which topics have fewer than three brokers in Replicas?" },
        { cost = 1, text = "A plan in JSON names the partition and its new \z
          list, in the form {\"version\":1, \"partitions\": [{\"topic\": \z
          ..., \"partition\": 0, \"replicas\": [...]}]}. Name six partitions, \z
          no more. The first of each list will be its preferred leader." },
        { cost = 2, text = "For each of the two topics: partition 0 gets \z
          [1,2,3], 1 gets [2,3,1], 2 gets [3,1,2]. echo '...' > plan.json, \z
          kafka-reassign-partitions.sh --bootstrap-server broker-1:9092 \z
          --execute --reassignment-json-file plan.json, run 15s, then the \z
          preferred election once more." },
      } },
  },

  solution = function(p)
    return {
      { "read", { ("kafka-topics.sh %s --describe"):format(SERVER),
          answer(p) } },
      { "home", { ELECT } },
      { "racks", { spread(p, in_turn), EXECUTE, "wait 15s", ELECT } },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "spread first, then one election for all",
        { "read", { answer(p) } },
        { "racks", { spread(p, in_turn), EXECUTE, "wait 15s" } },
        { "home", { ELECT } } },
    }
  end,

  wrong = function(p)
    -- Lists turned round so that another broker is preferred.
    local turned, most = {}, tonumber(answer(p):match("broker%-(%d)"))
    for n = 1, 4 do
      for k, list in ipairs(p.topics[n].lists) do
        turned[#turned + 1] = { topic = p.topics[n].name, partition = k - 1,
                                replicas = { list[3], list[2], list[1] } }
      end
    end
    return {
      { name = "count the first replicas instead of the leaders",
        must_fail = "busiest", verdict = "not-fixed",
        actions = { "answer read broker-" .. most .. " 8" } },
      { name = "reassign what only needed an election",
        must_fail = "untouched", verdict = "collateral",
        actions = { answer(p), plan(turned), EXECUTE, "wait 15s", ELECT,
          spread(p, in_turn), EXECUTE, "wait 15s", ELECT } },
      { name = "elect, and leave the two topics where they stand",
        must_fail = "spread", verdict = "not-fixed",
        actions = { answer(p), ELECT } },
      { name = "three copies, with one broker first in all lists",
        must_fail = "skew", verdict = "not-fixed",
        actions = { answer(p),
          spread(p, function() return p.topics[5].lists[1][1] end), EXECUTE,
          "wait 15s", ELECT } },
      { name = "reassign, and forget the election after it",
        must_fail = "preferred", verdict = "not-fixed",
        actions = { answer(p), ELECT, spread(p, in_turn), EXECUTE,
          "wait 15s" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "After a rolling restart one broker leads most partitions; all \z
        copies are in sync. What brings the leaders back, and what does it \z
        copy?",
      a = "A preferred election: the first broker of each Replicas list \z
        leads again. It copies nothing, since every copy is there already.",
      expect = { "preferred", "nothing" },
      competency = "kafka.replication" },
    { q = "Which column of kafka-topics.sh --describe says who leads now, \z
        and which who should?",
      a = "Leader says who leads now; the first number of Replicas is the \z
        preferred leader.",
      expect = { "Leader", "first" },
      competency = "kafka.topics" },
    { q = "A topic's partitions have Replicas 2,3 on three brokers in zones \z
        a, b, c. What is missing, and which tool adds it?",
      a = "No copy in zone a. kafka-reassign-partitions.sh with a list that \z
        has broker 1 in it; that copies the whole log.",
      expect = { "kafka-reassign-partitions|reassign" },
      competency = "kafka.topics" },
    { q = "Does a reassignment change the leader at once?",
      a = "Only if the present leader leaves the list. Otherwise it stays, \z
        even when another broker is now first: elect the preferred one.",
      expect = { "only if|leaves|stays" },
      competency = "kafka.replication" },
  },
}
