-- kafka-clients.rebalance-storm - a slow answer, five hundred times a poll
--
-- Two members of a group ask a price for each order.  The price service was
-- restarted without its cache: each price is computed anew, a second of one of
-- its machine's two cores.  Five minutes of orders wait; a poll hands out up
-- to 500 orders: 500 s, and max.poll.interval.ms is 300 s (F15).  Members
-- leave, the other gets their partitions, what they did is done again.
--
-- The seed draws the names, the rate and when the cache went.

local SERVER = "--bootstrap-server broker-1:9092"
local PARTITIONS = 4
local SLOW_MS = 1000            -- a price without the cache

local source = [[
-- shop.lua - orders, numbered from 1
local n = 0
function on_start() service.every("next", "%dms") end
function on_timer()
  n = n + 1
  kafka.produce{ topic = "orders", key = "customer-" .. n %% 211,
    value = tostring(n) }
end
]]

local pricing = [[
-- pricing.lua - what an article costs
service.defaults{ cache = "on" }

function on_start()
  log.info("cache=" .. service.config("cache"))
end

function on_request(q)
  if service.config("cache") == "on" then
    cpu.use("2ms")
  else
    cpu.use("1s")               -- the whole price list, computed anew
  end
  return "17.50"
end
]]

local enrich = [[
-- enrich.lua - asks the price of each order and stores it
service.defaults{
  ["consumer.topics"] = "orders",
  ["consumer.group.id"] = "enrich",
  ["consumer.auto.offset.reset"] = "earliest",
  ["db.url"] = "db:5432",
}

function on_start()
  assert(db.query("create table if not exists priced "
    .. "(id bigint primary key, price text)"))
end

local function price(order)
  while true do
    local status, body = http.request("GET",
      "http://pricing:8080/price?order=" .. order, nil, "10s")
    if status == 200 then return body end
    service.sleep("1s")
  end
end

function on_record(r)
  assert(db.query("insert into priced values ($1, $2) "
    .. "on conflict do nothing", math.tointeger(tonumber(r.value)),
    price(r.value)))
end
]]

local MEMBERS = { "enrich-1", "enrich-2" }

local function services(w)
  local by = {}
  for _, s in ipairs(w:services()) do
    by[s.name] = s
  end
  return by
end

local function setting(s, key, otherwise)
  local set = s.settings["consumer." .. key]
  return tonumber(set and set.value or otherwise)
end

local function count(w, sql)
  local ok, rows = pcall(w.rows, w, sql)
  return ok and rows[1] and rows[1].count
end

-- Lines ------------------------------------------------------------------------

