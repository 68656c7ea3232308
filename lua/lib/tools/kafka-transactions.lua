-- kafka-transactions.lua - transactions: who is in one, what hangs, abort it
--
-- org.apache.kafka.tools.TransactionsCommand, Kafka 3.9 (KIP-664).  It reads its
-- command line with argparse4j: options of the tool before the command, those of
-- the command behind it.
local kafka = use "kafka"

local options = {
	{ "bootstrap-server", arg = "host:port",
	  help = "REQUIRED: brokers to begin with." },
	{ "command-config", arg = "FILE",
	  help = "File with settings of the admin client." },
	{ "topic", arg = "TOPIC", help = "A topic." },
	{ "partition", arg = "PARTITION", help = "A partition of it." },
	{ "transactional-id", arg = "TRANSACTIONAL-ID",
	  help = "describe: whose transaction." },
	{ "broker-id", arg = "BROKER-ID", help = "describe-producers: a "
		.. "replica other than the leader; find-hanging: where to "
		.. "search." },
	{ "max-transaction-timeout", arg = "MINUTES",
	  help = "find-hanging: what is open for longer (15)." },
	{ "start-offset", arg = "START-OFFSET",
	  help = "abort: where the transaction begins." },
	{ "producer-id", arg = "PRODUCER-ID", help = "abort: or whose it is." },
	{ "producer-epoch", arg = "PRODUCER-EPOCH", help = "abort: its epoch." },
	{ "coordinator-epoch", arg = "COORDINATOR-EPOCH",
	  help = "abort: the last coordinator's." },
	{ "duration-filter", arg = "MS", help = "list: open for longer." },
}

local commands = { "list", "describe", "describe-producers", "abort",
		   "find-hanging" }

-- What each command takes: true: it must be there; "n": a number.
local takes = {
	list = { ["duration-filter"] = { "n" } },
	describe = { ["transactional-id"] = { required = true } },
	["describe-producers"] = { topic = { required = true },
		partition = { "n", required = true }, ["broker-id"] = { "n" } },
	abort = { topic = { required = true },
		partition = { "n", required = true },
		["start-offset"] = { "n" }, ["producer-id"] = { "n" },
		["producer-epoch"] = { "n" },
		["coordinator-epoch"] = { "n" } },
	["find-hanging"] = { topic = {}, partition = { "n" },
		["broker-id"] = { "n" },
		["max-transaction-timeout"] = { "n" } },
}
local order = {
	list = { "duration-filter" }, describe = { "transactional-id" },
	["describe-producers"] = { "broker-id", "topic", "partition" },
	abort = { "topic", "partition", "start-offset", "producer-id",
		  "producer-epoch", "coordinator-epoch" },
	["find-hanging"] = { "broker-id", "max-transaction-timeout", "topic",
			     "partition" },
}

-- The command line -------------------------------------------------------------

