-- kafka-clients.retry-order - what a retry does to order, six times
--
-- Six producers with different settings write over the same slow link to six
-- topics that lie alike.  The link fails twice, planned as faults: first the
-- answers are lost, then the requests as well (F32).  The learner commits a
-- prediction before the first.
--
-- The truth is read from the logs when it is over: each device numbers its
-- readings, so a gap, a second copy or a reading behind a later one shows.
--
-- The seed draws the order of the settings, who leads and the load.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local BEGINS, ENDS = 120, 210           -- s: the drill
local LAST = 195        -- s: readings from before then have had their time
local EPOCH = 1767600000000             -- ms: when the run begins
local CHUNK = 1500                      -- records looked at in one piece

local SETTINGS = {
  { words = "", says = "(nothing set)", rule = "-" },
  { words = " enable.idempotence=false", says = "enable.idempotence=false",
    rule = "di" },
  { words = " enable.idempotence=false "
      .. "max.in.flight.requests.per.connection=1",
    says = "enable.idempotence=false, in flight 1", rule = "d" },
  { words = " enable.idempotence=false retries=0",
    says = "enable.idempotence=false, retries=0", rule = "l" },
  { words = " acks=1", says = "acks=1", rule = "di" },
  { words = " acks=0", says = "acks=0", rule = "-" },
}
local NAMES = { "a", "b", "c", "d", "e", "f" }

local function topic(i)
  return "topic-" .. NAMES[i]
end

-- -- what is measured -------------------------------------------------------

-- One reading after another, as a consumer of the topic gets them.
local function note(seen, r)
  local seq, ts = r.value:match('"seq":(%d+),"ts":(%d+)')
  local d = seen[r.key]
  seq = tonumber(seq)
  if not d then
    d = { top = -1, had = {}, count = 0, first = seq }
    seen[r.key] = d
  end
  if d.had[seq] then
    return "d"
  end
  d.had[seq] = true
  if tonumber(ts) < EPOCH + LAST * 1000 then
    d.count = d.count + 1
    d.last = math.max(d.last or seq, seq)
  end
  if seq < d.top then
    return "i"
  end
  d.top = seq
end

-- How many were stored twice, behind a later one of their device, not at all.
local function measure(w, name)
  local seen, n = {}, { d = 0, i = 0, l = 0 }
  local part = w:topic(name).partitions[1]
  local stop = part and part.high_watermark
  if not stop or stop == 0 then
    return nil
  end
  for from = 0, stop - 1, CHUNK do
    for _, r in ipairs(w:records{ topic = name, partition = 0, from = from,
        to = math.min(from + CHUNK, stop), max = CHUNK }) do
      local what = note(seen, r)
      if what then
        n[what] = n[what] + 1
      end
    end
  end
  for _, d in pairs(seen) do
    n.l = n.l + (d.last and d.last + 1 - d.count or 0)
  end
  return n
end

local function word_of(n)
  local word = (n.d > 0 and "d" or "") .. (n.i > 0 and "i" or "")
    .. (n.l > 0 and "l" or "")
  return word == "" and "-" or word
end

-- The words that fit the run, and the numbers behind them; nil before it is
-- over.
local function measured(w, p)
  if w:now() < ENDS then
    return nil
  end
  local words, numbers = {}, {}
  for i in ipairs(NAMES) do
    local n = measure(w, topic(i))
    if not n then
      return nil
    end
    words[i] = word_of(n)
    numbers[i] = ("%s: twice %d, inverted %d, missing %d"):format(topic(i),
      n.d, n.i, n.l)
  end
  return words, numbers
end

-- -- what is said about it --------------------------------------------------

