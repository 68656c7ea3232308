-- kafka-architecture.broker-death-clock - the clock of a leader's death, twice
--
-- One partition, one producer with acks=all.  In drill one the leader's process
-- is killed: its kernel lives and resets every connection.  In drill two the
-- machine of the next leader is cut off: nobody is told anything.  The learner
-- commits four times for each before it begins, and compares.
--
-- Nothing is known beforehand: fencing is read from the controller's log,
-- the election from the metadata log, what the producer noticed from its own
-- log, and the first acknowledgement from the spans it made.
--
-- The seed draws who leads, the load, and at what moment of the heartbeat each
-- drill begins.

local SERVER = "--bootstrap-server broker-1:9092,broker-2:9092,broker-3:9092"
local TOPIC = "pumps"
local GATEWAY = TOPIC .. "-gateway"
local WITHIN = 2        -- s: how far a prediction may be off
local WATCH = 50        -- s after a drill begins: by then all has happened
local WORDS = { "noticed", "fenced", "leader", "acked" }

local function clock(at)
  return ("T+%02d:%06.3f"):format(math.floor(at / 60), at % 60)
end

-- -- what is measured -------------------------------------------------------

-- The first line of a log since then; `match` may be left out.
local function first_log(h, from, process, match)
  local line = h:log{ process = process, match = match, from = from,
                      to = from + WATCH, max = 1 }[1]
  return line and line.at
end

-- When the first reading was acknowledged that was not on its way when the
-- drill began.
local function first_ack(w, from)
  local first
  for _, t in ipairs(w:traces(3000)) do
    local done = t.at + t.seconds
    if done > from + 0.3 and (not first or done < first) then
      first = done
    end
  end
  return first
end

-- Seconds after the drill began, by name; a time that is missing is nil.
local function measured(w, h, drill)
  local from, out = drill.at, {}
  local moved = h:leader_changes{ topic = TOPIC, from = from,
                                  to = from + WATCH }[1]
  local at = {
    noticed = first_log(h, from, GATEWAY),
    fenced = first_log(h, from, "controller-1", "Fencing broker"),
    leader = moved and moved.at,
    acked = first_ack(w, from),
  }
  for _, word in ipairs(WORDS) do
    out[word] = at[word] and at[word] - from
  end
  return out
end

-- -- what is said about it --------------------------------------------------