local function usage(command)
	local head = "usage: kafka-transactions.sh "
	if not command then
		return head .. "[-h] [-v] [--command-config FILE] "
			.. "--bootstrap-server host:port\n"
			.. "                             COMMAND ...\n"
	end
	local words = { head .. command .. " [-h]" }
	for _, name in ipairs(order[command]) do
		local word = "--" .. name .. " "
			.. name:upper():gsub("-", "_")
		if not takes[command][name].required then
			word = "[" .. word .. "]"
		end
		words[#words + 1] = word
	end
	return table.concat(words, " ") .. "\n"
end

-- ArgumentParser.handleError, and status 1.
local function mistyped(io, command, why)
	io:err(usage(command), "kafka-transactions.sh: error: ", why, "\n")
	io:exit(1)
end

local function value_of(io, command, name, text, kind)
	if text == nil then
		mistyped(io, command, "argument --" .. name
			.. ": expected one argument")
	end
	if kind ~= "n" then
		return text
	end
	local number = math.tointeger(tonumber(text))
	if not number then
		mistyped(io, command, "argument --" .. name
			.. ": could not convert '" .. text .. "' to Integer ("
			.. "For input string: \"" .. text .. "\")")
	end
	return number
end

local function parse(io, argv)
	local set, command, i = {}, nil, 1
	while i <= #argv do
		local word = argv[i]
		local name = word:match("^%-%-(.+)$")
		local known = command and takes[command][name]
			or not command and (name == "bootstrap-server"
				or name == "command-config") and {}
		if not command and (word == "-h" or word == "--help") then
			io:write(usage())
			io:exit(0)
		elseif not command and (word == "-v" or word == "--version") then
			io:write(kafka.VERSION, "\n")
			io:exit(0)
		elseif known then
			set[name] = value_of(io, command, name, argv[i + 1],
				known[1])
			i = i + 1
		elseif not command and takes[word] then
			command = word
		elseif not command and not name then
			mistyped(io, nil, "invalid choice: '" .. word
				.. "' (choose from '"
				.. table.concat(commands, "', '") .. "')")
		else
			mistyped(io, command, "unrecognized arguments: '" .. word
				.. "'")
		end
		i = i + 1
	end
	if not command then
		mistyped(io, nil, "too few arguments")
	end
	for _, name in ipairs(order[command]) do
		if takes[command][name].required and set[name] == nil then
			mistyped(io, command, "argument --" .. name
				.. " is required")
		end
	end
	if not set["bootstrap-server"] then
		mistyped(io, nil, "argument --bootstrap-server is required")
	end
	return command, set
end

-- What is shared -----------------------------------------------------------------

local function stop(io, message, e)
	if e then
		message = message .. ": " .. (e.message or "null")
			.. ". Enable debug logging for additional detail."
	end
	io:err(message, "\n")
	io:exit(1)
end

-- ToolsUtils.prettyPrintTable: columns as wide as their widest, then a tab.
local function print_table(io, headers, rows)
	local widths = {}
	for i, header in ipairs(headers) do
		widths[i] = #header
	end
	for _, row in ipairs(rows) do
		for i, value in ipairs(row) do
			widths[i] = math.max(widths[i], #tostring(value))
		end
	end
	local function line(row)
		for i, value in ipairs(row) do
			local text = tostring(value)
			io:write(text, (" "):rep(widths[i] - #text), "\t")
		end
		io:write("\n")
	end
	line(headers)
	for _, row in ipairs(rows) do
		line(row)
	end
end

-- The answers of several brokers, put together.
local function gather(answers, field)
	local all = {}
	for _, one in ipairs(answers) do
		for _, item in ipairs(one.answer[field] or {}) do
			item.node = one.node
			all[#all + 1] = item
		end
	end
	return all
end

local function producers(admin, partitions, broker)
	local answers, e = admin:answers(broker and "describe-producers-on"
		or "describe-producers", { partitions = partitions,
		broker = broker })
	if e then
		return nil, e
	end
	return gather(answers, "producers")
end

local function open_at(start)
	return start >= 0 and start or "None"
end

-- The commands --------------------------------------------------------------------

local run = {}

function run.list(io, admin, set)
	local answers, e = admin:answers("list-transactions",
		{ duration = set["duration-filter"] })
	if e then
		stop(io, "Failed to list transactions", e)
	end
	local rows = {}
	for _, t in ipairs(gather(answers, "transactions")) do
		rows[#rows + 1] = { t.id, t.node, t.producer_id, t.state }
	end
	print_table(io, { "TransactionalId", "Coordinator", "ProducerId",
		"TransactionState" }, rows)
end

local function places(list)
	local names = {}
	for i, p in ipairs(list) do
		names[i] = p.topic .. "-" .. p.partition
	end
	return names
end

function run.describe(io, admin, set)
	local id = set["transactional-id"]
	local t, e = admin:call("describe-transaction", { txn = id })
	if not t then
		stop(io, "Failed to describe transaction state of "
			.. "transactional-id `" .. id .. "`", e)
	end
	local started = t.start_ms >= 0
	print_table(io, { "CoordinatorId", "TransactionalId", "ProducerId",
		"ProducerEpoch", "TransactionState", "TransactionTimeoutMs",
		"CurrentTransactionStartTimeMs", "TransactionDurationMs",
		"TopicPartitions" }, { { t.coordinator, id, t.producer_id,
		t.epoch, t.state, t.timeout_ms,
		started and t.start_ms or "None",
		started and sim.wall_ms() - t.start_ms or "None",
		table.concat(places(t.partitions), ",") } })
end

run["describe-producers"] = function(io, admin, set)
	local name = set.topic .. "-" .. set.partition
	local list, e = producers(admin, set.topic .. ":" .. set.partition,
		set["broker-id"])
	if not list then
		stop(io, "Failed to describe producers for partition " .. name
			.. " on " .. (set["broker-id"] and "broker "
			.. set["broker-id"] or "leader"), e)
	end
	local rows = {}
	for _, p in ipairs(list) do
		rows[#rows + 1] = { p.producer_id, p.epoch, p.coordinator_epoch,
			p.last_sequence, p.last_timestamp, open_at(p.start) }
	end
	print_table(io, { "ProducerId", "ProducerEpoch",
		"LatestCoordinatorEpoch", "LastSequence", "LastTimestamp",
		"CurrentTransactionStartOffset" }, rows)
end

-- Whose transaction begins there: a specification, as AbortTransactionSpec.
local function found_at(io, admin, set)
	local name = set.topic .. "-" .. set.partition
	local list, e = producers(admin, set.topic .. ":" .. set.partition)
	if not list then
		stop(io, "Failed to validate producer state for partition "
			.. name, e)
	end
	for _, p in ipairs(list) do
		if p.start >= 0 and p.start == set["start-offset"] then
			return { p.producer_id, p.epoch,
				 math.max(p.coordinator_epoch, 0) }
		end
	end
	stop(io, "Could not find any open transactions starting at offset "
		.. set["start-offset"] .. " on partition " .. name)
end

local function given(io, set)
	for _, name in ipairs({ "producer-epoch", "coordinator-epoch" }) do
		if not set[name] then
			stop(io, "Missing required argument --" .. name)
		end
	end
	return { set["producer-id"], set["producer-epoch"],
		 math.max(set["coordinator-epoch"], 0) }
end

function run.abort(io, admin, set)
	if not set["start-offset"] and not set["producer-id"] then
		stop(io, "The transaction to abort must be identified either "
			.. "with --start-offset (for brokers on 3.0 or above) or "
			.. "with --producer-id, --producer-epoch, and "
			.. "--coordinator-epoch (for older brokers)")
	end
	local spec = set["start-offset"] and found_at(io, admin, set)
		or given(io, set)
	local _, e = admin:answers("abort-transaction", {
		partitions = set.topic .. ":" .. set.partition,
		["producer-id"] = spec[1], epoch = spec[2],
		["coordinator-epoch"] = spec[3] })
	if e then
		stop(io, ("Failed to abort transaction AbortTransactionSpec("
			.. "topicPartition=%s-%d, producerId=%d, "
			.. "producerEpoch=%d, coordinatorEpoch=%d)"):format(
			set.topic, set.partition, spec[1], spec[2], spec[3]), e)
	end
end

-- Partitions to search, each "t:0".
local function to_search(io, admin, set)
	if set.topic and set.partition then
		return { set.topic .. ":" .. set.partition }
	end
	local names, e = { set.topic }, nil
	if not set.topic then
		names, e = kafka.topic_names(admin)
		if not names then
			stop(io, "Failed to list topics", e)
		end
	end
	local answer
	answer, e = admin:call("describe-topics",
		{ topics = table.concat(names, ",") })
	for _, t in ipairs(answer and answer.topics or {}) do
		e = e or t.error and kafka.exception(t.error, t.message)
	end
	if e then
		stop(io, "Failed to describe " .. #names .. " topics", e)
	end
	local found = {}
	for _, t in ipairs(answer.topics) do
		for _, p in ipairs(t.partitions) do
			local here = not set["broker-id"]
			for _, id in ipairs(p.replicas) do
				here = here or id == set["broker-id"]
			end
			if here then
				found[#found + 1] = t.name .. ":" .. p.partition
			end
		end
	end
	return found
end

-- Is the partition one that the coordinator will still send a marker to?
local function expected(admin, io, open)
	local answers, e = admin:answers("list-transactions",
		{ producers = open.producer_id })
	if e then
		stop(io, "Failed to list transactions for 1 producers", e)
	end
	local t = gather(answers, "transactions")[1]
	t = t and admin:call("describe-transaction", { txn = t.id })
	for _, p in ipairs(t and t.partitions or {}) do
		if p.topic == open.topic and p.partition == open.partition then
			return true
		end
	end
	return false
end

run["find-hanging"] = function(io, admin, set)
	if not set.topic and not set["broker-id"] then
		stop(io, "The `find-hanging` command requires either --topic or "
			.. "--broker-id to limit the scope of the search")
	end
	if set.partition and not set.topic then
		stop(io, "The --partition argument requires --topic to be "
			.. "provided")
	end
	local limit = (set["max-transaction-timeout"] or 15) * 60000
	local search, rows = to_search(io, admin, set), {}
	local list, e = {}, nil
	if #search > 0 then
		list, e = producers(admin, table.concat(search, ","),
			set["broker-id"])
	end
	if not list then
		stop(io, "Failed to describe producers for " .. #search
			.. " partitions on broker "
			.. (set["broker-id"] and "Optional[" .. set["broker-id"]
			.. "]" or "Optional.empty"), e)
	end
	for _, p in ipairs(list) do
		local age = sim.wall_ms() - p.last_timestamp
		if p.start >= 0 and age > limit
				and not expected(admin, io, p) then
			rows[#rows + 1] = { p.topic, p.partition, p.producer_id,
				p.epoch, p.coordinator_epoch, p.start,
				p.last_timestamp, age // 60000 }
		end
	end
	print_table(io, { "Topic", "Partition", "ProducerId", "ProducerEpoch",
		"CoordinatorEpoch", "StartOffset", "LastTimestamp",
		"Duration(min)" }, rows)
end

return {
	name = "kafka-transactions.sh",
	summary = "transactions: who is in one, what hangs, abort it",
	usage = "kafka-transactions.sh --bootstrap-server H:P list",
	options = options,
	complete = function(line, n)
		for i = 1, n - 1 do
			if takes[line[i]] then
				return kafka.complete(line[n - 1])
			end
		end
		if line[n - 1] == "--bootstrap-server" then
			return kafka.complete(line[n - 1])
		end
		return commands
	end,
	run = function(argv, io)
		local command, set = parse(io, argv)
		if set["command-config"] then
			io:err(io.name, ": --command-config is a real option, "
				.. "but it is not simulated here\n")
			io:exit(1)
		end
		local admin, e = kafka.admin(io, set["bootstrap-server"])
		if not admin then
			kafka.fail(io, e)
		end
		run[command](io, admin, set)
		admin:close()
		return 0
	end,
}