-- "- di d l di l" as six words with their letters in order; nil when it is
-- not written so.
local function words_of(given)
  local list = {}
  for word in (given or ""):lower():gmatch("%S+") do
    if word ~= "-" and (not word:match("^[dil]+$") or #word > 3) then
      return nil
    end
    local has = {}
    for letter in word:gmatch("[dil]") do
      has[letter] = 1
    end
    list[#list + 1] = word_of{ d = has.d or 0, i = has.i or 0,
      l = has.l or 0 }
  end
  return #list == #NAMES and list or nil
end

local function prediction(p, rule)
  local words = {}
  for i, k in ipairs(p.order) do
    words[i] = rule(SETTINGS[k], k)
  end
  return "answer predict " .. table.concat(words, " ")
end

local function theory(setting)
  return setting.rule
end

-- What stood as the answer when the drill began.
local samples = {}

local function leader(p)
  return "broker-" .. p.leader
end

return lab.module{
  format_version = 1,
  id = "kafka-clients.retry-order",
  uuid = "69e62658-72e8-491f-9ce6-3ebe5fa9ca8f",
  version = "1.0.0",
  status = "active",
  title = "Inverted by a retry",
  blurb = "Six producers, six settings, one slow link that fails twice. Say \z
    for each whether its readings are stored twice, out of order, or not at \z
    all. Then let it happen, and compare.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 3,
  minutes = 15,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "evaluate",
      text = "Predict for idempotence, requests in flight, retries and acks \z
        whether a retry duplicates, inverts or drops records" },
    { id = "o2", bloom = "analyze",
      text = "Tell a lost answer from a lost request by what the log holds" },
  },
  competencies = { ["kafka.producers"] = 1 },
  prerequisites = { "kafka.topics", "bigdata.delivery" },
  out_of_scope = { "transactions", "leader changes", "consumer threads" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 1, ["auto-rebalance"] = "off" },
  start = "1m",
  settle = "10s",

  params = function(rng)
    local order = { 1, 2, 3, 4, 5, 6 }
    for i = #order, 2, -1 do
      local k = rng:int(1, i)
      order[i], order[k] = order[k], order[i]
    end
    return { order = order, leader = rng:int(1, 3),
             devices = rng:int(4, 8) * 5, delay = rng:int(20, 26) * 10 }
  end,

  setup = function(s, p)
    local rows = {}
    for i, k in ipairs(p.order) do
      local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
        .. "--replica-assignment %d:%d:%d"):format(SERVER, topic(i),
        p.leader, p.leader % 3 + 1, (p.leader + 1) % 3 + 1))
      if code ~= 0 then
        error(said)
      end
      s:command(("fleet-new name=%s topic=%s devices=%d period=200ms "
        .. "request.timeout.ms=2000%s"):format(topic(i), topic(i), p.devices,
        SETTINGS[k].words))
      rows[#rows + 1] = ("  %d  %s  %s"):format(i, topic(i),
        SETTINGS[k].says)
    end
    s:file("drill.txt", table.concat({
      ("Six topics, 1 partition, 3 copies; %s leads them all.")
        :format(leader(p)),
      ("One producer each on edge-1: %d devices, 5 readings/s each,")
        :format(p.devices),
      "a batch every 100 ms. Kafka 3.9 clients, request.timeout.ms=2000;",
      "beyond that only what this list says is set:",
      "",
      table.concat(rows, "\n"),
      "",
      ("A request takes %d ms from edge-1 to %s, its answer as long.")
        :format(p.delay, leader(p)),
      "",
      ("T+02:00  the way back fails for 6 s: %s hears edge-1,")
        :format(leader(p)),
      "         edge-1 hears nothing",
      "T+02:40  both ways fail for 6 s",
      "T+03:30  it is over",
      "",
      "A client that waits longer than request.timeout.ms for an answer",
      "closes the connection. While a connection stands, TCP sends again",
      "what was not confirmed.",
      "",
      "The brokers are well all the time; nobody else takes the lead.",
      "",
    }, "\n"))
  end,

  faults = function(p)
    return {
      { id = "far", fault = "slow-link", at = "T+30s",
        args = { component = "edge-1", to = leader(p),
                 delay = p.delay .. "ms" } },
      { id = "back", fault = "partition", at = "T+2m",
        args = { component = leader(p), to = "edge-1", ["one-way"] = 1,
                 ["for"] = "6s" } },
      { id = "both", fault = "partition", at = "T+2m40s",
        args = { component = "edge-1", to = leader(p), ["for"] = "6s" } },
    }
  end,

  -- The producer that nothing protects wrote before, during and after it.
  nonvacuous = function(h, w, p)
    local words = measured(w, p)
    for i, k in ipairs(p.order) do
      if SETTINGS[k].rule == "di" and words and words[i] == "di" then
        return true
      end
    end
    return false
  end,

  tasks = {
    { id = "predict", title = "Six producers", kind = "predict",
      text = "text/predict.md", points = 8,
      checks = {
        { id = "form", type = "answer",
          fn = function(w, h, p, given)
            return words_of(given) ~= nil
          end,
          fail = "A prediction is six words, one a topic in the order of \z
            drill.txt, out of the letters d, i and l; a dash for none." },
        { id = "undisturbed", type = "always", from = "1m",
          fn = function(w)
            for i in ipairs(NAMES) do
              local g = w:process(topic(i) .. "-gateway")
              if not g or g.state ~= "up" or g.starts > 1 then
                return false, topic(i) .. "-gateway was stopped"
              end
            end
            return true
          end,
          fail = "A producer was stopped, so the drill says nothing. Rewind \z
            to before that." },
        { id = "committed", type = "always", from = "1m59s",
          fn = function(w, h, p, given)
            local now = math.floor(w:now())
            if now < BEGINS or not samples.given then
              samples.given = given
            end
            return words_of(given) ~= nil and given == samples.given
          end,
          fail = "What counts is the prediction that stands at T+02:00, when \z
            the link fails for the first time. It is compared when all is \z
            over: run until 3m31s. If it came too late, rewind and predict \z
            anew." },
        { id = "over", type = "history",
          fn = function(w)
            return w:now() >= ENDS
          end,
          fail = "It is over at T+03:30. Let it happen: run until 3m31s." },
        { id = "unchanged", type = "history",
          fn = function(w, h, p, given)
            return words_of(given) ~= nil and given == samples.given,
              "at T+02:00 it was " .. (samples.given or "not there")
          end,
          fail = "The prediction is no longer the one that stood at T+02:00. \z
            Rewind, predict anew, and let it happen again." },
        { id = "match", type = "history",
          fn = function(w, h, p, given)
            local own = words_of(given)
            if not own then
              return false
            end
            local words, numbers = measured(w, p)
            if not words then
              return false, "it is not over before T+03:30"
            end
            local out = {}
            for i in ipairs(NAMES) do
              if own[i] ~= words[i] then
                out[#out + 1] = ("you %s, %s"):format(own[i], numbers[i])
              end
            end
            return #out == 0, table.concat(out, "; ")
          end,
          fail = "The logs disagree with the prediction.",
          pass = "All six as predicted. Only numbers that the leader checks \z
            make a retry harmless; fewer requests in flight keep the order \z
            and not the count, and no retry keeps neither." },
      },
      hints = {
        { cost = 0, text = "Ask each setting two questions. The answer is \z
          lost: who sends again, and does the leader notice? The request is \z
          lost: who sends again, and what has gone by in the meantime?" },
        { cost = 2, text = "Idempotence is on by default, but it asks for \z
          acks=all: a producer that sets another acks and says nothing of \z
          idempotence has none. acks=0 waits for no answer, so no \z
          request of it ever runs out of time, and its connection stands." },
        { cost = 4, text = "Without idempotence each lost answer is a second \z
          copy (d); with five in flight those that failed come back in \z
          another order (i), with one there is nothing to overtake. Who \z
          does not send again lacks what was on its way (l). acks=0 leaves \z
          it to TCP, which sends all of it after six seconds (-)." },
      } },
  },

  solution = function(p)
    return { { "predict", { "cat drill.txt", prediction(p, theory),
      "run until 3m31s" } } }
  end,

  wrong = function(p)
    local function only(k, other)
      return prediction(p, function(setting, n)
        return n == k and other or setting.rule
      end)
    end
    return {
      { name = "retries=0 restores order, and costs nothing",
        must_fail = "match", verdict = "not-fixed",
        actions = { only(4, "-"), "run until 3m31s" } },
      { name = "one in flight is as good as idempotence",
        must_fail = "match", verdict = "not-fixed",
        actions = { only(3, "-"), "run until 3m31s" } },
      { name = "idempotence is on by default, whatever acks says",
        must_fail = "match", verdict = "not-fixed",
        actions = { only(5, "-"), "run until 3m31s" } },
      { name = "acks=0 loses whatever a cut takes",
        must_fail = "match", verdict = "not-fixed",
        actions = { only(6, "l"), "run until 3m31s" } },
      { name = "five in flight only repeat, they do not overtake",
        must_fail = "match", verdict = "not-fixed",
        actions = { only(2, "d"), "run until 3m31s" } },
      { name = "predict after the event", must_fail = "committed",
        verdict = "not-fixed",
        actions = { "run until 3m31s", prediction(p, theory) } },
      { name = "copy the answer from the run", must_fail = "unchanged",
        verdict = "not-fixed",
        actions = { prediction(p, function() return "-" end),
          "run until 3m31s", prediction(p, theory) } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "A producer sets acks=1 and nothing else (Kafka 3.9 client). Is it \z
        idempotent?",
      a = "No. Idempotence asks for acks=all; it is on by default only where \z
        nothing contradicts it, and is switched off without an error.",
      expect = { "no" },
      competency = "kafka.producers" },
    { q = "Idempotence off, one request in flight. What can a retry still do?",
      a = "Store a record twice: when the answer is lost, not the request. \z
        The order stays.",
      expect = { "twice|duplicate" },
      competency = "kafka.producers" },
    { q = "retries=0, five in flight: the answer to a batch is lost. What \z
        does the application hear, and what does the log hold?",
      a = "It hears an error, and the log holds the batch. An error says that \z
        nobody promises, not that it is absent.",
      competency = "kafka.producers" },
  },
}
