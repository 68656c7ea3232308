-- bigdata.keys-and-order - which of twelve statements about order hold?
--
-- Two gateways send what trackers on moving things say: one with up to five
-- requests in flight, one with one.  At FAULT the answers of one broker to
-- them are lost for a little longer than they wait, so they send again what
-- lies in the log already.  Both have enable.idempotence=false: with the
-- default nothing would be stored twice, and nothing overtake.
--
-- Each statement has a true and a false wording; the seed draws which is
-- shown, which ideas, and in what order.  `evidence` looks for what proves the
-- idea in the log: nonvacuous wants all of them, so that no statement is
-- judged by what its author believes.

local SERVER = "--bootstrap-server broker-1:9092"
local JUDGED, FAULT, LOST = 60, 90, "3300ms"	-- s, s after the beginning
local PERIOD = 0.2		-- s between two readings of a tracker
local STATEMENTS = 12
local READ = 4000		-- records that a look at the whole topic takes

-- --- the log, read by an observer ------------------------------

-- One partition's records as { offset, key, seq, ts, value }, to some time
-- after the fault; seq is nil for what was sent by hand.
local function partition(w, topic, index)
  local out = {}
  for from = 0, 8000, 2000 do
    for _, r in ipairs(w:records{ topic = topic, partition = index,
                                  from = from, to = from + 2000,
                                  max = 2000 }) do
      out[#out + 1] = { offset = r.offset, key = r.key, value = r.value,
        ts = r.timestamp_ms, seq = tonumber(r.value:match('"seq":(%d+)')) }
    end
  end
  return out
end

local function partitions(w, topic)
  local out = {}
  for i = 0, w:topic(topic) and 2 or -1 do
    out[i] = partition(w, topic, i)
  end
  return out
end

