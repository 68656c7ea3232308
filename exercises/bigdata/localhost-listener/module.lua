-- bigdata.localhost-listener - it connects, and then it does not (F22)
--
-- The learning guide's compose stack: one broker that advertises localhost.
-- A program on the workstation comes in by the published port and is well; the
-- same program in a container bootstraps, is told localhost, and talks to
-- itself from then on.  The repair is a listener for each network, in the
-- container's env_file, and a bootstrap address of the inner one for the app.
--
-- The world begins with the wrong address, so that all clients have it; setup
-- ends by putting the right one in its place, and the fault takes it away
-- again at the same moment.  So healing the fault heals what is inside.
--
-- The seed draws topic, load and the free ports that a solution uses.

local SERVER = "--bootstrap-server localhost:9092"
local BYTES = 120               -- of one reading, in the producer's buffer
local BRIDGE = "bridge-gateway"

-- The producer that runs on a machine, or nil.
local function producer(w, machine)
  for _, c in ipairs(w:clients()) do
    if c.machine == machine and c.kind == "producer"
        and c.process:find("%-gateway$") then
      return c
    end
  end
end

local function flows(w, p, machine)
  local c = producer(w, machine)
  if not c then
    return false, "nothing sends on " .. machine
  end
  local waiting = c.buffered_bytes // BYTES
  return c.acked > 0 and waiting < 5 * p.devices, ("%d readings were \z
    acknowledged, %d wait in its buffer"):format(c.acked, waiting)
end

local function app_env(p, bootstrap)
  return table.concat({
    "BOOTSTRAP_SERVERS=" .. bootstrap, "TOPIC=" .. p.topic,
    "DEVICES=" .. p.devices, "ACKS=all", "",
  }, "\n")
end

local KAFKA_ENV = [[
# the broker's settings; KAFKA_X_Y becomes x.y
KAFKA_NODE_ID=1
KAFKA_PROCESS_ROLES=broker
KAFKA_CONTROLLER_QUORUM_VOTERS=100@controller:9093
KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER
KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092
KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092
KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
]]

-- The stack; `ports` of kafka as written.
local function compose(ports)
  local lines = {
    "services:",
    "  controller:",
    "    image: apache/kafka:3.9.0",
    "  kafka:",
    "    image: apache/kafka:3.9.0",
    "    container_name: kafka",
    "    env_file: kafka.env",
    "    depends_on: [controller]",
    "    ports:",
  }
  for _, port in ipairs(ports) do
    lines[#lines + 1] = ('      - "%d:%d"'):format(port, port)
  end
  for _, line in ipairs{
    "  app:",
    "    image: registry.example/sender:1.4",
    "    container_name: app",
    "    env_file: app.env",
    "    depends_on: [kafka]",
  } do
    lines[#lines + 1] = line
  end
  return lines
end

-- Lines of a console that give kafka.env other listeners.
local function listeners(bound, told, map, between)
  local lines = {
    "grep -v -e _LISTENERS= -e PROTOCOL_MAP= kafka.env > new.env",
    "echo 'KAFKA_LISTENERS=" .. bound .. "' >> new.env",
    "echo 'KAFKA_ADVERTISED_LISTENERS=" .. told .. "' >> new.env",
    "echo 'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=" .. map
      .. ",CONTROLLER:PLAINTEXT' >> new.env",
  }
  if between then
    lines[#lines + 1] = "echo 'KAFKA_INTER_BROKER_LISTENER_NAME=" .. between
      .. "' >> new.env"
  end
  lines[#lines + 1] = "cp new.env kafka.env"
  return lines
end

-- The app's new bootstrap address.
local function app_at(address)
  return {
    "grep -v BOOTSTRAP app.env > new.env",
    "echo BOOTSTRAP_SERVERS=" .. address .. " >> new.env",
    "cp new.env app.env",
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

local function two_listeners(p)
  return listeners(
    ("PLAINTEXT://0.0.0.0:%d,HOST://0.0.0.0:9092"):format(p.inner),
    ("PLAINTEXT://kafka:%d,HOST://localhost:9092"):format(p.inner),
    "PLAINTEXT:PLAINTEXT,HOST:PLAINTEXT")
end

local UP = { "docker compose up -d", "wait 40s" }
local DIAGNOSIS = "diagnose component=kafka mechanism=advertised-listener"

return lab.module{
  format_version = 1,
  id = "bigdata.localhost-listener",
  uuid = "3e7e6d3e-73fd-47b8-bcb8-8d4bf99aaae9",
  version = "1.0.0",
  status = "active",
  title = "It connects, then it does not",
  blurb = "The compose stack of the learning guide. A program on your own \z
    machine writes to Kafka without trouble. The same program in a container \z
    beside the broker connects, and then times out on every record. Find \z
    why, and give both a way in.",
  authors = { "Millrace contributors" },
  license = "MIT",
  engine = ">=0.1 <2.0",
  locale = "en",
  difficulty = 3,
  minutes = 20,
  month = 1,
  track = { "core" },
  fidelity = { "kafka.broker", "kafka.client", "host.net" },
  objectives = {
    { id = "o1", bloom = "analyze",
      text = "Tell the bootstrap address of a client from the address the \z
        broker advertises" },
    { id = "o2", bloom = "apply",
      text = "Give a broker one listener for each network, each advertising \z
        an address that its clients can reach" },
    { id = "o3", bloom = "apply",
      text = "Change a container's environment so that it takes hold" },
  },
  competencies = { ["kafka.topics"] = 0.4, ["container.basics"] = 0.6 },
  prerequisites = { "bigdata.log-model" },
  out_of_scope = { "TLS and SASL", "several brokers", "port publishing" },
  blueprint = { ["ccaak"] = "configure" },

  world = "compose-kafka",
  world_params = { advertised = "localhost" },
  start = "5m",
  settle = "30s",
  recover = "6m",

  params = function(rng)
    return {
      topic = rng:pick{ "meters", "pumps", "readings", "valves", "weather" },
      devices = rng:int(4, 12) * 10,
      inner = rng:pick{ 19092, 29092, 9094, 9192 },
      other = rng:pick{ 9095, 39092, 19093 },
    }
  end,

  setup = function(s, p)
    s:file("docker-compose.yml", table.concat(compose{ 9092 }, "\n") .. "\n")
    s:file("kafka.env", KAFKA_ENV)
    s:file("app.env", app_env(p, "kafka:9092"))
    local said, code = s:console(("kafka-topics.sh %s --create --topic %s "
      .. "--partitions 3 --replication-factor 1"):format(SERVER, p.topic))
    if code ~= 0 then
      error(said)
    end
    said, code = s:console("docker compose up -d")
    if code ~= 0 then
      error(said)
    end
    s:command(("fleet-new name=bridge on=workstation topic=%s devices=%d "
      .. "bootstrap=localhost:9092"):format(p.topic, p.devices))
    s:run("30s")
    s:command("listener broker=kafka name=PLAINTEXT port=9092 host=kafka")
  end,

  faults = {
    { id = "f1", fault = "advertised-listener", at = "T+20s",
      args = { component = "kafka", host = "localhost" },
      cause = { component = "kafka", mechanism = "advertised-listener" },
      scope = { "app" } },
  },

  -- The one was served all the time, the other was sent to itself.
  nonvacuous = function(h, w, p)
    return w:count{ topic = p.topic } > 0 and h:count_log{
      match = "Connection to node 1 (localhost/127.0.0.1:9092)" } > 0
  end,

  tasks = {
    { id = "diagnose", title = "Why it times out", kind = "diagnose",
      text = "text/diagnose.md", points = 5,
      checks = {
        { id = "cause", type = "diagnosis",
          grade = { "component", "mechanism" },
          fail = "That is not what stops the app. Its first connection \z
            succeeds, so look at which address the second one goes to, and \z
            who named it.",
          pass = "The broker answers the bootstrap with its advertised \z
            address. localhost is right on the workstation, and in a \z
            container it is the container itself." },
      },
      hints = {
        { cost = 0, text = "`docker logs app` repeats one line. Read the \z
          address in its brackets, and compare it with BOOTSTRAP_SERVERS in \z
          app.env." },
        { cost = 1, text = "The bootstrap address is only used to ask who \z
          the brokers are. From then on a client goes to the addresses in the \z
          answer, which it resolves where it runs." },
        { cost = 3, text = "The answer comes from KAFKA_ADVERTISED_LISTENERS \z
          of the broker: component is kafka, mechanism is \z
          advertised-listener." },
      } },

    { id = "repair", title = "A way in for both", kind = "operate",
      text = "text/repair.md", points = 8,
      checks = {
        { id = "up", type = "at",
          fn = function(w)
            return w:process("kafka").state == "up"
              and w:process(BRIDGE).state == "up",
              "kafka is " .. w:process("kafka").state
          end,
          fail = "The broker, or the program on the workstation, is not \z
            running. A broker that does not like its settings says so in its \z
            log and exits." },
        { id = "inside", type = "held", hold = "20s", symptom = true,
          fn = function(w, h, p)
            return flows(w, p, "app")
          end,
          fail = "The producer in the container gets nothing acknowledged, \z
            or waits for it." },
        { id = "outside", type = "held", hold = "20s",
          fn = function(w, h, p)
            return flows(w, p, "workstation")
          end,
          fail = "The program on the workstation, which was well, gets \z
            nothing acknowledged any more.",
          pass = "Both get through: each comes in by a listener that \z
            advertises an address it can reach." },
      },
      hints = {
        { cost = 0, text = "Ask for each of the two: which address of the \z
          broker can this machine reach? docker-compose.yml says which port \z
          leads in from the workstation; the containers know each other by \z
          name." },
        { cost = 2, text = "A listener has a port and advertises one address. \z
          Two networks need two listeners: two names, two ports, two \z
          advertised addresses, and both names in the protocol map. A client \z
          is told the address of the listener by which it came." },
        { cost = 4, text = "In kafka.env: LISTENERS with \z
          PLAINTEXT://0.0.0.0:29092,HOST://0.0.0.0:9092; ADVERTISED_LISTENERS \z
          with PLAINTEXT://kafka:29092,HOST://localhost:9092; HOST:PLAINTEXT \z
          added to the map. In app.env: kafka:29092. Then docker compose up \z
          -d, which makes both containers anew; restart would keep the old \z
          environment." },
      } },
  },

  solution = function(p)
    return {
      { "diagnose", { "docker logs --tail 2 app", "cat kafka.env",
          DIAGNOSIS } },
      { "repair", joined(two_listeners(p), app_at("kafka:" .. p.inner), UP) },
    }
  end,

  alt_solutions = function(p)
    return {
      { name = "names of one's own, and the inner one between brokers",
        { "diagnose", { DIAGNOSIS } },
        { "repair", joined(listeners(
            ("OUTSIDE://:9092,INSIDE://:%d"):format(p.other),
            ("OUTSIDE://localhost:9092,INSIDE://kafka:%d"):format(p.other),
            "OUTSIDE:PLAINTEXT,INSIDE:PLAINTEXT", "INSIDE"),
            app_at("kafka:" .. p.other), UP) } },
    }
  end,

  wrong = function(p)
    local opened = {}
    for i, line in ipairs(compose{ 9092, p.inner }) do
      opened[i] = ("echo '%s' %s docker-compose.yml"):format(line,
        i == 1 and ">" or ">>")
    end
    return {
      { name = "blame the network between app and kafka",
        must_fail = "cause", verdict = "not-fixed",
        actions = { "diagnose component=app mechanism=partition" } },
      { name = "open another port", must_fail = "inside",
        verdict = "not-fixed",
        actions = joined({ DIAGNOSIS }, opened, UP) },
      { name = "two listeners, and the app still comes in by the outer one",
        must_fail = "inside", verdict = "not-fixed",
        actions = joined({ DIAGNOSIS }, two_listeners(p), UP) },
      { name = "restart instead of making the containers anew",
        must_fail = "inside", verdict = "not-fixed",
        actions = joined({ DIAGNOSIS }, two_listeners(p),
          app_at("kafka:" .. p.inner),
          { "docker compose restart kafka app", "wait 40s" }) },
      { name = "advertise every address at once",
        must_fail = "up", verdict = "collateral",
        actions = joined({ DIAGNOSIS }, listeners(
          "PLAINTEXT://0.0.0.0:9092", "PLAINTEXT://0.0.0.0:9092",
          "PLAINTEXT:PLAINTEXT"), UP) },
      { name = "advertise the container's name to everybody",
        must_fail = "outside", verdict = "collateral",
        actions = joined({ DIAGNOSIS }, listeners(
          "PLAINTEXT://0.0.0.0:9092", "PLAINTEXT://kafka:9092",
          "PLAINTEXT:PLAINTEXT"), UP) },
      { name = "one listener, moved to where the containers find it",
        must_fail = "outside", verdict = "collateral",
        actions = joined({ DIAGNOSIS }, listeners(
          ("PLAINTEXT://0.0.0.0:%d"):format(p.inner),
          ("PLAINTEXT://kafka:%d"):format(p.inner), "PLAINTEXT:PLAINTEXT"),
          app_at("kafka:" .. p.inner),
          UP) },
    }
  end,

  debrief = "text/debrief.md",
  cards = {
    { q = "What does a Kafka client do with its bootstrap address?",
      a = "It asks there once for metadata: which brokers there are, and \z
        their advertised addresses. All further connections go to those.",
      expect = { "metadata|advertised" },
      competency = "kafka.topics" },
    { q = "A broker in a container advertises localhost:9092, with port 9092 \z
        published. For whom is that right, and whom does it mislead?",
      a = "Right for programs on the host. In another container localhost is \z
        that container: the first connection works, the next is refused.",
      expect = { "host|workstation", "container" },
      competency = "container.basics" },
    { q = "How does a broker decide which address to tell a client?",
      a = "By the listener, that is the port, by which the client came in. \z
        Hence one listener for each network.",
      expect = { "listener|port" },
      competency = "kafka.topics" },
    { q = "You changed an env_file. Why is docker restart not enough?",
      a = "A container keeps the environment it was created with. docker \z
        compose up -d makes it anew when that has changed.",
      expect = { "created|made|anew|recreate" },
      competency = "container.basics" },
  },
}
