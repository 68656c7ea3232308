-- kafka-console-producer.lua - lines of standard input become records
--
-- kafka.tools.ConsoleProducer, Kafka 3.9.  Simplified: errors that come while
-- it waits for a line are shown when that line is there.
local args, kafka, reply = use "args", use "kafka", use "reply"

local function number(name, what, setting, default, help)
	return { name, arg = what, type = "Long", default = default,
		 setting = setting, help = help }
end

local options = {
	{ "bootstrap-server", arg = "server to connect to",
	  help = "REQUIRED: brokers to begin with, as host:port,host:port." },
	{ "broker-list", arg = "broker-list",
	  help = "DEPRECATED: the same as --bootstrap-server." },
	{ "topic", arg = "topic", help = "REQUIRED: where the records go." },
	{ "sync", help = "Wait for each record's answer before the next." },
	{ "compression-codec", arg = "compression-codec", optional = true,
	  help = "none, gzip, snappy, lz4 or zstd." },
	number("batch-size", "size", "batch.size", 16384,
		"How large a batch may become, in bytes."),
	number("message-send-max-retries", "", "retries", 3,
		"How often a failed batch is sent again."),
	number("retry-backoff-ms", "", nil, 100,
		"How long to wait before sending again."),
	number("timeout", "timeout_ms", "linger.ms", 1000,
		"How long a record may wait for others."),
	{ "request-required-acks", arg = "request required acks",
	  default = "-1", setting = "acks",
	  help = "Whose answer is waited for: 0, 1, -1 or all." },
	number("request-timeout-ms", "request timeout ms", "request.timeout.ms",
		1500, "How long to wait for an answer."),
	number("metadata-expiry-ms", "metadata expiration interval", nil,
		300000, "How old metadata may become."),
	number("max-block-ms", "max block on send", "max.block.ms", 60000,
		"How long a send may wait for metadata."),
	number("max-memory-bytes", "total memory in bytes", "buffer.memory",
		33554432, "How much may wait to be sent."),
	number("max-partition-memory-bytes", "memory in bytes per partition",
		nil, 16384, "The same as --batch-size."),
	number("socket-buffer-size", "size", nil, 102400,
		"The size of the socket's buffer."),
	{ "line-reader", arg = "reader_class", help = "Who reads the lines.",
	  default = "org.apache.kafka.tools.LineMessageReader" },
	{ "property", arg = "prop",
	  help = "How lines are read: parse.key=true, key.separator=:, "
		.. "parse.headers=true, headers.delimiter=, headers.separator=, "
		.. "headers.key.separator=, null.marker=, ignore.error=true." },
	{ "reader-config", arg = "config file",
	  help = "File with such properties." },
	{ "producer-property", arg = "producer_prop",
	  help = "A setting of the producer, key=value." },
	{ "producer.config", arg = "config file",
	  help = "File with settings of the producer." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

-- CommandLineUtils.maybeMergeOptions: an option beats a property beats a
-- default.
local function settings(set)
	local own = kafka.properties(set:values("producer-property"))
	local out = { client_id = own["client.id"] or "console-producer" }
	for key, value in pairs(own) do
		if key ~= "client.id" then
			out[key] = value
		end
	end
	for _, option in ipairs(options) do
		local key = option.setting
		if key and (set:has(option[1]) or out[key] == nil) then
			out[key] = set:value(option[1])
		end
	end
	if set:has("compression-codec") then
		out["compression.type"] = set:value("compression-codec")
			or "gzip"
	end
	return out
end

-- LineMessageReader ------------------------------------------------------------

local function truth(text)
	return text ~= nil and text:lower():match("^%s*(.-)%s*$") == "true"
end

local function reader(set)
	local own = kafka.properties(set:values("property"))
	return { parse_key = truth(own["parse.key"]),
		 separator = own["key.separator"] or "\t",
		 ignore_error = truth(own["ignore.error"]),
		 null_marker = own["null.marker"], line = 0,
		 parse_headers = truth(own["parse.headers"]),
		 delimiter = own["headers.delimiter"] or "\t",
		 header_separator = own["headers.separator"] or ",",
		 header_key_separator = own["headers.key.separator"] or ":" }
end

-- LineMessageReader.configure: none of them may be the same.
local function reader_conflict(how)
	local named = {
		{ "headers.delimiter", how.delimiter },
		{ "headers.separator", how.header_separator },
		{ "headers.key.separator", how.header_key_separator },
	}
	for i, one in ipairs(named) do
		for k = i + 1, #named do
			if one[2] == named[k][2] then
				return one[1] .. " and " .. named[k][1]
			end
		end
		if one[2] == how.null_marker then
			return "null.marker and " .. one[1]
		end
	end
	return how.separator == how.null_marker
		and "null.marker and key.separator"
end

local function malformed(what)
	return kafka.exception("org.apache.kafka.common.KafkaException", what,
		{ "org.apache.kafka.tools.LineMessageReader.parse"
			.. "(LineMessageReader.java)" })
end

-- What stands before a separator, and the rest.  Nothing and the line: it is
-- not there, or nobody looks.
local function before(how, looks, line, rest, separator, name)
	local from, to = rest:find(separator, 1, true)
	if not looks then
		return nil, rest
	elseif from then
		return rest:sub(1, from - 1), rest:sub(to + 1)
	elseif how.ignore_error then
		return nil, rest
	end
	return nil, nil, malformed("No " .. name .. " found on line number "
		.. how.line .. ": '" .. line .. "'")
end

local function split(text, separator)
	local out, at = {}, 1
	while true do
		local from, to = text:find(separator, at, true)
		out[#out + 1] = text:sub(at, from and from - 1)
		if not from then
			return out
		end
		at = to + 1
	end
end

-- Pairs { name, value }; nil and an exception.
local function read_headers(how, text)
	local out = {}
	for _, pair in ipairs(split(text, how.header_separator)) do
		local from, to = pair:find(how.header_key_separator, 1, true)
		local name = from and pair:sub(1, from - 1) or pair
		local value = from and pair:sub(to + 1)
		if not from and not how.ignore_error then
			return nil, malformed("No header key separator found "
				.. "in pair '" .. pair .. "' on line number "
				.. how.line)
		elseif name == how.null_marker then
			return nil, malformed("Header keys should not be equal "
				.. "to the null marker '" .. name
				.. "' as they can't be null")
		end
		out[#out + 1] = { name, value ~= how.null_marker and value
			or nil }
	end
	return out
end

-- A line as key, value and headers; nil and an exception.
local function read_line(how, line)
	local text, key, rest, e
	text, rest, e = before(how, how.parse_headers, line, line,
		how.delimiter, "headers delimiter")
	if e then
		return nil, e
	end
	key, rest, e = before(how, how.parse_key, line, rest, how.separator,
		"key separator")
	if e then
		return nil, e
	end
	local record = { key = key, value = rest }
	if how.null_marker then
		record.key = key ~= how.null_marker and key or nil
		record.value = rest ~= how.null_marker and rest or nil
	end
	if text and text ~= how.null_marker then
		local headers
		headers, e = read_headers(how, text)
		if e then
			return nil, e
		end
		record.headers = kafka.nested(headers)
	end
	return record
end

-- What comes back ---------------------------------------------------------------

local function bytes(n)
	return n < 0 and "null" or n .. " bytes"
end

local function show_failure(io, failure)
	for _, record in ipairs(failure.records) do
		kafka.log(io, "ERROR", "Error when sending message to topic "
			.. failure.topic .. " with key: "
			.. bytes(record.key_bytes) .. ", value: "
			.. bytes(record.value_bytes) .. " with error:",
			"org.apache.kafka.clients.producer.internals."
			.. "ErrorLoggingCallback")
		io:err(failure.class, ": ", failure.message, "\n")
	end
end

-- Show what has come; how many records have an outcome now, the last failure,
-- and whether it is all over.
local function read_mail(io, state)
	for _, entry in ipairs(sim.entries(state.id)) do
		if entry.kind == "log" then
			io:err(entry.text, "\n")
		elseif entry.kind == "ack" then
			local ack = reply.read(entry.text, reply.ack)
			state.settled = state.settled + (ack and ack.count or 0)
		elseif entry.kind == "failed" then
			local failure = reply.read(entry.text, reply.failed)
			state.settled = state.settled
				+ (failure and #failure.records or 0)
			state.failure = failure or state.failure
			if failure and not state.sync then
				show_failure(io, failure)
			end
		elseif entry.kind == "closed" then
			state.closed = true
		end
	end
end

local function wait_for(io, state, done)
	read_mail(io, state)
	while not done() do
		if await("entry", state.id) == "interrupted" then
			kafka.command("client-kill", { id = state.id })
			io:exit(130)
		end
		read_mail(io, state)
	end
end

local function close(io, state)
	if not state.closed then
		kafka.command("produce-close", { id = state.id })
		wait_for(io, state, function() return state.closed end)
	end
end

local function die(io, state, e)
	close(io, state)
	io:err(kafka.stack(e))
	io:exit(1)
end

local function send(io, state, record)
	record.id = state.id
	local ok, why = kafka.command("produce", record)
	if not ok then
		io:err(io.name, ": ", why, "\n")
		io:exit(1)
	end
	state.sent = state.sent + 1
	if not state.sync then
		return
	end
	wait_for(io, state, function()
		return state.settled >= state.sent or state.closed
	end)
	if state.failure then
		die(io, state, kafka.execution(kafka.exception(
			state.failure.class, state.failure.message)))
	end
end

local function loop(io, state, how)
	local prompt = io.stdin_tty and io.tty
	while true do
		if prompt then
			io:write(">")
		end
		local line = io:read()
		how.line = how.line + 1
		read_mail(io, state)
		if not line or state.closed then
			return
		end
		local record, e = read_line(how, line)
		if not record then
			die(io, state, e)
		end
		send(io, state, record)
		-- So that a long text is no single step of the console's.
		if how.line % 200 == 0 then
			await("sleep", 0, sim.now() + 1000)
		end
	end
end

return {
	name = "kafka-console-producer.sh",
	summary = "send lines of standard input as records",
	usage = "kafka-console-producer.sh --bootstrap-server H:P --topic T",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = parser:parse_or_usage(io, argv)
		parser:help_or_version(io, argv, set, "This tool helps to read "
			.. "data from standard input and publish it to Kafka.",
			kafka.VERSION)
		if not set:has("bootstrap-server")
				and not set:has("broker-list") then
			parser:usage_exit(io, "Missing required option(s) "
				.. "[bootstrap-server]")
		end
		parser:check_required(io, set, "topic")
		kafka.not_here(io, set, "reader-config", "producer.config",
			"line-reader")
		local how = reader(set)
		local conflict = reader_conflict(how)
		if conflict then
			io:err(kafka.stack(malformed(conflict
				.. " may not be equal")))
			return 1
		end
		local fields = settings(set)
		fields.topic = set:value("topic")
		fields.bootstrap = set:value("bootstrap-server")
			or set:value("broker-list")
		local id, e = kafka.open(io, "produce-open", "Failed to "
			.. "construct kafka producer", fields)
		if not id then
			io:err(kafka.stack(e))
			return 1
		end
		local state = { id = id, sync = set:has("sync"), sent = 0,
				settled = 0 }
		loop(io, state, how)
		close(io, state)
		return 0
	end,
}
