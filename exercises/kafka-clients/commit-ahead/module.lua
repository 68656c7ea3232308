-- kafka-clients.commit-ahead - a worker pool, an automatic commit and a crash
--
-- A service takes payments from a topic, checks each with the bank and writes
-- it to a ledger.  Four workers take from a queue while polling goes on, so
-- what is committed runs ahead of what is written (F19).  It had a backlog
-- when it was killed: what was in the queue is committed and nowhere.
--
-- The seed draws the topic, the backlog and when the crash was.

local SERVER = "--bootstrap-server broker-1:9092"
local PARTITIONS = 3
local EVERY_MS = 333            -- between two payments
local YOUNG = 60                -- payments that may still be on their way: 20 s
local WAITING = 50              -- fewer than that are no drill

local source = [[
-- till.lua - payments, numbered from 1
local n = 0
function on_start() service.every("next", "%dms") end
function on_timer()
  n = n + 1
  kafka.produce{ topic = "%s", key = "card-" .. n %% 97, value = tostring(n) }
end
]]

-- `commit`: a line behind the insert, or none.
local function sink(p, commit, conflict, before, first)
  return ([[
-- sink.lua - has each payment checked by the bank, then writes it to the ledger
service.defaults{
  ["consumer.topics"] = "%s",
  ["consumer.auto.offset.reset"] = "earliest",
  ["consumer.session.timeout.ms"] = 10000,
  ["db.url"] = "db:5432",
}
%s
function on_start()
  assert(db.query("create table if not exists ledger "
    .. "(id bigint primary key, part int, off bigint, written_ms bigint)"))
end

function on_record(r)
%s  local id = math.tointeger(tonumber(r.value))
  -- the bank: most at once, some after a look
  service.sleep(id %% 20 == 0 and "1500ms" or "100ms")
  assert(db.query("insert into ledger values ($1, $2, $3, $4)%s",
    id, r.partition, r.offset, service.wall_ms()))
%send
]]):format(p.topic, before or "", first or "", conflict or "", commit or "")
end

-- Commits, for each partition, no further than all is written.
local tracker = [==[

local gap, done = {}, {}
local function polled(r)
  local k = r.partition
  gap[k], done[k] = gap[k] or r.offset, done[k] or {}
end
local function written(r)
  local mine, last = done[r.partition], nil
  mine[r.offset] = r
  while mine[gap[r.partition]] do
    last = mine[gap[r.partition]]
    mine[last.offset] = nil
    gap[r.partition] = last.offset + 1
  end
  if last then kafka.commit(last) end
end
]==]

-- Lines ------------------------------------------------------------------------

-- In one line, which the screen's console takes, too.
local function write_file(text)
  return "printf '" .. text:gsub("%%", "%%%%"):gsub("\n", "\\n")
    .. "' > sink.lua"
end

local function set(words)
  return "service set sink " .. words
end

local STOP = "systemctl -H app-1 stop sink"
local START = "systemctl -H app-1 start sink"
local KILL = "systemctl -H app-1 kill sink"

local function rewind(p)
  return ("kafka-consumer-groups.sh %s --group sink --topic %s "
    .. "--reset-offsets --to-earliest --execute"):format(SERVER, p.topic)
end

