-- kafka-leader-election.lua - elect leaders of partitions
--
-- org.apache.kafka.tools.LeaderElectionCommand, Kafka 3.9.
local args, kafka, reply = use "args", use "kafka", use "reply"

local options = {
	{ "bootstrap-server", arg = "host:port",
	  help = "REQUIRED: brokers to begin with." },
	{ "admin.config", arg = "config file",
	  help = "File with settings of the admin client." },
	{ "path-to-json-file", arg = "Path to JSON file",
	  help = "File with partitions: {\"partitions\": [{\"topic\": \"t\", "
		.. "\"partition\": 0}]}" },
	{ "topic", arg = "topic name", help = "A topic." },
	{ "partition", arg = "partition id", type = "Integer",
	  help = "A partition of it." },
	{ "all-topic-partitions", help = "All partitions." },
	{ "election-type", arg = "election type",
	  help = "REQUIRED: preferred (the first replica) or unclean (any "
		.. "living one, where there is no leader)." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

local function command_failed(message)
	return kafka.exception("org.apache.kafka.server.common."
		.. "AdminCommandFailedException", message)
end

local function check(io, set)
	local missing, count = {}, 0
	for _, name in ipairs({ "bootstrap-server", "election-type" }) do
		if not set:has(name) then
			missing[#missing + 1] = name
		end
	end
	if #missing > 0 then
		kafka.fail(io, command_failed("Missing required option(s): "
			.. table.concat(missing, ", ")))
	end
	for _, name in ipairs({ "topic", "all-topic-partitions",
			"path-to-json-file" }) do
		count = count + (set:has(name) and 1 or 0)
	end
	if count ~= 1 then
		kafka.fail(io, command_failed("One and only one of the "
			.. "following options is required: topic, "
			.. "all-topic-partitions, path-to-json-file"))
	end
	if set:has("topic") and not set:has("partition") then
		kafka.fail(io, command_failed("Missing required option(s): "
			.. "partition"))
	end
	if set:has("partition") and not set:has("topic") then
		kafka.fail(io, command_failed("Option partition is only "
			.. "allowed if topic is used"))
	end
end

-- "t:0,t:1"; nil: all.
local function partitions(io, set)
	if set:has("topic") then
		return set:value("topic") .. ":" .. set:value("partition")
	elseif set:has("all-topic-partitions") then
		return nil
	end
	local text, why = files.read(set:value("path-to-json-file"))
	if not text then
		kafka.fail(io, kafka.exception("java.lang.RuntimeException",
			"java.nio.file.NoSuchFileException: "
			.. why))
	end
	local data = json.decode(text)
	local function refuse(sentence)
		kafka.fail(io, kafka.exception("org.apache.kafka.server."
			.. "common.AdminOperationException", sentence))
	end
	if type(data) ~= "table" then
		refuse("Replica election data is empty")
	elseif type(data.partitions) ~= "table" then
		refuse("Replica election data is missing \"partitions\" field")
	elseif not reply.fits(data.partitions, reply.places) then
		refuse("Each of \"partitions\" needs \"topic\" and "
			.. "\"partition\"")
	end
	local names = {}
	for i, p in ipairs(data.partitions) do
		names[i] = p.topic .. ":" .. p.partition
	end
	local twice = kafka.duplicates(names)
	if #twice > 0 then
		refuse("Replica election data contains duplicate partitions: ["
			.. table.concat(twice, ", "):gsub(":", "-") .. "]")
	end
	return table.concat(names, ",")
end

local function show(io, kind, results)
	local done, idle, failed = {}, {}, {}
	for _, r in ipairs(results) do
		local name = r.topic .. "-" .. r.partition
		if not r.error then
			done[#done + 1] = name
		elseif r.error == "ELECTION_NOT_NEEDED" then
			idle[#idle + 1] = name
		else
			failed[#failed + 1] = { name, r }
		end
	end
	if #done > 0 then
		io:write("Successfully completed leader election (", kind,
			") for partitions ", table.concat(done, ", "), "\n")
	end
	if #idle > 0 then
		io:write("Valid replica already elected for partitions ",
			table.concat(idle, ", "), "\n")
	end
	local classes = {
		PREFERRED_LEADER_NOT_AVAILABLE =
			"PreferredLeaderNotAvailableException",
		ELIGIBLE_LEADERS_NOT_AVAILABLE =
			"EligibleLeadersNotAvailableException",
		UNKNOWN_TOPIC_OR_PARTITION = "UnknownTopicOrPartitionException",
	}
	for _, one in ipairs(failed) do
		io:write("Error completing leader election (", kind,
			") for partition: ", one[1],
			": org.apache.kafka.common.errors.",
			classes[one[2].error] or one[2].error, ": ",
			one[2].message, "\n")
	end
	return #failed
end

return {
	name = "kafka-leader-election.sh",
	summary = "elect the preferred or any leader of partitions",
	usage = "kafka-leader-election.sh --bootstrap-server H:P "
		.. "--election-type preferred --all-topic-partitions",
	options = options,
	complete = function(line, n)
		if line[n - 1] == "--election-type" then
			return { "preferred", "unclean" }
		end
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = kafka.parse(io, parser, argv)
		parser:help_or_version(io, argv, set, "This tool attempts to "
			.. "elect a new leader for a set of topic partitions. "
			.. "The type of elections supported are preferred "
			.. "replicas and unclean replicas.", kafka.VERSION)
		check(io, set)
		kafka.not_here(io, set, "admin.config")
		local kind = set:value("election-type"):upper()
		if kind ~= "PREFERRED" and kind ~= "UNCLEAN" then
			kafka.fail(io, kafka.exception("joptsimple."
				.. "OptionArgumentConversionException",
				"Cannot parse argument '"
				.. set:value("election-type")
				.. "' of option election-type"))
		end
		local list = partitions(io, set)
		local admin, e = kafka.admin(io, set:value("bootstrap-server"),
			{ timeout_ms = 30000 })
		if not admin then
			kafka.fail(io, e)
		end
		local answer
		answer, e = admin:call("elect-leaders", { type = kind:lower(),
			partitions = list, request_timeout_ms = 15000 })
		admin:close()
		if e and e.class:find("%.TimeoutException$") then
			io:write("Timeout waiting for election results\n")
			e = command_failed("Timeout waiting for election "
				.. "results")
		end
		if e then
			kafka.fail(io, e)
		end
		local failed = show(io, kind, answer.results)
		if failed > 0 then
			kafka.fail(io, command_failed(failed .. " replica(s) "
				.. "could not be elected"))
		end
		return 0
	end,
}
