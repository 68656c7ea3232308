-- kafka-metadata-quorum.lua - who leads the metadata quorum, who follows
--
-- org.apache.kafka.tools.MetadataQuorumCommand, Kafka 3.9.  Brokers forward
-- DescribeQuorum to the active controller: without one there is no answer.
local kafka = use "kafka"

local options = {
	{ "bootstrap-server", arg = "BOOTSTRAP_SERVER",
	  help = "REQUIRED: brokers to begin with." },
	{ "bootstrap-controller", arg = "BOOTSTRAP_CONTROLLER",
	  help = "Controllers to begin with." },
	{ "command-config", arg = "COMMAND_CONFIG",
	  help = "File with settings of the admin client." },
	{ "status", help = "A short summary of the quorum." },
	{ "replication", help = "How far each node has come." },
	{ "human-readable", help = "Times as ms ago." },
}

-- argparse4j: the usage, one line, status 1.
local function refuse(io, message)
	io:err("usage: kafka-metadata-quorum [-h] (--bootstrap-server ",
		"BOOTSTRAP_SERVER | --bootstrap-controller ",
		"BOOTSTRAP_CONTROLLER)\n",
		"                             [--command-config COMMAND_CONFIG]\n",
		"                             ",
		"{describe,add-controller,remove-controller} ...\n",
		"kafka-metadata-quorum: error: ", message, "\n")
	io:exit(1)
end

-- A TerseException: its sentence only.
local function terse(io, message)
	io:err(message, "\n")
	io:exit(1)
end

local function parse(io, argv)
	local known, set = {}, {}
	for _, option in ipairs(options) do
		known["--" .. option[1]] = option
	end
	local i = 1
	while i <= #argv do
		local word, value = argv[i]:match("^(%-%-[^=]+)=(.*)$")
		word = word or argv[i]
		local option = known[word]
		if not option then
			if word:sub(1, 1) == "-" or set.command then
				refuse(io, "unrecognized arguments: '" .. word
					.. "'")
			end
			set.command = word
		elseif option.arg then
			if not value then
				i = i + 1
				value = argv[i]
			end
			if not value then
				refuse(io, "argument " .. word
					.. ": expected one argument")
			end
			set[option[1]] = value
		else
			set[option[1]] = true
		end
		i = i + 1
	end
	return set
end

local function check(io, set)
	local real = { ["add-controller"] = true, ["remove-controller"] = true }
	for _, name in ipairs({ "command-config", "bootstrap-controller" }) do
		if set[name] then
			terse(io, io.name .. ": --" .. name .. " is a real "
				.. "option, but it is not simulated here")
		end
	end
	if real[set.command] then
		terse(io, io.name .. ": " .. set.command .. " is a real "
			.. "command, but voters are static here "
			.. "(controller.quorum.voters)")
	elseif not set["bootstrap-server"] then
		refuse(io, "one of the arguments --bootstrap-server "
			.. "--bootstrap-controller is required")
	elseif not set.command then
		refuse(io, "too few arguments")
	elseif set.command ~= "describe" then
		refuse(io, "argument command: invalid choice: '" .. set.command
			.. "' (choose from 'describe', 'add-controller', "
			.. "'remove-controller')")
	elseif set.status and set.replication then
		terse(io, "Only one of --status or --replication should be "
			.. "specified with describe sub-command")
	elseif not set.status and not set.replication then
		terse(io, "One of --status or --replication must be specified "
			.. "with describe sub-command")
	elseif set.status and set["human-readable"] then
		terse(io, "The option --human-readable is only supported along "
			.. "with --replication")
	end
end

local function leader_of(quorum)
	for _, voter in ipairs(quorum.voters) do
		if voter.id == quorum.leader then
			return voter
		end
	end
end

-- --status ------------------------------------------------------------------

-- Of static voters no directory is known, of observers no endpoint.
local function nodes(list, endpoints)
	local out = {}
	for i, node in ipairs(list) do
		out[i] = ('{"id": %d, %s}'):format(node.id, endpoints
			and ('"endpoints": ["%s"]'):format(endpoints[i])
			or ('"directoryId": "%s"'):format(node.directory))
	end
	return "[" .. table.concat(out, ", ") .. "]"
end

local function lag_time(leader, last)
	if leader == last then
		return 0
	elseif last.last_caught_up < 0 then
		return -1
	end
	return leader.last_caught_up - last.last_caught_up
end

local function status(io, quorum)
	local leader, last = leader_of(quorum), nil
	for _, voter in ipairs(quorum.voters) do
		if not last or voter.log_end_offset < last.log_end_offset then
			last = voter
		end
	end
	for _, row in ipairs({
		{ "ClusterId", quorum.cluster_id },
		{ "LeaderId", quorum.leader },
		{ "LeaderEpoch", quorum.epoch },
		{ "HighWatermark", quorum.high_watermark },
		{ "MaxFollowerLag", leader.log_end_offset
			- last.log_end_offset },
		{ "MaxFollowerLagTimeMs", lag_time(leader, last) },
		{ "CurrentVoters", nodes(quorum.voters, quorum.endpoints) },
		{ "CurrentObservers", nodes(quorum.observers) },
	}) do
		io:write(kafka.pad(row[1] .. ":", 24), row[2], "\n")
	end
end

-- --replication ---------------------------------------------------------------

local function replication(io, quorum, human)
	local leader, now = leader_of(quorum), sim.wall_ms()
	local rows = { { "NodeId", "DirectoryId", "LogEndOffset", "Lag",
		"LastFetchTimestamp", "LastCaughtUpTimestamp", "Status" } }
	local widths = {}
	local function time(ms)
		return human and ms >= 0 and (now - ms) .. " ms ago"
			or tostring(ms)
	end
	local function add(node, state)
		rows[#rows + 1] = { tostring(node.id), node.directory,
			tostring(node.log_end_offset),
			tostring(leader.log_end_offset - node.log_end_offset),
			time(node.last_fetch), time(node.last_caught_up), state }
	end
	add(leader, "Leader")
	for _, voter in ipairs(quorum.voters) do
		if voter ~= leader then
			add(voter, "Follower")
		end
	end
	for _, observer in ipairs(quorum.observers) do
		add(observer, "Observer")
	end
	for _, row in ipairs(rows) do
		for i, cell in ipairs(row) do
			widths[i] = math.max(widths[i] or 0, #cell)
		end
	end
	for _, row in ipairs(rows) do
		for i, cell in ipairs(row) do
			io:write(kafka.pad(cell, widths[i]), "\t")
		end
		io:write("\n")
	end
end

return {
	name = "kafka-metadata-quorum.sh",
	summary = "the quorum of controllers: leader, voters, lag",
	usage = "kafka-metadata-quorum.sh --bootstrap-server H:P describe "
		.. "--status | --replication",
	options = options,
	complete = function(line, n)
		local words = kafka.complete(line[n - 1])
		return words[1] and words or { "describe" }
	end,
	run = function(argv, io)
		local set = parse(io, argv)
		check(io, set)
		local admin, e = kafka.admin(io, set["bootstrap-server"])
		if not admin then
			kafka.fail(io, e)
		end
		local quorum
		quorum, e = admin:call("describe-quorum")
		admin:close()
		if e then
			kafka.fail(io, kafka.execution(e))
		end
		if set.status then
			status(io, quorum)
		else
			replication(io, quorum, set["human-readable"])
		end
		return 0
	end,
}