local function members(words)
  local lines = {}
  for _, name in ipairs(MEMBERS) do
    if words then
      lines[#lines + 1] = ("service set %s %s"):format(name, words)
    end
    lines[#lines + 1] = ("systemctl -H app-1 restart %s"):format(name)
  end
  return lines
end

local CACHE = { "service set pricing arg.cache=on",
  "systemctl -H monitor-1 restart pricing" }

local function joined(...)
  local all = {}
  for _, list in ipairs{ ... } do
    for _, line in ipairs(list) do
      all[#all + 1] = line
    end
  end
  return all
end

local ANSWER = "answer max.poll.interval.ms"
local SMALL = "arg.consumer.max.poll.records=100"

return lab.module{
  format_version = 1,
  id = "kafka-clients.rebalance-storm",
  uuid = "c5f1f0c4-6f0a-4f61-9d3f-0e1c5a0f7b92",
  version = "1.0.0",
  status = "active",
  title = "Five hundred times one second",
  blurb = "A group of two stores the prices of orders. For a while its \z
    members have been leaving and coming back, and the lag grows. The \z
    brokers are well. Find which limit the members break and why, and let \z
    the group drain its lag and stay.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 5,
  minutes = 25,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "service.program" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell a member that polls too late from one that is gone" },
    { id = "o2", bloom = "analyze",
      text = "Trace slow polling to the call that is slow" },
    { id = "o3", bloom = "apply",
      text = "Size a batch so that its worst case fits between two polls" },
  },
  competencies = { ["kafka.consumers"] = 0.6, ["ops.diagnosis"] = 0.4 },
  prerequisites = { "kafka.topics" },
  out_of_scope = { "static membership", "cooperative rebalancing" },
  blueprint = { ["ccaak"] = "monitor" },

  world = "empty-kafka",
  start = "25m",
  settle = "10s",

  params = function(rng)
    return {
      every = rng:int(110, 140),        -- ms between two orders
      slow_after = rng:int(60, 120),    -- s
    }
  end,

  setup = function(s, p)
    s:console(("kafka-topics.sh %s --create --topic orders --partitions %d "
      .. "--replication-factor 3"):format(SERVER, PARTITIONS))
    s:command("store-new name=db on=monitor-1")
    s:file("shop.lua", source:format(p.every))
    s:file("pricing.lua", pricing)
    s:file("enrich.lua", enrich)
    s:run("10s")
    s:console("service run pricing pricing.lua on=monitor-1 restart=always")
    s:console("service run shop shop.lua on=edge-1")
    for _, name in ipairs(MEMBERS) do
      s:console(("service run %s enrich.lua on=app-1 restart=always")
        :format(name))
    end
    s:run(p.slow_after .. "s")
    for _, name in ipairs(MEMBERS) do
      s:console("systemctl -H app-1 stop " .. name)
    end
    s:console("service set pricing env.CACHE=off")
    s:console("systemctl -H monitor-1 restart pricing")
    s:run("5m")
    for _, name in ipairs(MEMBERS) do
      s:console("systemctl -H app-1 start " .. name)
    end
  end,

  nonvacuous = function(h, w)
    return h:count_log{ match = "poll timeout has expired" } >= 2
  end,

  tasks = {
    { id = "limit", title = "Which limit?", kind = "diagnose",
      text = "text/limit.md", points = 4,
      checks = {
        { id = "name", type = "answer", answer = "max.poll.interval.ms",
          fail = "That is not the limit that the members break. The log of a \z
            member says what expired before it left; a member that is gone, \z
            or a session that ended, would leave other lines.",
          pass = "Heartbeats come from a thread of their own and went on. It \z
            is poll that was not called for five minutes.",
          help = "the lesson kafka-clients/poll-and-session" },
      },
      hints = {
        { cost = 0, text = "A member can leave its group, or be thrown out. \z
          Which of the two happened here? Its log tells." },
        { cost = 1, text = "session.timeout.ms watches heartbeats: is the \z
          process alive? max.poll.interval.ms watches calls of poll: does it \z
          make progress? Look in the log for what expired." },
        { cost = 2, text = "logs enrich-1 | grep expired: consumer poll \z
          timeout. The setting with that limit is max.poll.interval.ms." },
      } },

    { id = "repair", title = "Drain, and stay", kind = "operate",
      text = "text/repair.md", points = 10,
      checks = {
        { id = "kept", type = "at",
          fn = function(w)
            local g = w:group("enrich")
            local rows = count(w, "select count(*) from priced")
            if not g or not rows then
              return false, "there is no group, or no table"
            end
            local done = w:count{ topic = "orders" } - g.total_lag
            return rows >= done, rows .. " rows for " .. done
              .. " committed orders"
          end,
          fail = "Orders are committed that have no price." },
        { id = "drained", type = "held", hold = "1m",
          fn = function(w)
            local g = w:group("enrich")
            return g ~= nil and g.total_lag < 500,
              "the lag is " .. (g and g.total_lag or "unknown")
          end,
          fail = "The lag of the group was not below 500 orders for a \z
            minute." },
        { id = "stable", type = "held", hold = "1m",
          fn = function(w)
            local g = w:group("enrich")
            local n = g and #g.members or 0
            return n >= 2 and g.state == "Stable", n .. " members, "
              .. (g and g.state or "no group")
          end,
          fail = "The group was not stable with two members for a minute." },
        { id = "room", type = "at",
          fn = function(w)
            local by = services(w)
            for _, name in ipairs(MEMBERS) do
              local most = setting(by[name], "max.poll.records", 500)
              local limit = setting(by[name], "max.poll.interval.ms", 300000)
              if most * SLOW_MS >= limit then
                return false, ("%s: %d records at %d ms each, and %d ms")
                  :format(name, most, SLOW_MS, limit)
              end
            end
            return true
          end,
          fail = "The next time a price takes a second, a full batch takes \z
            longer than may lie between two polls, and all this begins \z
            again.",
          pass = "Even at one second a price, a full batch is done before \z
            the limit. The next slow day costs lag, not the group." },
      },
      hints = {
        { cost = 0, text = "How long does one order take, and what takes so \z
          long? Look at top, and at the log and the settings of the service \z
          that the members ask." },
        { cost = 2, text = "A second an order is the price service: it was \z
          restarted, and one of its settings changed (/config says who set \z
          it). And 500 records, the default of max.poll.records, times one \z
          second are more than the 300 s of max.poll.interval.ms." },
        { cost = 4, text = "service set pricing arg.cache=on and restart it \z
          (on monitor-1). service set enrich-1 \z
          arg.consumer.max.poll.records=100, the same for enrich-2, and \z
          restart both (on app-1). Then wait 10m." },
      } },
  },

  solution = {
    { "limit", { "logs enrich-1 | grep -c expired",
      "kafka-consumer-groups.sh " .. SERVER .. " --describe --group enrich",
      ANSWER } },
    { "repair", joined({ "curl http://pricing:8080/config" }, CACHE,
      members(SMALL), { "wait 10m" }) },
  },

  alt_solutions = {
    { name = "a longer interval in place of a smaller batch",
      { "limit", { ANSWER } },
      { "repair", joined(CACHE,
        members("arg.consumer.max.poll.interval.ms=900000"),
        { "wait 10m" }) } },
  },

  wrong = {
    { name = "blame the session", must_fail = "limit.name",
      verdict = "not-fixed",
      actions = { "answer session.timeout.ms" } },
    { name = "blame the heartbeats", must_fail = "limit.name",
      verdict = "not-fixed",
      actions = { "answer heartbeat.interval.ms" } },
    { name = "more consumers", must_fail = "repair.drained",
      verdict = "not-fixed",
      actions = { ANSWER, "service run enrich-3 enrich.lua on=app-1",
        "service run enrich-4 enrich.lua on=app-1", "wait 10m" } },
    { name = "a longer session timeout", must_fail = "repair.drained",
      verdict = "not-fixed",
      actions = joined({ ANSWER },
        members("arg.consumer.session.timeout.ms=600000"),
        { "wait 10m" }) },
    { name = "restart the group", must_fail = "repair.drained",
      verdict = "not-fixed",
      actions = joined({ ANSWER }, members(), { "wait 10m" }) },
    { name = "smaller batches alone", must_fail = "repair.drained",
      verdict = "not-fixed",
      actions = joined({ ANSWER }, members(SMALL), { "wait 10m" }) },
    { name = "a longer poll interval alone", must_fail = "repair.drained",
      verdict = "not-fixed",
      actions = joined({ ANSWER },
        members("arg.consumer.max.poll.interval.ms=900000"),
        { "wait 10m" }) },
    { name = "the cache alone", must_fail = "repair.room",
      verdict = "not-fixed",
      actions = joined({ ANSWER }, CACHE, { "wait 10m" }) },
    { name = "skip what waits", must_fail = "repair.kept",
      verdict = "collateral",
      actions = joined({ ANSWER }, CACHE, {
        "systemctl -H app-1 stop enrich-1", "systemctl -H app-1 stop enrich-2",
        "wait 1m",
        "kafka-consumer-groups.sh " .. SERVER .. " --group enrich --topic "
          .. "orders --reset-offsets --to-latest --execute" },
        members(SMALL), { "wait 5m" }) },
  },

  debrief = "text/debrief.md",
  cards = {
    { q = "session.timeout.ms and max.poll.interval.ms: what does each of \z
        them watch, and who acts when it is exceeded?",
      a = "session.timeout.ms watches heartbeats, which a thread of their own \z
        sends: the coordinator removes the member. max.poll.interval.ms \z
        watches calls of poll: the member itself leaves.",
      expect = { "heartbeat", "poll" },
      competency = "kafka.consumers" },
    { q = "max.poll.records=500, max.poll.interval.ms=300000. How long may \z
        one record take at most, if batches are full?",
      a = "300 s / 500 = 0.6 s.",
      expect = { "0.6|600" },
      competency = "kafka.consumers" },
    { q = "A group's members leave because a call they make became slow. Why \z
        do more members make it worse?",
      a = "Each one that joins makes the group rebalance, what was in work \z
        is done again, and the slow service is asked by more.",
      expect = { "rebalanc|again" },
      competency = "ops.diagnosis" },
  },
}
