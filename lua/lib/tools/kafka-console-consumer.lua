-- kafka-console-consumer.lua - print the records of a topic
--
-- org.apache.kafka.tools.consumer.ConsoleConsumer, Kafka 3.9.
local args, kafka, reply = use "args", use "kafka", use "reply"

local options = {
	{ "bootstrap-server", arg = "server to connect to",
	  help = "REQUIRED: brokers to begin with, as host:port,host:port." },
	{ "topic", arg = "topic", help = "The topic to read." },
	{ "include", arg = "Java regex (String)",
	  help = "A regular expression for several topics." },
	{ "whitelist", arg = "Java regex (String)",
	  help = "DEPRECATED: the same as --include." },
	{ "partition", arg = "partition", type = "Integer",
	  help = "One partition only, from its end unless --offset says." },
	{ "offset", arg = "consume offset", default = "latest",
	  help = "Where to begin: a number, earliest or latest." },
	{ "from-beginning",
	  help = "Begin with the oldest record if the group has no offset." },
	{ "group", arg = "consumer group id", help = "The consumer group." },
	{ "max-messages", arg = "num_messages", type = "Integer",
	  help = "End after so many records." },
	{ "timeout-ms", arg = "timeout_ms", type = "Long",
	  help = "End when nothing comes for so long." },
	{ "property", arg = "prop",
	  help = "What is printed: print.key=true, print.value, "
		.. "print.timestamp, print.offset, print.partition, "
		.. "print.headers, key.separator=, line.separator=, "
		.. "headers.separator=, "
		.. "null.literal=." },
	{ "consumer-property", arg = "consumer_prop",
	  help = "A setting of the consumer, key=value." },
	{ "consumer.config", arg = "config file",
	  help = "File with settings of the consumer." },
	{ "formatter", arg = "class", help = "Who prints the records.",
	  default = "org.apache.kafka.tools.consumer.DefaultMessageFormatter" },
	{ "formatter-config", arg = "config file",
	  help = "File with properties of the formatter." },
	{ "isolation-level", default = "read_uncommitted", arg = "",
	  help = "read_committed or read_uncommitted." },
	{ "skip-message-on-error", help = "Go on after a record that fails." },
	{ "key-deserializer", arg = "deserializer for key",
	  help = "How keys are read." },
	{ "value-deserializer", arg = "deserializer for values",
	  help = "How values are read." },
	{ "enable-systest-events", help = "Say when it begins and ends." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

-- DefaultMessageFormatter ---------------------------------------------------------

local function truth(own, key, otherwise)
	if own[key] == nil then
		return otherwise
	end
	return own[key]:lower():match("^%s*(.-)%s*$") == "true"
end

local function formatter(set)
	local own = kafka.properties(set:values("property"))
	return { timestamp = truth(own, "print.timestamp", false),
		 partition = truth(own, "print.partition", false),
		 offset = truth(own, "print.offset", false),
		 headers = truth(own, "print.headers", false),
		 key = truth(own, "print.key", false),
		 value = truth(own, "print.value", true),
		 separator = own["key.separator"] or "\t",
		 line = own["line.separator"] or "\n",
		 between_headers = own["headers.separator"] or ",",
		 null = own["null.literal"] or "null" }
end

local function headers_shown(f, headers)
	local out = {}
	for _, h in ipairs(headers or {}) do
		out[#out + 1] = h.key .. ":" .. (h.value or f.null)
	end
	return #out > 0 and table.concat(out, f.between_headers) or "NO_HEADERS"
end

-- Columns are parted by the separator; whatever is last ends the line.
local function shown(f, record)
	local parts = {}
	if f.timestamp then
		parts[#parts + 1] = "CreateTime:" .. record.timestamp_ms
	end
	if f.partition then
		parts[#parts + 1] = "Partition:" .. record.partition
	end
	if f.offset then
		parts[#parts + 1] = "Offset:" .. record.offset
	end
	if f.headers then
		parts[#parts + 1] = headers_shown(f, record.headers)
	end
	if f.key then
		parts[#parts + 1] = record.key or f.null
	end
	if f.value then
		parts[#parts + 1] = record.value or f.null
	end
	return table.concat(parts, f.separator) .. f.line
end

-- The command line -----------------------------------------------------------------

local function check(io, set)
	local topics = (set:has("topic") and 1 or 0)
		+ ((set:has("include") or set:has("whitelist")) and 1 or 0)
	if topics ~= 1 then
		parser:usage_exit(io, "Exactly one of --include/--topic is "
			.. "required. ")
	end
	if set:has("partition") then
		if not set:has("topic") then
			parser:usage_exit(io, "The topic is required when "
				.. "partition is specified.")
		end
		if set:has("from-beginning") and set:has("offset") then
			parser:usage_exit(io, "Options from-beginning and "
				.. "offset cannot be specified together.")
		end
	elseif set:has("offset") then
		parser:usage_exit(io, "The partition is required when offset "
			.. "is specified.")
	end
	parser:check_required(io, set, "bootstrap-server")
end

-- ListOffsetsRequest: -2 is the beginning, -1 the end.
local function begin_at(io, set)
	if not set:has("offset") then
		return set:has("from-beginning") and -2 or -1
	end
	local text = set:value("offset")
	local named = { earliest = -2, latest = -1 }
	local n = named[text:lower()]
		or text:find("^%d+$") and math.tointeger(tonumber(text))
	if not n then
		parser:usage_exit(io, "The provided offset value '" .. text
			.. "' is incorrect. Valid values are 'earliest', "
			.. "'latest', or a non-negative long.")
	end
	return n
end

-- The group: given once, or one nobody else has.
local function group_of(io, set, own)
	local given = set:value("group")
	local also = own["group.id"]
	if given and also and given ~= also then
		parser:usage_exit(io, "The group ids provided in different "
			.. "places (directly using '--group', via "
			.. "'--consumer-property', or via '--consumer.config') "
			.. "do not match. Detected group ids: '" .. given
			.. "', '" .. also .. "'")
	end
	given = given or also
	if given and set:has("partition") then
		parser:usage_exit(io, "Options group and partition cannot be "
			.. "specified together.")
	end
	return given
end

local function settings(io, set)
	local own = kafka.properties(set:values("consumer-property"))
	local group = group_of(io, set, own)
	local beginning = set:has("from-beginning")
	local reset = own["auto.offset.reset"]
	local fields = { client_id = own["client.id"] or "console-consumer" }
	if reset and beginning and reset ~= "earliest" then
		io:err("Can't simultaneously specify --from-beginning and ",
			"'auto.offset.reset=", reset, "', please remove one ",
			"option\n")
		io:exit(1)
	end
	for key, value in pairs(own) do
		if key ~= "client.id" and key ~= "group.id" then
			fields[key] = value
		end
	end
	fields["auto.offset.reset"] = reset
		or beginning and "earliest" or "latest"
	fields["isolation.level"] = set:value("isolation-level")
	if not group then
		fields["enable.auto.commit"] = own["enable.auto.commit"]
			or "false"
	end
	if set:has("partition") then
		fields.partition = set:value("partition")
		fields.offset = begin_at(io, set)
	else
		local luck = sim.world().seed % 9973 + sim.now() // 1000
		fields.group = group
			or "console-consumer-" .. luck * 7919 % 100000
	end
	fields.max = set:value("max-messages")
	return fields
end

-- Reading -----------------------------------------------------------------------------

local function read_mail(io, state)
	local out = {}
	for _, entry in ipairs(sim.entries(state.id)) do
		local record = entry.kind == "record"
			and reply.read(entry.text, reply.record)
		if record then
			state.count = state.count + 1
			state.since = sim.now()
			out[#out + 1] = shown(state.format, record)
		elseif entry.kind == "log" then
			io:err(entry.text, "\n")
		elseif entry.kind == "closed" then
			state.closed = true
		end
	end
	if #out > 0 then
		io:write(table.concat(out))
	end
end

local function close(io, state)
	kafka.command("consume-close", { id = state.id })
	while not state.closed do
		if await("entry", state.id) == "interrupted" then
			kafka.command("client-kill", { id = state.id })
			return
		end
		-- What is fetched by now is not printed any more.
		for _, entry in ipairs(sim.entries(state.id)) do
			state.closed = state.closed or entry.kind == "closed"
		end
	end
end

local function timed_out(io)
	kafka.log(io, "ERROR", "Error processing message, terminating consumer "
		.. "process: ", "org.apache.kafka.tools.consumer."
		.. "ConsoleConsumer")
	io:err("org.apache.kafka.common.errors.TimeoutException\n")
end

-- "ready", or why it ends.
local function wait(state)
	if not state.timeout_ns then
		return await("entry", state.id)
	end
	return await("entry", state.id, state.since + state.timeout_ns)
end

local function loop(io, state)
	while not state.closed do
		local what = wait(state)
		read_mail(io, state)
		if state.closed then
			return 0
		elseif what == "interrupted" then
			close(io, state)
			return 130
		elseif what == "timeout"
				and sim.now() - state.since >= state.timeout_ns then
			timed_out(io)
			close(io, state)
			return 0
		end
	end
	return 0
end

return {
	name = "kafka-console-consumer.sh",
	summary = "print the records of a topic",
	usage = "kafka-console-consumer.sh --bootstrap-server H:P --topic T "
		.. "[--from-beginning]",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = parser:parse_or_usage(io, argv)
		parser:help_or_version(io, argv, set, "This tool helps to read "
			.. "data from Kafka topics and outputs it to standard "
			.. "output.", kafka.VERSION)
		check(io, set)
		kafka.not_here(io, set, "include", "whitelist", "formatter",
			"formatter-config", "consumer.config")
		local fields = settings(io, set)
		fields.topic = set:value("topic")
		fields.bootstrap = set:value("bootstrap-server")
		local id, e = kafka.open(io, "consume-open", "Failed to "
			.. "construct kafka consumer", fields)
		if not id then
			kafka.log(io, "ERROR", "Unknown error when running "
				.. "consumer: ", "org.apache.kafka.tools."
				.. "consumer.ConsoleConsumer")
			io:err(kafka.stack(e))
			return 1
		end
		local timeout = set:value("timeout-ms")
		local state = { id = id, count = 0, since = sim.now(),
				format = formatter(set), timeout_ns = timeout
				and timeout >= 0 and timeout * 1000000 or nil }
		local status = loop(io, state)
		io:err("Processed a total of ", state.count, " messages\n")
		return status
	end,
}