-- Four numbers by name, or nil.
local function times_of(given)
  local list, out = {}, {}
  for word in (given or ""):gmatch("%S+") do
    list[#list + 1] = tonumber(word)
    if not list[#list] then
      return nil
    end
  end
  for i, name in ipairs(WORDS) do
    out[name] = list[i]
  end
  return #list == #WORDS and out or nil
end

-- What each task's answer was when its drill began.
local stood = {}

local function over(w, drill)
  return w:now() >= drill.at + WATCH
end

local function differences(w, h, drill, given)
  local said, is = times_of(given), measured(w, h, drill)
  local out = {}
  for _, name in ipairs(WORDS) do
    if not is[name] then
      out[#out + 1] = name .. " did not happen"
    elseif not said or math.abs(said[name] - is[name]) > WITHIN then
      out[#out + 1] = ("%s: you %s, measured %.1f"):format(name,
        said and ("%g"):format(said[name]) or "nothing", is[name])
    end
  end
  return out
end

-- The five checks of a drill.
local function checks(name, which, pass)
  local function drill(p) return p[which] end
  return {
    { id = name .. "-form", type = "answer",
      fn = function(w, h, p, given)
        return times_of(given) ~= nil
      end,
      fail = "A prediction is four numbers, in seconds after the drill \z
        begins: noticed, fenced, leader, acked." },
    { id = name .. "-undisturbed", type = "always", from = "1m",
      fn = function(w, h, p, given)
        if w:now() < drill(p).at then
          stood[name] = given or ""
        end
        return w:process(GATEWAY) ~= nil and w:process(GATEWAY).state == "up"
      end,
      fail = "The gateway was stopped, so the drill says nothing about it." },
    { id = name .. "-over", type = "history",
      fn = function(w, h, p)
        return over(w, drill(p)), "all of it has happened at "
          .. clock(drill(p).at + WATCH)
      end,
      fail = "The drill is not over yet. drill.txt has its times; the world \z
        stands still until time passes." },
    { id = name .. "-committed", type = "history",
      fn = function(w, h, p, given)
        return times_of(given) ~= nil and given == stood[name],
          "when the drill began it was: " .. (stood[name] or "")
      end,
      fail = "What counts is the prediction that stood when the drill began, \z
        and it is another one now. Time can be turned back, to predict \z
        anew." },
    { id = name .. "-match", type = "history",
      fn = function(w, h, p, given)
        if not times_of(given) or not over(w, drill(p)) then
          return false
        end
        local list = differences(w, h, drill(p), given)
        return #list == 0, table.concat(list, "; ")
      end,
      fail = "The run disagrees with the prediction by more than two \z
        seconds.",
      pass = pass },
  }
end

local function until_over(drill)
  return ("run until %ds"):format(math.ceil(drill.at + WATCH) + 1)
end

return lab.module{
  format_version = 1,
  id = "kafka-architecture.broker-death-clock",
  uuid = "38cec89e-846a-4a96-a8c5-e7f9ad791233",
  version = "1.0.0",
  status = "active",
  title = "Nine seconds, then what?",
  blurb = "A leader's process is killed; later the next leader's machine is \z
    cut off from the network. For both, say beforehand when the producer \z
    notices, when the broker is fenced, when there is a new leader, and when \z
    the first reading is acknowledged again.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 4,
  minutes = 20,
  month = 4,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "device.fleet" },
  objectives = {
    { id = "o1", bloom = "evaluate",
      text = "Predict the times of fencing, election and first \z
        acknowledgement after a leader is killed, and after it is cut off" },
    { id = "o2", bloom = "analyze",
      text = "Tell which setting ends the wait in each of the two" },
  },
  competencies = { ["kafka.controller"] = 0.6, ["kafka.producers"] = 0.4 },
  prerequisites = { "kafka.topics", "kafka.replication" },
  out_of_scope = { "election among controllers", "transactions" },
  blueprint = { ["ccaak"] = "support" },

  world = "empty-kafka",
  world_params = { ["min-isr"] = 2, ["auto-rebalance"] = "off" },
  start = "1m",
  settle = "5s",

  params = function(rng)
    local lead = rng:int(1, 3)
    local next = (lead - 1 + rng:int(1, 2)) % 3 + 1
    return {
      lead = lead, next = next, last = 6 - lead - next,
      devices = rng:int(20, 60),
      kill = { at = (180000 + 100 * rng:int(0, 39)) / 1000 },
      cut = { at = (300000 + 100 * rng:int(0, 39)) / 1000 },
    }
  end,

  setup = function(s, p)
    local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
      .. "--replica-assignment %d:%d:%d")
      :format(SERVER, TOPIC, p.lead, p.next, p.last))
    if code ~= 0 then
      error(said)
    end
    s:command(("fleet-new name=%s topic=%s devices=%d acks=all")
      :format(TOPIC, TOPIC, p.devices))
    s:console("traces sample 0.1")
    s:file("drill.txt", table.concat({
      ("Topic %s: 1 partition, Replicas %d,%d,%d, broker-%d leads,")
        :format(TOPIC, p.lead, p.next, p.last, p.lead),
      "min.insync.replicas=2.",
      ("%s on edge-1: acks=all, %d readings/s, spread over the second.")
        :format(GATEWAY, p.devices),
      "All other settings of brokers, controller and producer: defaults.",
      "The machines' clocks are at 08:00:00 when T is 0.",
      "",
      ("kill  %s  the process of broker-%d is killed with kill -9;")
        :format(clock(p.kill.at), p.lead),
      "                    45 s later it is started again",
      ("cut   %s  broker-%d, which leads by then, is cut off from the")
        :format(clock(p.cut.at), p.next),
      "                    network for 60 s: nothing goes in or out, and",
      "                    nobody is told; its process runs on",
      "",
      ("The kill can be compared from %s on, the cut from %s on.")
        :format(clock(p.kill.at + WATCH), clock(p.cut.at + WATCH)),
      "",
    }, "\n"))
  end,

  faults = function(p)
    local function ms(at) return ("%dms"):format(math.floor(at * 1000 + 0.5)) end
    return {
      { id = "kill", fault = "kill", at = ms(p.kill.at),
        args = { component = "broker-" .. p.lead, ["for"] = "45s" } },
      { id = "cut", fault = "partition", at = ms(p.cut.at),
        args = { component = "broker-" .. p.next, ["for"] = "60s" } },
    }
  end,

  -- Both drills took place, and everything that is asked for was measured.
  nonvacuous = function(h, w, p)
    for _, drill in ipairs{ p.kill, p.cut } do
      if not over(w, drill) then
        return false
      end
      local is = measured(w, h, drill)
      for _, name in ipairs(WORDS) do
        if not is[name] then
          return false
        end
      end
    end
    return w:process("broker-" .. p.lead).starts == 2
  end,

  tasks = {
    { id = "kill", title = "Killed", kind = "predict",
      text = "text/kill.md", points = 4,
      checks = checks("kill", "kill", "The connection broke at once, so the \z
        producer knew, and could do nothing: nobody else may lead before the \z
        controller has missed the heartbeats for nine seconds."),
      hints = {
        { cost = 0, text = "Four parties learn of it at four times. Who keeps \z
          the connections of a process that is killed, and what becomes of \z
          them? What does the controller hear from a broker, and how often? \z
          The lesson kafka-architecture/kraft has the clock of a crash." },
        { cost = 1, text = "The kernel of the machine lives and closes the \z
          sockets: the producer notices at once. The controller listens for \z
          heartbeats only, every 2 s, and has 9 s of patience from the last \z
          one. Electing is a matter of milliseconds. The producer asks for \z
          the leader again and again, and waits up to about a second in \z
          between." },
        { cost = 2, text = "answer kill 0 8 8 9, then let time pass until \z
          the drill can be compared." },
      } },

    { id = "cut", title = "Cut off", kind = "predict",
      text = "text/cut.md", points = 4,
      checks = checks("cut", "cut", "For the controller both deaths look \z
        alike. For the producer they do not: nobody closed its connection, \z
        so it waited for the answer to a request for as long as it waits \z
        for any."),
      hints = {
        { cost = 0, text = "Go through the same four. For which of them does \z
          a cut look different from a kill, and why?" },
        { cost = 1, text = "The controller hears no heartbeat, as before. The \z
          producer has sent requests to a machine that does not answer, and \z
          no machine tells it so. A setting of the producer says how long it \z
          waits for an answer; the glossary and Kafka's documentation call \z
          it request.timeout.ms." },
        { cost = 2, text = "request.timeout.ms is 30 s by default. By then \z
          the new leader is long there, and the retry goes to it: answer cut \z
          30 8 8 31, before the cut begins." },
      } },

    { id = "ends", title = "Which patience", kind = "predict",
      text = "text/ends.md", points = 2,
      checks = {
        { id = "settings", type = "answer",
          fn = function(w, h, p, given)
            local kill, cut = (given or ""):match("^([^%s,]+)[%s,]+([^%s,]+)$")
            if not kill then
              return false, "write two names, as in: answer ends \z
                linger.ms batch.size"
            end
            if kill ~= "broker.session.timeout.ms" then
              return false, "look again at the first"
            end
            return cut == "request.timeout.ms", "look again at the second"
          end,
          fail = "That setting is not the one that the acknowledgement \z
            waited for. Compare its default with what you measured.",
          pass = "After the kill the producer was ready and the cluster was \z
            not; after the cut the cluster was ready long before the \z
            producer." },
      },
      hints = {
        { cost = 0, text = "In each drill the first acknowledgement came \z
          shortly after something else. After what?" },
        { cost = 1, text = "After the kill it followed the new leader, which \z
          followed the fencing. After the cut it followed the moment in \z
          which the producer noticed." },
        { cost = 1, text = "answer ends broker.session.timeout.ms \z
          request.timeout.ms" },
      } },
  },

  solution = function(p)
    return {
      { "kill", { "answer kill 0 8 8 9", until_over(p.kill) } },
      { "cut", { "answer cut 30 8 8 31", until_over(p.cut) } },
      { "ends", { "answer ends broker.session.timeout.ms \z
        request.timeout.ms" } },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "both predictions first, then one look",
        { "cut", { "answer cut 30.1 7.9 7.9 30.5" } },
        { "kill", { "answer kill 0.1 7.9 7.9 8.5" } },
        { "ends", { "answer ends broker.session.timeout.ms, \z
          request.timeout.ms", until_over(p.cut) } } },
    }
  end,

  wrong = function(p)
    local ends = "answer ends broker.session.timeout.ms request.timeout.ms"
    return {
      { name = "assume that failover is instant", must_fail = "kill-match",
        verdict = "not-fixed",
        actions = { ends, "answer cut 30 8 8 31", "answer kill 0 0 0 0",
          until_over(p.cut) } },
      { name = "assume thirty seconds for everything",
        must_fail = "kill-match", verdict = "not-fixed",
        actions = { ends, "answer cut 30 8 8 31", "answer kill 0 30 30 30",
          until_over(p.cut) } },
      { name = "expect the cut to look like the kill",
        must_fail = "cut-match", verdict = "not-fixed",
        actions = { ends, "answer kill 0 8 8 9", "answer cut 0 8 8 9",
          until_over(p.cut) } },
      { name = "predict after the event", must_fail = "kill-committed",
        verdict = "not-fixed",
        actions = { ends, "answer cut 30 8 8 31", until_over(p.cut),
          "answer kill 0 8 8 9" } },
      { name = "blame the replica lag time", must_fail = "settings",
        verdict = "not-fixed",
        actions = { "answer kill 0 8 8 9", "answer cut 30 8 8 31",
          "answer ends replica.lag.time.max.ms replica.lag.time.max.ms",
          until_over(p.cut) } },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "kill -9 on the leader of a partition: when does a producer notice, \z
        and when can it write again?",
      a = "It notices at once: the kernel resets the connection. It writes \z
        again after 7 to 10 s: the controller fences the broker 9 s after its \z
        last heartbeat (broker.session.timeout.ms) and elects, then the \z
        producer has to hear of it.",
      expect = { "at once|immediately", "broker.session.timeout.ms|9 s|9" },
      competency = "kafka.controller" },
    { q = "The leader's machine is cut off from the network without a word. \z
        The controller elects after 9 s. Why does a producer stand still for \z
        some 30 s?",
      a = "It waits for the answer to a request it has sent to the old \z
        leader, up to request.timeout.ms (30 s). Only then it drops the \z
        connection and retries.",
      expect = { "request.timeout.ms|request timeout" },
      competency = "kafka.producers" },
    { q = "A broker sends a heartbeat every 2 s and is fenced 9 s after the \z
        last one. How long after its death is that, at least and at most?",
      a = "7 to 9 s: the last heartbeat was 0 to 2 s before the death.",
      expect = { "7" },
      competency = "kafka.controller" },
  },
}