-- Ship `text`, read from the beginning, and crash on the way.
local function deploy(p, text, words, crash)
  local lines = { write_file(text), "service put sink.lua" }
  if words then
    lines[#lines + 1] = set(words)
  end
  lines[#lines + 1] = STOP
  lines[#lines + 1] = "wait 5s"
  lines[#lines + 1] = rewind(p)
  lines[#lines + 1] = START
  lines[#lines + 1] = "wait " .. (crash or "12s")
  lines[#lines + 1] = KILL
  lines[#lines + 1] = "wait 8m"
  return lines
end

local NOTHING = " on conflict do nothing"

-- What is true -----------------------------------------------------------------

local function service(w)
  for _, s in ipairs(w:services()) do
    if s.name == "sink" then
      return s
    end
  end
end

-- Where the consumer of start number n (nil: the last) began, by partition, and
-- in what second it started; nil while it has not.
local function began(h, n)
  local starts = h:log{ process = "sink", match = "Starting sink with" }
  local first, behind = starts[n or #starts], starts[(n or #starts) + 1]
  local at, found = {}, 0
  if not first then
    return nil
  end
  for _, line in ipairs(h:log{ process = "sink", match = "Setting offset",
                               from = first.at, max = 10000 }) do
    local k, offset = line.text:match("%-(%d+) to the committed offset "
      .. ".-offset=(%d+)")
    k = tonumber(k)
    if k and not at[k] and not (behind and line.at >= behind.at) then
      at[k], found = tonumber(offset), found + 1
    end
  end
  return found == PARTITIONS and at or nil, first.at
end

-- The one number a query gives; nil while there is no ledger.
local function number(w, sql)
  local ok, rows = pcall(w.rows, w, sql)
  local row = ok and rows[1]
  return row and (row.count or row.min)
end

-- How many payments were committed when the second start began to read, and
-- were not in the ledger.  What it wrote first in a partition tells when.
local function lost(w, h)
  local at = began(h, 2)
  local n = 0
  if not at then
    return nil
  end
  for k = 0, PARTITIONS - 1 do
    local since = number(w, ("select min(written_ms) from ledger where "
      .. "part = %d and off >= %d"):format(k, at[k]))
    local there = since and number(w, ("select count(*) from ledger where "
      .. "part = %d and off < %d and written_ms < %d")
      :format(k, at[k], since))
    if not there then
      return nil
    end
    n = n + at[k] - there
  end
  return n
end

-- A partition whose committed offset is ahead of the ledger, the offset, and how
-- many payments below it are there; nil: there is none.
local function ahead(w, p)
  local g = w:group("sink")
  local topic = g and g.offsets[p.topic]
  for k = 0, PARTITIONS - 1 do
    local n = topic and topic[k]
    local there = n and number(w, ("select count(*) from ledger where "
      .. "part = %d and off < %d"):format(k, n))
    if not n or there ~= n then
      return k, n or 0, there or 0
    end
  end
end

-- How many payments were waiting when the last start began to read.
local function waiting(h, w, p)
  local at, when = began(h)
  if not at then
    return nil
  end
  local n = (when - p.source_at) * 1000 // EVERY_MS
  for k = 0, PARTITIONS - 1 do
    n = n - at[k]
  end
  return math.tointeger(n)
end

return lab.module{
  format_version = 1,
  id = "kafka-clients.commit-ahead",
  uuid = "5a1a3b2e-8c55-4d0e-9c39-3d1f6d4c0b71",
  version = "1.0.0",
  status = "active",
  title = "The row that never was",
  blurb = "A service takes payments from a topic and writes them to a \z
    ledger. It crashed once, came back by itself, has no lag and no errors; \z
    and payments are missing. Prove from offsets how many, then make it so \z
    that a crash costs nothing, and show it.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 4,
  minutes = 25,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "service.program" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Prove a loss by comparing committed offsets with finished \z
        work" },
    { id = "o2", bloom = "apply",
      text = "Commit no further than the work is done" },
    { id = "o3", bloom = "apply",
      text = "Make a sink idempotent, so that records may come twice" },
    { id = "o4", bloom = "evaluate",
      text = "Judge a repair by a crash while work is waiting" },
  },
  competencies = { ["kafka.consumers"] = 0.5, ["bigdata.delivery"] = 0.5 },
  prerequisites = { "kafka.topics" },
  out_of_scope = { "transactions", "rebalances", "dead letters" },
  blueprint = { ["ccaak"] = "monitor" },

  world = "empty-kafka",
  start = "4m",
  settle = "10s",

  params = function(rng)
    return {
      topic = rng:pick{ "payments", "receipts", "charges", "refunds" },
      source_at = 10,
      backlog = rng:int(110, 140),      -- seconds of payments
      crash = rng:int(7, 10),           -- after the sink has begun
    }
  end,

  setup = function(s, p)
    s:console(("kafka-topics.sh %s --create --topic %s --partitions %d "
      .. "--replication-factor 3"):format(SERVER, p.topic, PARTITIONS))
    s:command("store-new name=db on=monitor-1")
    s:file("till.lua", source:format(EVERY_MS, p.topic))
    s:file("sink.lua", sink(p))
    s:run(p.source_at .. "s")
    s:console("service run till till.lua on=edge-1")
    s:run(p.backlog .. "s")
    s:console("service run sink sink.lua on=app-1 restart=always "
      .. "arg.consumer.pool=4")
    s:run((5 + p.crash) .. "s")
    s:command("service sink do=kill")
  end,

  nonvacuous = function(h, w, p)
    return h:count_log{ process = "sink", match = "Starting sink" } >= 2
      and w:count{ topic = p.topic } > 500
  end,

  tasks = {
    { id = "prove", title = "How many are missing?", kind = "diagnose",
      text = "text/prove.md", points = 5,
      checks = {
        { id = "lost", type = "answer",
          fn = function(w, h, p, answer)
            local n = lost(w, h)
            return n ~= nil and n > 0 and tonumber(answer) == n
          end,
          fail = "That is not how many were committed and not written when \z
            the service came back. Its log says where it went on in each \z
            partition; below that, every payment should be in the ledger.",
          pass = "Everything below the committed offset counts as done. \z
            What is not in the ledger below it will never be read again.",
          help = "the lesson kafka-clients/commit-positions" },
      },
      hints = {
        { cost = 0, text = "Two things speak of progress: the offsets that \z
          the group has committed, and the rows. Which of them should never \z
          be ahead of the other?" },
        { cost = 1, text = "After the crash the consumer said, for each \z
          partition, from which committed offset it goes on. Offsets count \z
          from 0 and have no gaps here, so below offset N there are N \z
          payments. The ledger has columns part and off." },
        { cost = 3, text = "logs sink | grep 'committed offset' shows three \z
          numbers N. For each: psql -h db -c \"select count(*) from ledger \z
          where part=K and off<N\". The answer is the sum of the \z
          differences." },
      } },

    { id = "repair", title = "A crash that costs nothing", kind = "operate",
      text = "text/repair.md", points = 10,
      checks = {
        { id = "drill", type = "at",
          fn = function(w, h, p)
            local s = service(w)
            if s.exit_code ~= 137 or s.restarts < 1 or s.state ~= "running"
            then
              return false, "its last end was no crash it came back from"
            end
            local n = waiting(h, w, p)
            if not n then
              return false, "it does not read from a committed offset"
            end
            return n >= WAITING and n < 100000,
              n .. " payments were above the committed offsets when it came \z
              back"
          end,
          fail = "No drill was held that shows anything: the last end of \z
            the sink has to be a crash while at least 50 payments were not \z
            committed." },
        { id = "behind", type = "held", hold = "3m",
          fn = function(w, h, p)
            local k, n, there = ahead(w, p)
            return not k, k and ("in partition %d the group has committed \z
              offset %d, and %d of the payments below it are in the ledger")
              :format(k, n, there)
          end,
          fail = "In the last three minutes offsets were committed above \z
            payments that were not in the ledger yet, or none were \z
            committed at all. A crash at that moment loses them.",
          pass = "What is committed is written. A crash can only repeat." },
        { id = "complete", type = "at",
          fn = function(w, h, p)
            local all = w:count{ topic = p.topic } - YOUNG
            local there = number(w, "select count(*) from ledger where id <= "
              .. all)
            if not there then
              return false, "there is no ledger"
            end
            return there == all, there .. " of the first " .. all
              .. " payments are in it"
          end,
          fail = "Payments are missing in the ledger. Those of the last 20 \z
            seconds do not count.",
          pass = "Every payment is there once, those of the first crash, \z
            too." },
        { id = "whole", type = "at",
          fn = function(w, h, p)
            local n = w:count{ topic = p.topic }
            local rows = number(w, "select count(*) from ledger")
            return rows ~= nil and rows <= n, rows .. " rows for " .. n
              .. " payments"
          end,
          fail = "The ledger has more rows than there were payments." },
      },
      hints = {
        { cost = 0, text = "curl http://sink:8080/config shows all settings \z
          and who set them. Which of them decides whether poll waits for \z
          the work?" },
        { cost = 2, text = "Without a pool each record is done within poll, \z
          and only a later poll commits it. Then a crash repeats records \z
          instead of losing them; so the insert has to accept a row that is \z
          there already. What was lost below the committed offset comes \z
          back only if the group reads from the beginning again." },
        { cost = 4, text = "In sink.lua end the insert with: on conflict do \z
          nothing. service put sink.lua; service set sink \z
          arg.consumer.pool=0; stop the sink; move its group to the \z
          earliest offset with kafka-consumer-groups.sh --reset-offsets; \z
          start it; after some 12 s systemctl -H app-1 kill sink; wait 8m." },
      } },
  },

  solution = function(p)
    return {
      { "prove", { "logs sink | grep 'committed offset'",
        "psql -h db -c 'select count(*) from ledger where part=0'",
        function(w, h) return "answer " .. tostring(lost(w, h)) end } },
      { "repair", deploy(p, sink(p, "", NOTHING), "arg.consumer.pool=0") },
    }
  end,

  alt_solutions = function(p)
    local answer = function(w, h) return "answer " .. tostring(lost(w, h)) end
    return {
      { name = "keep the pool, commit what is written without a gap",
        { "prove", { answer } },
        { "repair", deploy(p, sink(p, "  written(r)\n", NOTHING, tracker,
            "  polled(r)\n"),
          "arg.consumer.enable.auto.commit=false") } },
    }
  end,

  wrong = function(p)
    return {
      { name = "count the rows instead of the gap", must_fail = "prove.lost",
        verdict = "not-fixed",
        actions = { function(w) return "answer "
          .. number(w, "select count(*) from ledger") end } },
      { name = "a shorter commit interval", must_fail = "repair.behind",
        verdict = "not-fixed",
        actions = deploy(p, sink(p, "", NOTHING),
          "arg.consumer.auto.commit.interval.ms=100") },
      { name = "commit each record as its worker is done",
        must_fail = "repair.behind", verdict = "not-fixed",
        actions = deploy(p, sink(p, "  kafka.commit(r)\n", NOTHING),
          "arg.consumer.enable.auto.commit=false") },
      { name = "no pool, but rows may not come twice",
        must_fail = "repair.complete", verdict = "not-fixed",
        actions = deploy(p, sink(p), "arg.consumer.pool=0") },
      { name = "repair it, and leave what was lost",
        must_fail = "repair.complete", verdict = "not-fixed",
        actions = { write_file(sink(p, "", NOTHING)), "service put sink.lua",
          set("arg.consumer.pool=0"), STOP, "wait 30s", START, "wait 6s",
          KILL, "wait 2m" } },
      { name = "no crash to show it", must_fail = "repair.drill",
        verdict = "not-fixed",
        actions = { write_file(sink(p, "", NOTHING)), "service put sink.lua",
          set("arg.consumer.pool=0"), STOP, "wait 5s", rewind(p), START,
          "wait 8m" } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A consumer hands records to a pool of workers and goes on \z
        polling, with enable.auto.commit=true. It is killed. What is lost, \z
        and what shows it?",
      a = "All that was polled, committed and not yet done. No error and no \z
        lag shows it: below the committed offset everything counts as done. \z
        Only comparing committed offsets with finished work does.",
      expect = { "committed|commit", "not yet done|no lag|no error" },
      competency = "kafka.consumers" },
    { q = "Which offset may a consumer with parallel workers commit for a \z
        partition?",
      a = "The lowest that is not done: everything below it is done. Not the \z
        offset of the record that was finished last.",
      expect = { "lowest|below" },
      competency = "kafka.consumers" },
    { q = "Commit after the work, crash between the two: what must the sink \z
        be able to do?",
      a = "Take the same record twice without harm: it must be idempotent, \z
        for instance by a key and insert ... on conflict do nothing.",
      expect = { "twice|idempotent" },
      competency = "bigdata.delivery" },
  },
}