-- Copies beyond the first, as pairs of places in the partition.
local function doubles(list)
  local first, out = {}, {}
  for i, r in ipairs(list) do
    local name = r.seq and r.key .. "/" .. r.seq
    if name and first[name] then
      out[#out + 1] = { first[name], i }
    elseif name then
      first[name] = i
    end
  end
  return out
end

-- An event behind a newer one of its key, up to a time; nil: there is none.
local function inversion(list, before)
  local newest = {}
  for _, r in ipairs(list) do
    if r.seq and (not before or r.ts < before) then
      if newest[r.key] and r.seq < newest[r.key] then
        return r
      end
      newest[r.key] = math.max(newest[r.key] or 0, r.seq)
    end
  end
end

-- Do the second copies of each batch follow their first ones directly?
local function adjacent(list)
  for _, pair in ipairs(doubles(list)) do
    for i = pair[1] + 1, pair[2] - 1 do
      -- What lies between belongs to the same batch: to the same moment.
      if math.abs(list[i].ts - list[pair[1]].ts) > 1000 * PERIOD then
        return false
      end
    end
  end
  return true
end

-- Does every key have each seq from 0 up to its last?
local function complete(list)
  local seen, last, count = {}, {}, {}
  for _, r in ipairs(list) do
    local name = r.seq and r.key .. "/" .. r.seq
    if name and not seen[name] then
      seen[name] = true
      count[r.key] = (count[r.key] or 0) + 1
      last[r.key] = math.max(last[r.key] or 0, r.seq)
    end
  end
  for key, n in pairs(count) do
    if n ~= last[key] + 1 then
      return false
    end
  end
  return true
end

local function all(parts, fn)
  local n = 0
  for i = 0, 2 do
    if not parts[i] or not fn(parts[i], i) then
      return false
    end
    n = n + 1
  end
  return n == 3
end

-- Partitions in which events of a key lie.
local function homes(parts, fits)
  local out, n = {}, 0
  for i = 0, 2 do
    for _, r in ipairs(parts[i] or {}) do
      if fits(r) and not out[i] then
        out[i], n = true, n + 1
      end
    end
  end
  return n, out
end

-- --- what was done by hand ------------------------------

local function by_hand(p)
  local keyed, plain = {}, {}
  for i = 1, p.hand do
    keyed[i] = { key = p.key, value = ("by hand %d of %d, slip %d"):format(i,
      p.hand, p.slip + i) }
    plain[i] = ("no key %d of %d, slip %d"):format(i, p.hand,
      p.slip + 100 + i)
  end
  return keyed, plain
end

-- In how many partitions the lines of plain.txt lie.
local function plain_homes(parts, p)
  local _, plain = by_hand(p)
  local mine = {}
  for _, line in ipairs(plain) do
    mine[line] = true
  end
  return (homes(parts, function(r) return not r.key and mine[r.value] end))
end

-- A look at the whole topic: does a later line tell of an earlier moment?
local function topic_read_out_of_order(h, p)
  for _, ran in ipairs(h:commands()) do
    local newest, lines = 0, 0
    if ran.line:find("console-consumer", 1, true)
        and ran.line:find(p.topic, 1, true)
        and not ran.line:find("--partition", 1, true) then
      for ts in ran.output:gmatch('"ts":(%d+)') do
        lines = lines + 1
        -- Far more than the retry displaced.
        if lines > 100 and tonumber(ts) < newest - 10000 then
          return true
        end
        newest = math.max(newest, tonumber(ts))
      end
    end
  end
  return false
end

-- --- the ideas ------------------------------

-- must: is always among the twelve.  yes and no: the true and the false
-- wording; $T topic, $K a key, $B the broker, $P its partition.  why: for the
-- verdict.  evidence(world): is it so in this run?
local ideas = {
  { id = "home", must = true,
    yes = "All events of $K lie in one partition of $T.",
    no = "The events of $K are spread over the partitions of $T.",
    why = "The partition is a hash of the key, modulo the number of \z
      partitions: one key, one partition.",
    evidence = function(x)
      return homes(x.parts, function(r) return r.key == x.p.key end) == 1
    end },
  { id = "share",
    yes = "Events of different keys can lie in one partition of $T.",
    no = "Each partition of $T holds the events of one key only.",
    why = "Many keys share few partitions; a partition is not a key.",
    evidence = function(x)
      return all(x.parts, function(list)
        local keys, n = {}, 0
        for _, r in ipairs(list) do
          if r.key and not keys[r.key] then
            keys[r.key], n = true, n + 1
          end
        end
        return n > 1
      end)
    end },
  { id = "second", must = true,
    yes = "If another producer sends an event with the key $K, it goes to \z
      the partition in which the gateway's events of $K lie.",
    no = "If another producer sends an event with the key $K, it may draw \z
      another partition than the gateway did.",
    why = "Producers agree without talking to each other: the same hash of \z
      the same bytes, the same number of partitions.",
    evidence = function(x)
      local n = homes(x.parts, function(r)
        return r.key == x.p.key and not r.seq
      end)
      local both = homes(x.parts, function(r) return r.key == x.p.key end)
      return n == 1 and both == 1
    end },
  { id = "topic", must = true,
    yes = "Whoever reads the whole topic $T can get an event before one that \z
      was sent much earlier.",
    no = "Whoever reads the whole topic $T gets its events in the order in \z
      which they were sent, as long as nothing is sent twice.",
    why = "Order holds inside a partition. A topic is three logs; how a \z
      reader's fetches interleave them is nobody's order.",
    evidence = function(x) return topic_read_out_of_order(x.h, x.p) end },
  { id = "offsets",
    yes = "Of two events in different partitions of $T, the one with the \z
      smaller offset may have been sent later.",
    no = "Of two events in different partitions of $T, the one with the \z
      smaller offset was sent earlier.",
    why = "Each partition counts for itself. A busy one is at 900 when a \z
      quiet one is at 300.",
    evidence = function(x)
      for i = 0, 2 do
        for k = 0, 2 do
          local a, b = (x.parts[i] or {})[400], (x.parts[k] or {})[401]
          if a and b and a.ts > b.ts then
            return true
          end
        end
      end
      return false
    end },
  { id = "unkeyed", must = true,
    yes = "The few lines of plain.txt, sent without keys in one go, all go \z
      to one partition.",
    no = "The few lines of plain.txt, sent without keys in one go, are dealt \z
      to the partitions in turn: 0, 1, 2, 0, 1, ...",
    why = "Without a key the producer keeps to one partition until about a \z
      batch (16 384 bytes) has gone there, then it changes.",
    evidence = function(x)
      return plain_homes(x.parts, x.p) == 1
    end },
  { id = "before", must = true,
    yes = "Up to T+01:30 the events of each key lie in $T in the order in \z
      which they were sent.",
    no = "Even before T+01:30, events of one key can lie in $T in another \z
      order than that in which they were sent.",
    why = "One key, one partition, and batches of one producer that arrive \z
      at the first try: the order of sending is the order of the log.",
    evidence = function(x)
      return all(x.parts, function(list)
        return not inversion(list, x.fault_ms)
      end)
    end },
  { id = "twice", must = true,
    yes = "Some events lie twice in $T in the end, although the gateway sent \z
      with acks=all.",
    no = "No event lies twice in $T in the end, because the gateway sent with \z
      acks=all.",
    why = "acks=all says how many copies there were before the yes. If the \z
      yes is lost, the producer cannot tell it from a no and sends again.",
    evidence = function(x) return #doubles(x.parts[x.p.partition]) > 0 end },
  { id = "inverted", must = true,
    yes = "In the end $T holds an older event of some key behind a newer one \z
      of the same key.",
    no = "In the end, too, no event of $T lies behind a newer one of its own \z
      key: a retry repeats, it does not reorder.",
    why = "Five batches were under way. All five came again behind the fifth, \z
      so that old events followed newer ones of their key.",
    evidence = function(x)
      return inversion(x.parts[x.p.partition]) ~= nil
    end },
  { id = "copies",
    yes = "If an event lies in $T twice, both copies are in the same \z
      partition.",
    no = "If an event lies in $T twice, the copies can be in different \z
      partitions.",
    why = "What is sent again is the batch, and a batch belongs to a \z
      partition from the start.",
    evidence = function(x)
      local home = {}
      return #doubles(x.parts[x.p.partition]) > 0
        and all(x.parts, function(list, i)
          for _, r in ipairs(list) do
            local name = r.seq and r.key .. "/" .. r.seq
            if name and (home[name] or i) ~= i then
              return false
            end
            home[name or 0] = name and i or nil
          end
          return true
        end)
    end },
  { id = "single", must = true,
    yes = "In trays, too, some events lie twice in the end, but no newer \z
      event lies between the two copies of a batch.",
    no = "In trays nothing lies twice in the end: with one request in flight \z
      a batch cannot be repeated.",
    why = "One request in flight keeps the order: nothing else is sent until \z
      the batch is answered. It does not keep the batch from being repeated.",
    evidence = function(x)
      return #doubles(x.trays[x.p.partition]) > 0
        and all(x.trays, adjacent)
    end },
  { id = "loss", must = true,
    yes = "No event is missing in $T in the end.",
    no = "The events whose answers were lost are missing in $T in the end.",
    why = "The requests arrived; only the answers were lost. And what is not \z
      answered is sent again, until delivery.timeout.ms is over.",
    evidence = function(x) return all(x.parts, complete) end },
  { id = "others",
    yes = "Only partition $P of $T holds events twice in the end.",
    no = "All three partitions of $T hold events twice in the end.",
    why = "A retry repeats what one broker did not answer: batches of the \z
      partitions that it leads.",
    evidence = function(x)
      return all(x.parts, function(list, i)
        return (#doubles(list) > 0) == (i == x.p.partition)
      end)
    end },
  { id = "clock",
    yes = "In the end there is a place in partition $P of $T where the next \z
      offset has an earlier timestamp.",
    no = "From offset to offset, the timestamps of a partition never go back.",
    why = "Timestamps are set by the sender (CreateTime) and come along with \z
      the repeated batch. Only offsets always rise.",
    evidence = function(x)
      local list = x.parts[x.p.partition]
      for i = 2, #list do
        if list[i].seq and list[i - 1].seq
            and list[i].ts < list[i - 1].ts then
          return true
        end
      end
      return false
    end },
}

local function fill(text, p)
  local words = { T = p.topic, K = p.key, B = p.broker, P = p.partition }
  return (text:gsub("%$(%u)", function(c) return tostring(words[c]) end))
end

local function wrap(text, first, rest)
  local out, line = {}, first
  for word in text:gmatch("%S+") do
    if #line + #word + 1 > 76 then
      out[#out + 1] = line
      line = rest
    end
    line = line .. (line:find("%S$") and " " or "") .. word
  end
  out[#out + 1] = line
  return table.concat(out, "\n")
end

-- --- answers ------------------------------

-- The numbers that hold; flipped: ids that are judged the other way round.
local function right_answer(p, flipped)
  local out = {}
  for n, s in ipairs(p.statements) do
    if s.yes ~= (flipped and flipped[ideas[s.idea].id] or false) then
      out[#out + 1] = n
    end
  end
  return table.concat(out, ",")
end

-- Which statements an answer judges wrongly; nil: it cannot be read.
local function misses(p, given)
  local said, out = {}, {}
  if not given or given:find("[^%d%s,]") then
    return nil
  end
  for word in given:gmatch("%d+") do
    local n = tonumber(word)
    if n < 1 or n > STATEMENTS then
      return nil
    end
    said[n] = true
  end
  for n, s in ipairs(p.statements) do
    if s.yes ~= (said[n] or false) then
      out[#out + 1] = n
    end
  end
  return out
end

local function explained(p, list)
  local out = { #list .. " of " .. STATEMENTS .. " are judged wrongly:" }
  for _, n in ipairs(list) do
    local s = p.statements[n]
    out[#out + 1] = wrap(fill(ideas[s.idea].why, p), ("          %2d %s. ")
      :format(n, s.yes and "holds" or "does not hold"), "             ")
  end
  return table.concat(out, "\n")
end

-- What evidence is looked for in.
local function run_of(w, h, p)
  local x = { h = h, p = p, parts = partitions(w, p.topic),
    trays = partitions(w, "trays"), first_ms = math.maxinteger }
  for i = 0, 2 do
    for _, r in ipairs(x.parts[i] or {}) do
      x.first_ms = math.min(x.first_ms, r.ts)
    end
  end
  -- The trackers begin at 1 s.  What was done later is not looked at, but for
  -- lines sent by hand.
  x.fault_ms = x.first_ms + 1000 * (FAULT - 1)
  for _, parts in ipairs{ x.parts, x.trays } do
    for i = 0, 2 do
      local early = {}
      for _, r in ipairs(parts[i] or {}) do
        if not r.seq or r.ts < x.fault_ms + 8000 then
          early[#early + 1] = r
        end
      end
      parts[i] = early
    end
  end
  return x
end

return lab.module{
  format_version = 1,
  id = "bigdata.keys-and-order",
  uuid = "b7cb715c-150e-4ad4-89de-f8469f91c706",
  version = "1.0.0",
  status = "active",
  title = "Which order survives?",
  blurb = "Three partitions, events with and without keys, and one retry: a \z
    broker's answers are lost for three seconds. Say which of twelve \z
    statements about order hold, let it happen, and look each one up in the \z
    log.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 2,
  minutes = 15,
  month = 1,
  track = { "core" },
  fidelity = { "kafka.client", "kafka.broker", "host.net" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell order within a partition from order across a topic" },
    { id = "o2", bloom = "apply",
      text = "Predict the partition of events with and without a key" },
    { id = "o3", bloom = "analyze",
      text = "Derive what a retry does to copies and order, from requests in \z
        flight" },
  },
  competencies = { ["bigdata.log-model"] = 0.6, ["kafka.topics"] = 0.4 },
  prerequisites = {},
  out_of_scope = { "how idempotent producers work", "transactions",
    "adding partitions" },

  world = "empty-kafka",
  start = "30s",
  settle = "5s",

  params = function(rng)
    local name = rng:pick{ "crate", "cart", "pallet", "drum", "cage" }
    local broker = rng:int(1, 3)
    local p = {
      name = name, topic = name .. "s", devices = rng:int(10, 12),
      broker = broker, partition = broker - 1,
      key = ("%s-%05d"):format(name, rng:int(0, 9)),
      hand = rng:int(4, 7), slip = 1000 * rng:int(11, 97),
      statements = {},
    }
    local picked, spare = {}, {}
    for i, idea in ipairs(ideas) do
      local list = idea.must and picked or spare
      list[#list + 1] = i
    end
    while #picked < STATEMENTS do
      picked[#picked + 1] = table.remove(spare, rng:int(1, #spare))
    end
    for n = 1, STATEMENTS do
      p.statements[n] = { yes = rng:chance(1, 2),
        idea = table.remove(picked, rng:int(1, #picked)) }
    end
    return p
  end,

  setup = function(s, p)
    local keyed, plain = by_hand(p)
    local lines = {}
    for _, topic in ipairs{ p.topic, "trays" } do
      s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--replica-assignment 1:2:3,2:3:1,3:1:2"):format(SERVER, topic))
    end
    s:run(1 - s:now())
    for topic, flight in pairs{ [p.topic] = 5, trays = 1 } do
      s:command(("fleet-new name=%s topic=%s devices=%d period=200ms "
        .. "flush=100ms acks=all request.timeout.ms=3000 linger.ms=0 "
        .. "enable.idempotence=false "
        .. "max.in.flight.requests.per.connection=%d"):format(
        topic:gsub("s$", ""), topic, p.devices, flight))
    end
    s:command(("fault partition component=broker-%d to=edge-1 one-way=1 "
      .. "after=%ds for=%s"):format(p.broker, FAULT - 1, LOST))
    for i = 1, p.hand do
      lines[i] = keyed[i].key .. ":" .. keyed[i].value
    end
    s:file("keyed.txt", table.concat(lines, "\n") .. "\n")
    s:file("plain.txt", table.concat(plain, "\n") .. "\n")
    s:file("scene.txt", fill(table.concat({
      ("%-9s"):format(p.topic)
        .. "  3 partitions, three copies each; broker-$B leads partition $P",
      "trays      likewise; broker-$B leads partition $P of it, too",
      "keys       " .. p.name .. "-00000 to " .. p.name .. "-"
        .. ("%05d"):format(p.devices - 1) .. ", and tray-00000 and so on;",
      "           each sends five numbered events a second (seq)",
      "gateways   " .. p.name .. "-gateway sends to $T with up to 5 \z
        requests in flight,",
      "           tray-gateway sends to trays with 1 in flight;",
      "           acks=all, request.timeout.ms=3000,",
      "           enable.idempotence=false",
      "           all producers choose partitions as Kafka's default does",
      "T+01:00    your list is judged as it stands",
      "T+01:30    for 3.3 s the answers of broker-$B to the gateways are lost;",
      "           their requests arrive, and all else works",
    }, "\n") .. "\n", p))
    lines = {}
    for n, it in ipairs(p.statements) do
      local idea = ideas[it.idea]
      lines[n] = wrap(fill(it.yes and idea.yes or idea.no, p),
        ("%2d  "):format(n), "    ")
    end
    s:file("statements.txt", table.concat(lines, "\n") .. "\n")
  end,

  -- Every idea, shown or not, is seen in this run's log.
  nonvacuous = function(h, w, p)
    local x = run_of(w, h, p)
    for _, idea in ipairs(ideas) do
      if not idea.evidence(x) then
        print(idea.id .. ": the run does not show it")
        return false
      end
    end
    return true
  end,

  tasks = {
    { id = "order", title = "Twelve statements", kind = "predict",
      text = "text/order.md", points = 10,
      checks = {
        { id = "ran", type = "at",
          fn = function(w) return w:now() >= FAULT + 10 end,
          fail = "It has not happened yet; let time pass to T+01:40 or later. \z
            Until T+01:00 you can change your list." },
        { id = "stood", type = "at", at = "60s",
          fn = function(w, h, p, given)
            local list = misses(p, given)
            if not list then
              return false, given and "The answer is no list of numbers from \z
                1 to 12." or "No list stood there."
            end
            return #list == 0, explained(p, list)
          end,
          fail = "The list that stood at T+01:00 does not agree with what \z
            happened.",
          pass = "All twelve judged rightly. What survives is the order of \z
            one partition; what keeps it through a retry is one request in \z
            flight, or an idempotent producer." },
      },
      hints = {
        { cost = 0, text = "The lesson bigdata/log, under \"What order \z
          means\", and bigdata/delivery, under \"What no ack says\" and \"At \z
          most once\"." },
        { cost = 1, text = "Ask of each statement: does it speak of one \z
          partition or of several? Of one key or of several? Of the time \z
          before the lost answers or after?" },
        { cost = 3, text = "Draw the partition whose leader's answers are \z
          lost. Five batches are under way: 1 2 3 4 5 lie in the log, their \z
          answers do not come, and all five are sent once more. With one in \z
          flight, 1 is sent, and then 1 again, before 2. Write down what \z
          lies in the log in both cases, then: answer order N,N,... with \z
          the numbers of the statements that agree with it." },
      } },

    { id = "send", title = "With a key and without", kind = "operate",
      text = "text/send.md", points = 5,
      checks = {
        { id = "keyed", type = "at",
          fn = function(w, h, p)
            local keyed = by_hand(p)
            local times, wrong = {}, 0
            for _, list in pairs(partitions(w, p.topic)) do
              for _, r in ipairs(list) do
                if r.key == p.key and not r.seq then
                  times[r.value] = (times[r.value] or 0) + 1
                elseif not r.seq
                    and (r.value or ""):find("by hand", 1, true) then
                  wrong = wrong + 1
                end
              end
            end
            for _, line in ipairs(keyed) do
              if times[line.value] ~= 1 then
                return false, wrong > 0 and "they are there, but the key is \z
                  part of their value" or "a line lies there "
                  .. (times[line.value] or 0) .. " times"
              end
            end
            return wrong == 0, wrong .. " lines lie there with the key in \z
              their value"
          end,
          fail = "The lines of keyed.txt do not lie in the topic once each, \z
            with what stands before the colon as their key." },
        { id = "plain", type = "at",
          fn = function(w, h, p)
            local _, plain = by_hand(p)
            local times, parts = {}, partitions(w, p.topic)
            for _, list in pairs(parts) do
              for _, r in ipairs(list) do
                if not r.key then
                  times[r.value] = (times[r.value] or 0) + 1
                end
              end
            end
            for _, line in ipairs(plain) do
              if times[line] ~= 1 then
                return false, "a line lies there " .. (times[line] or 0)
                  .. " times without a key"
              end
            end
            return plain_homes(parts, p) == 1,
              "they were not all sent by one run of the producer"
          end,
          fail = "The lines of plain.txt do not lie in the topic once each, \z
            without a key, from one run.",
          pass = "The keyed lines went where the gateway's events of that key \z
            lie; the others went together to some one partition." },
      },
      hints = {
        { cost = 0, text = "Two runs of the console producer, one for each \z
          file. --help lists its options." },
        { cost = 1, text = "The console producer takes a line as a value. \z
          That a line begins with a key, and what stands between key and \z
          value, are two properties of its reader." },
        { cost = 2, text = "One line each, with the topic of scene.txt:\n\z
          \x20 kafka-console-producer.sh --bootstrap-server broker-1:9092 \z
          --topic TOPIC --property parse.key=true --property \z
          key.separator=: < keyed.txt\n\z
          \x20 kafka-console-producer.sh --bootstrap-server broker-1:9092 \z
          --topic TOPIC < plain.txt" },
      } },

    { id = "witness", title = "Look it up", kind = "operate",
      text = "text/witness.md", points = 5,
      checks = {
        { id = "whole", type = "history",
          fn = function(w, h, p) return topic_read_out_of_order(h, p) end,
          fail = "You have not seen the whole topic, all three partitions in \z
            one run, from its beginning. What a reader gets first and what \z
            was sent first is to be compared." },
        { id = "seq", type = "answer",
          fn = function(w, h, p, given)
            local n = given and tonumber(given:match("(%d+)%s*$"))
            local list = partition(w, p.topic, p.partition)
            for _, pair in ipairs(n and doubles(list) or {}) do
              if list[pair[1]].seq == n then
                return true
              end
            end
            return false, "no event with the seq " .. tostring(n or given)
              .. " lies there twice"
          end,
          fail = "The witness does not hold: it has to be the seq of an event \z
            that lies in the topic twice.",
          pass = "There it lies, twice. A reader gets both, and cannot tell \z
            them apart but by a number that the event carries itself." },
      },
      hints = {
        { cost = 0, text = "Only the broker that could not answer has \z
          something to repeat; scene.txt says which partition it leads, and \z
          when." },
        { cost = 1, text = "Five events a second: at T+01:30 the trackers are \z
          at about seq 445. Print offsets and values of that partition and \z
          look for a place where seq goes back." },
        { cost = 2, text = "kafka-console-consumer.sh --bootstrap-server \z
          broker-1:9092 --topic TOPIC --from-beginning --max-messages 4000 \z
          for the whole. For the witness the same with --partition P \z
          --offset 0 instead of --from-beginning, --max-messages as large as \z
          kafka-get-offsets.sh says, and | grep '\"seq\":44[5-9]' behind it. \z
          Then: answer witness SEQ" },
      } },
  },

  solution = function(p)
    local to = SERVER .. " --topic " .. p.topic
    return {
      { "order", { "answer order " .. right_answer(p), "run until 1m45s" } },
      { "send", {
        "kafka-console-producer.sh " .. to .. " --property parse.key=true "
          .. "--property key.separator=: < keyed.txt",
        "kafka-console-producer.sh " .. to .. " < plain.txt" } },
      { "witness", {
        "kafka-console-consumer.sh " .. to .. " --from-beginning "
          .. "--max-messages " .. READ,
        "answer witness 446" } },
    }
  end,

  alt_solutions = function(p)
    local to = SERVER .. " --topic " .. p.topic
    return { { name = "by hand first, and read with keys and offsets",
      { "send", {
        "kafka-console-producer.sh " .. to .. " < plain.txt",
        "tr : '\\t' < keyed.txt > tabs.txt",
        "kafka-console-producer.sh " .. to .. " --property parse.key=true "
          .. "< tabs.txt" } },
      { "order", { "answer order " .. right_answer(p):gsub(",", " "),
        "run until 2m" } },
      { "witness", {
        "kafka-console-consumer.sh " .. to .. " --group look --from-beginning "
          .. "--max-messages 4500 --property print.key=true "
          .. "--property print.partition=true --property print.offset=true",
        ("answer witness %s seq 446"):format(p.key) } },
    } }
  end,

  wrong = function(p)
    local to = SERVER .. " --topic " .. p.topic
    local function slip(name, flipped)
      return { name = name, must_fail = "order.stood", verdict = "not-fixed",
        actions = { "answer order " .. right_answer(p, flipped),
          "run until 1m45s" } }
    end
    return {
      slip("a topic as a whole has an order", { topic = true }),
      slip("acks=all means once", { twice = true, inverted = true }),
      slip("records without keys are dealt in turn", { unkeyed = true }),
      slip("one request in flight means once", { single = true }),
      { name = "judge when it is over", must_fail = "order.stood",
        verdict = "not-fixed",
        actions = { "run until 1m45s", "answer order " .. right_answer(p) } },
      { name = "keys as part of the value", must_fail = "send.keyed",
        verdict = "not-fixed",
        actions = { "kafka-console-producer.sh " .. to .. " < keyed.txt" } },
      { name = "one partition taken for the topic",
        must_fail = "witness.whole", verdict = "not-fixed",
        actions = { "run until 1m45s",
          "kafka-console-consumer.sh " .. to .. " --partition 0 --offset 0 "
            .. "--max-messages 500" } },
      { name = "an event from before the lost answers",
        must_fail = "witness.seq", verdict = "not-fixed",
        actions = { "run until 1m45s", "answer witness 300" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { competency = "bigdata.log-model",
      q = "Where does Kafka keep the order of records?",
      a = "Inside one partition. Across the partitions of a topic there is \z
        none: neither offsets nor the order in which a reader gets them says \z
        what was sent first.",
      expect = { "partition" } },
    { competency = "kafka.topics",
      q = "Two producers that know nothing of each other send the key c-7 to \z
        one topic. Same partition?",
      a = "Yes, as long as both use the default partitioner and the number of \z
        partitions stays: murmur2 of the key bytes, modulo partitions.",
      expect = { "yes" } },
    { competency = "bigdata.log-model",
      q = "acks=all, idempotence off, five requests in flight, the answers \z
        are lost once. What is in the log?",
      a = "Batches 1 to 5, then the same again, not even in their old order. \z
        Nothing is missing; events lie twice, old ones behind newer ones.",
      expect = { "twice|again|double" } },
    { competency = "bigdata.log-model",
      q = "The same with max.in.flight.requests.per.connection=1?",
      a = "Batch 1, batch 1 again, then batch 2. The order of batches is \z
        kept, the copy is not avoided.",
      expect = { "batch 1 again|twice|copy|1 1 2" } },
    { competency = "bigdata.log-model",
      q = "Which producer setting of Kafka 3.9 avoids both, and is it the \z
        default?",
      a = "enable.idempotence=true, the default: the leader drops repeats of \z
        a producer session and keeps order with up to 5 in flight.",
      expect = { "enable.idempotence|idempotence" } },
  },
}
