-- kafka-topics.lua - create, delete, describe, or change a topic
--
-- org.apache.kafka.tools.TopicCommand, Kafka 3.9.  Simplified: several topics
-- are described in order of name; the real tool shows them in the order of a
-- hash table.
local args, kafka = use "args", use "kafka"

local options = {
	{ "bootstrap-server", arg = "server to connect to",
	  help = "REQUIRED: brokers to begin with, as host:port,host:port." },
	{ "command-config", arg = "command config property file",
	  help = "File with settings of the admin client." },
	{ "list", help = "Show the names of all topics." },
	{ "create", help = "Make a topic." },
	{ "delete", help = "Remove a topic." },
	{ "alter", help = "Change the number of partitions of a topic." },
	{ "describe", help = "Show leaders, replicas and settings of topics." },
	{ "topic", arg = "topic",
	  help = "The topic; a regular expression except with --create." },
	{ "topic-id", arg = "topic-id", help = "The id of a topic to describe." },
	{ "config", arg = "name=value",
	  help = "A setting of the topic that is created." },
	{ "delete-config", arg = "name", help = "Not supported any more." },
	{ "partitions", arg = "# of partitions", type = "Integer",
	  help = "How many partitions a topic has or shall have." },
	{ "replication-factor", arg = "replication factor", type = "Integer",
	  help = "How many replicas each partition of a new topic has." },
	{ "replica-assignment", arg = "broker_id_for_part1_replica1 : "
		.. "broker_id_for_part1_replica2 , "
		.. "broker_id_for_part2_replica1 : "
		.. "broker_id_for_part2_replica2 , ...",
	  help = "Brokers for each partition, by hand." },
	{ "under-replicated-partitions",
	  help = "With --describe: only partitions that lack a replica in sync." },
	{ "unavailable-partitions",
	  help = "With --describe: only partitions without a living leader." },
	{ "under-min-isr-partitions",
	  help = "With --describe: only partitions with too few in sync." },
	{ "at-min-isr-partitions",
	  help = "With --describe: only partitions with just enough in sync." },
	{ "topics-with-overrides",
	  help = "With --describe: only topics that have settings of their own." },
	{ "if-exists", help = "Do nothing when the topic is not there." },
	{ "if-not-exists", help = "Do nothing when the topic is there already." },
	{ "exclude-internal", help = "Leave out topics that Kafka made itself." },
	{ "partition-size-limit-per-response", type = "Integer",
	  arg = "maximum number of partitions in one response.",
	  help = "How many partitions are asked for at a time." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

local actions = { "create", "list", "alter", "describe", "delete" }
local reports = { "under-replicated-partitions", "under-min-isr-partitions",
		  "at-min-isr-partitions", "unavailable-partitions" }

-- Errors inside a command go to stdout, their stack traces to the log.
local function executing(io, admin, e)
	if e.at_creation then
		kafka.fail(io, e)
	end
	io:write("Error while executing topic command : ", e.message or "null",
		"\n")
	kafka.log(io, "ERROR", kafka.stack(e),
		"org.apache.kafka.tools.TopicCommand")
	admin:close()
	io:exit(1)
end

local function checked(io, admin, value, e)
	if value == nil then
		executing(io, admin, e)
	end
	return value
end

local function not_there(topic, method, line)
	return kafka.illegal("Topic 'Optional[" .. topic
		.. "]' does not exist as expected",
		{ "org.apache.kafka.tools.TopicCommand.ensureTopicExists"
			.. "(TopicCommand.java:218)",
		  "org.apache.kafka.tools.TopicCommand$TopicService." .. method
			.. "(TopicCommand.java:" .. line .. ")",
		  "org.apache.kafka.tools.TopicCommand.main"
			.. "(TopicCommand.java:85)" })
end

local function topics_or_error(io, admin, set, method, line)
	local topic = set:value("topic")
	local names = checked(io, admin, kafka.topic_names(admin, topic,
		set:has("exclude-internal")))
	if topic and topic ~= "" and #names == 0
			and not set:has("if-exists") then
		executing(io, admin, not_there(topic, method, line))
	end
	return names
end

-- create ------------------------------------------------------------------------

local function read_assignment(io, admin, text)
	local rows = kafka.split(text, ",")
	local width
	for i, row in ipairs(rows) do
		local brokers = kafka.split((row:gsub("%s", "")), ":")
		for _, broker in ipairs(brokers) do
			if not broker:find("^%d+$") then
				executing(io, admin, kafka.exception(
					"java.lang.NumberFormatException",
					'For input string: "' .. broker .. '"'))
			end
		end
		local twice = kafka.duplicates(brokers)
		if #twice > 0 then
			executing(io, admin, kafka.exception("org.apache.kafka."
				.. "server.common.AdminCommandFailedException",
				"Partition replica lists may not contain "
				.. "duplicate entries: " .. kafka.list(twice)))
		end
		width = width or #brokers
		if #brokers ~= width then
			executing(io, admin, kafka.exception("org.apache.kafka."
				.. "server.common.AdminOperationException",
				"Partition " .. i - 1 .. " has different "
				.. "replication factor: ["
				.. table.concat(brokers, ", ") .. "]"))
		end
		rows[i] = table.concat(brokers, ":")
	end
	return table.concat(rows, ",")
end

local function create_request(io, admin, set)
	local request = { name = set:value("topic") }
	for _, text in ipairs(set:values("config")) do
		local key, value = text:match("^%s*([^=]-)%s*=%s*([^=]-)%s*$")
		if not key or value == "" then
			executing(io, admin, kafka.illegal("requirement failed: "
				.. "Invalid topic config: all configs to be "
				.. "added must be in the format \"key=val\"."))
		end
		request["config." .. key] = value
	end
	request.partitions = set:value("partitions")
	request.rf = set:value("replication-factor")
	if set:value("replica-assignment") then
		request.assignment = read_assignment(io, admin,
			set:value("replica-assignment"))
	end
	return request
end

local function create(io, admin, set)
	local topic = set:value("topic")
	local request = create_request(io, admin, set)
	if topic:find("[._]") then
		io:write("WARNING: Due to limitations in metric names, topics ",
			"with a period ('.') or underscore ('_') could ",
			"collide. To avoid issues it is best to use either, ",
			"but not both.\n")
	end
	if request.rf and (request.rf < 1 or request.rf > 32767) then
		executing(io, admin, kafka.illegal("The replication factor "
			.. "must be between 1 and 32767 inclusive"))
	end
	if request.partitions and request.partitions < 1 then
		executing(io, admin, kafka.illegal("The partitions must be "
			.. "greater than 0"))
	end
	local _, e = admin:call("create-topic", request)
	if not e then
		io:write("Created topic ", topic, ".\n")
	elseif not (set:has("if-not-exists")
			and e.class:find("TopicExistsException")) then
		executing(io, admin, e)
	end
end

-- describe ----------------------------------------------------------------------

local function setting(entries, name)
	for _, entry in ipairs(entries) do
		if entry.name == name then
			return entry.value
		end
	end
end

-- While replicas come and go, those that come do not count.
local function replication_factor(partition, move)
	if not move then
		return #partition.replicas
	end
	return #move.replicas - #move.adding
end

local function describe_topic(io, topic, entries, move)
	local own = {}
	for _, entry in ipairs(entries) do
		if entry.source ~= "DEFAULT_CONFIG" then
			own[#own + 1] = entry.name .. "=" .. entry.value
		end
	end
	io:write("Topic: ", topic.name, "\tTopicId: ", topic.uuid,
		"\tPartitionCount: ", #topic.partitions,
		"\tReplicationFactor: ",
		replication_factor(topic.partitions[1], move),
		"\tConfigs: ", table.concat(own, ","), "\n")
end

local function describe_partition(io, topic, p, move)
	io:write("\tTopic: ", topic.name, "\tPartition: ", p.partition,
		"\tLeader: ", p.leader < 0 and "none" or p.leader,
		"\tReplicas: ", kafka.list(p.replicas),
		"\tIsr: ", kafka.list(p.isr))
	if move then
		io:write("\tAdding Replicas: ", kafka.list(move.adding),
			"\tRemoving Replicas: ", kafka.list(move.removing))
	end
	io:write("\tElr: \tLastKnownElr: \n")
end

local function wanted(set, p, entries, move, alive)
	local min_isr = tonumber(setting(entries, "min.insync.replicas")
		or "") or 1
	local leader = p.leader >= 0
	return set:has("under-replicated-partitions")
			and replication_factor(p, move) > #p.isr
		or set:has("unavailable-partitions")
			and (not leader or not alive[p.leader])
		or set:has("under-min-isr-partitions")
			and (not leader or #p.isr < min_isr)
		or set:has("at-min-isr-partitions") and #p.isr == min_isr
end

local function has_overrides(entries)
	for _, entry in ipairs(entries) do
		if entry.source ~= "DEFAULT_CONFIG" then
			return true
		end
	end
	return false
end

local function moves_of(answer)
	local moves = {}
	for _, move in ipairs(answer.reassignments) do
		moves[move.topic .. ":" .. move.partition] = move
	end
	return moves
end

-- --topic-id: the name behind an id.
local function name_of_id(io, admin, set)
	local id = set:value("topic-id")
	local answer = checked(io, admin, admin:call("list-topics"))
	for _, topic in ipairs(answer.topics) do
		if topic.uuid == id then
			return { topic.name }
		end
	end
	if not set:has("if-exists") then
		executing(io, admin, kafka.illegal("TopicId '" .. id
			.. "' does not exist as expected"))
	end
	return {}
end

local function describe(io, admin, set)
	local names = set:has("topic-id") and name_of_id(io, admin, set)
		or topics_or_error(io, admin, set, "describeTopic", 578)
	if #names == 0 then
		return
	end
	local topics = checked(io, admin, kafka.describe(admin, names))
	local configs = checked(io, admin, kafka.configs(admin,
		{ topics = table.concat(names, ",") }))
	local cluster = checked(io, admin, admin:call("describe-cluster"))
	local moves = moves_of(checked(io, admin,
		admin:call("list-reassignments")))
	local alive, report = {}, false
	for _, node in ipairs(cluster.nodes) do
		alive[node.id] = true
	end
	for _, name in ipairs(reports) do
		report = report or set:has(name)
	end
	for _, name in ipairs(names) do
		local topic, entries = topics[name], configs[name]
		if not report and (not set:has("topics-with-overrides")
				or has_overrides(entries)) then
			describe_topic(io, topic, entries, moves[name .. ":0"])
		end
		for _, p in ipairs(set:has("topics-with-overrides") and {}
				or topic.partitions) do
			local move = moves[name .. ":" .. p.partition]
			if not report or wanted(set, p, entries, move, alive) then
				describe_partition(io, topic, p, move)
			end
		end
	end
end

-- list, alter, delete -----------------------------------------------------------

local function list(io, admin, set)
	local names = checked(io, admin, kafka.topic_names(admin,
		set:value("topic"), set:has("exclude-internal")))
	io:write(table.concat(names, "\n"), "\n")
end

local function alter(io, admin, set)
	local names = topics_or_error(io, admin, set, "alterTopic", 512)
	local assignment = set:value("replica-assignment")
	local topics = checked(io, admin, kafka.describe(admin, names))
	for _, name in ipairs(names) do
		local request = { name = name, total = set:value("partitions") }
		if assignment then
			local rows = kafka.split(read_assignment(io, admin,
				assignment), ",")
			request.assignment = table.concat(rows, ",",
				math.min(#topics[name].partitions + 1,
					 #rows + 1))
		end
		checked(io, admin, admin:call("create-partitions", request))
	end
end

local function delete(io, admin, set)
	local names = topics_or_error(io, admin, set, "deleteTopic", 656)
	for _, name in ipairs(names) do
		checked(io, admin, admin:call("delete-topic", { name = name }))
	end
end

-- the command line ----------------------------------------------------------------

local function except(names, leave_out)
	local out = {}
	for _, name in ipairs(names) do
		if not kafka.contains(leave_out, name) then
			out[#out + 1] = name
		end
	end
	return out
end

-- TopicCommandOptions.checkArgs: `used` goes with these actions only.
local function only_with(io, set, used, ...)
	parser:check_invalid(io, set, used,
		table.unpack(except(actions, { ... })))
end

local function check(io, set)
	local count = 0
	for _, name in ipairs(actions) do
		count = count + (set:has(name) and 1 or 0)
	end
	if count ~= 1 then
		parser:usage_exit(io, "Command must include exactly one action: "
			.. "--list, --describe, --create, --alter or --delete")
	end
	if not set:has("bootstrap-server") then
		kafka.fail(io, kafka.illegal("--bootstrap-server must be "
			.. "specified",
			{ "org.apache.kafka.tools.TopicCommand$"
				.. "TopicCommandOptions.checkRequiredArgs"
				.. "(TopicCommand.java:978)",
			  "org.apache.kafka.tools.TopicCommand.execute"
				.. "(TopicCommand.java:99)",
			  "org.apache.kafka.tools.TopicCommand.main"
				.. "(TopicCommand.java:85)" }))
	end
	if set:has("describe") and set:has("if-exists")
			and not (set:has("topic") or set:has("topic-id")) then
		parser:usage_exit(io, "--topic or --topic-id is required to "
			.. "describe a topic")
	end
	if not set:has("list") and not set:has("describe") then
		parser:check_required(io, set, "topic")
	end
	if set:has("alter") then
		if set:has("config") then
			parser:usage_exit(io, 'Option combination '
				.. '"[bootstrap-server],[config]" can\'t be '
				.. 'used with option "[alter]" (the '
				.. 'kafka-configs CLI supports altering topic '
				.. 'configs with a --bootstrap-server option)')
		end
		parser:check_required(io, set, "partitions")
	end
	only_with(io, set, "config", "alter", "create")
	parser:check_invalid(io, set, "delete-config", "create", "list",
		"describe", "delete", "bootstrap-server")
	only_with(io, set, "partitions", "alter", "create")
	only_with(io, set, "replication-factor", "create")
	only_with(io, set, "replica-assignment", "alter", "create")
	if set:has("create") then
		parser:check_invalid(io, set, "replica-assignment",
			"partitions", "replication-factor")
	end
	for _, name in ipairs(reports) do
		only_with(io, set, name, "describe")
		parser:check_invalid(io, set, name, "topics-with-overrides")
	end
	only_with(io, set, "topics-with-overrides", "describe")
	only_with(io, set, "if-exists", "alter", "delete", "describe")
	only_with(io, set, "if-not-exists", "create")
	only_with(io, set, "exclude-internal", "list", "describe")
end

local run_action = { create = create, list = list, alter = alter,
		     describe = describe, delete = delete }

return {
	name = "kafka-topics.sh",
	summary = "create, delete, describe, or change a topic",
	usage = "kafka-topics.sh --bootstrap-server H:P ACTION [OPTION]...",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = kafka.parse(io, parser, argv)
		parser:help_or_version(io, argv, set, "This tool helps to "
			.. "create, delete, describe, or change a topic.",
			kafka.VERSION)
		check(io, set)
		kafka.not_here(io, set, "command-config")
		local admin, e = kafka.admin(io, set:value("bootstrap-server"))
		if not admin then
			kafka.fail(io, e)
		end
		for _, action in ipairs(actions) do
			if set:has(action) then
				run_action[action](io, admin, set)
			end
		end
		admin:close()
		return 0
	end,
}
