-- kafka-consumer-groups.lua - list, describe and delete groups, reset offsets
--
-- org.apache.kafka.tools.consumer.group.ConsumerGroupCommand, Kafka 3.9.  As
-- there, a command that fails while it runs prints why and ends with 0.
-- Simplified: partitions are shown in order, the real tool shows them in the
-- order of a hash table; and rows of --reset-offsets have lines of their own,
-- which 3.9.0 forgot.
local args, kafka = use "args", use "kafka"

local options = {
	{ "bootstrap-server", arg = "server to connect to",
	  help = "REQUIRED: brokers to begin with." },
	{ "group", arg = "consumer group", help = "The group." },
	{ "topic", arg = "topic",
	  help = "A topic, or topic:0,1 for some of its partitions." },
	{ "all-topics", help = "Reset all topics the group has offsets of." },
	{ "list", help = "Show all groups." },
	{ "describe", help = "Show what a group reads and how far it is." },
	{ "all-groups", help = "All groups rather than one." },
	{ "delete", help = "Delete groups, offsets and all." },
	{ "timeout", arg = "timeout (ms)", type = "Long", default = 5000,
	  help = "How long to wait for a group." },
	{ "command-config", arg = "command config property file",
	  help = "File with settings of the admin client." },
	{ "reset-offsets", help = "Set where an inactive group goes on." },
	{ "delete-offsets", help = "Delete offsets of a group." },
	{ "dry-run", help = "Only show what would be done." },
	{ "execute", help = "Do it." },
	{ "export", help = "Show the result as CSV." },
	{ "to-offset", arg = "offset", type = "Long", help = "To an offset." },
	{ "from-file", arg = "path to CSV file", help = "To what a file says." },
	{ "to-datetime", arg = "datetime",
	  help = "To a moment: YYYY-MM-DDTHH:mm:SS.sss" },
	{ "by-duration", arg = "duration",
	  help = "To a moment that long ago: PnDTnHnMnS" },
	{ "to-earliest", help = "To the oldest record." },
	{ "to-latest", help = "To the end." },
	{ "to-current", help = "To where the group is." },
	{ "shift-by", arg = "number-of-offsets", type = "Long",
	  help = "Forward, or back with a negative number." },
	{ "members", help = "With --describe: the members." },
	{ "verbose", help = "With --members: what each of them reads." },
	{ "offsets", help = "With --describe: the offsets; that is usual." },
	{ "state", arg = "state", optional = true,
	  help = "With --describe or --list: the state of the group." },
	{ "type", arg = "type", optional = true,
	  help = "With --list: the type of the group." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

local MISSING = "-"

local function print_error(io, message)
	io:write("\nError: ", message, "\n")
end

-- run() catches whatever is thrown; printStackTrace goes to stderr.
local function failed(io, admin, e)
	print_error(io, "Executing consumer group command failed due to "
		.. (e.message or "null"))
	io:err(kafka.stack(e))
	if admin then
		admin:close()
	end
	io:exit(0)
end

local function checked(io, admin, value, e)
	if value == nil then
		failed(io, admin, e)
	end
	return value
end

-- As above for calls whose ExecutionException goes into a RuntimeException.
local function checked_wrapped(io, admin, value, e)
	if value == nil then
		local inner = kafka.execution(e)
		failed(io, admin, { class = "java.lang.RuntimeException",
			message = kafka.text_of(inner), cause = inner })
	end
	return value
end

-- A future's get(): the message is the text of its cause.
local function checked_future(io, admin, value, e)
	if value == nil then
		failed(io, admin, e.at_creation and e or kafka.execution(e))
	end
	return value
end

-- Groups ----------------------------------------------------------------------------

local function all_groups(io, admin)
	local answers, e = admin:answers("list-groups")
	local groups = {}
	if e then
		checked_wrapped(io, admin, nil, e)
	end
	for _, answer in ipairs(answers) do
		for _, group in ipairs(answer.answer.groups) do
			groups[#groups + 1] = group
		end
	end
	table.sort(groups, function(a, b) return a.group < b.group end)
	return groups
end

local function group_ids(io, admin, set)
	if not set:has("all-groups") then
		return set:values("group")
	end
	local ids = {}
	for i, group in ipairs(all_groups(io, admin)) do
		ids[i] = group.group
	end
	return ids
end

local known_states = { stable = true, preparingrebalance = true,
		       completingrebalance = true, empty = true, dead = true,
		       assigning = true, reconciling = true }
local known_types = { consumer = true, classic = true }

-- consumerGroupStatesFromString, consumerGroupTypesFromString.
local function wanted_words(io, set, option, known, one, many, all)
	local wanted = {}
	for word in (set:value(option) or ""):gmatch("[^,%s]+") do
		if not known[word:lower()] then
			parser:usage_exit(io, "Invalid " .. one .. " list '"
				.. set:value(option) .. "'. Valid " .. many
				.. " are: " .. all)
		end
		wanted[#wanted + 1] = word:lower()
	end
	return wanted
end

local function wants(words, word)
	return #words == 0 or kafka.contains(words, word:lower())
end

local function list(io, admin, set)
	local groups = all_groups(io, admin)
	local with_type, with_state = set:has("type"), set:has("state")
	if not with_type and not with_state then
		for _, group in ipairs(groups) do
			io:write(group.group, "\n")
		end
		return
	end
	local width = 15
	local states = wanted_words(io, set, "state", known_states, "state",
		"states",
		"Stable, PreparingRebalance, CompletingRebalance, Empty, Dead, "
		.. "Assigning, Reconciling")
	local types = wanted_words(io, set, "type", known_types, "types", "types",
		"Consumer, Classic")
	for i = #groups, 1, -1 do
		if not wants(states, groups[i].state)
				or not wants(types, groups[i].type) then
			table.remove(groups, i)
		end
	end
	for _, group in ipairs(groups) do
		width = math.max(width, #group.group)
	end
	local function row(group, type_, state)
		io:write(kafka.pad(group, width + 10),
			with_type and " " .. kafka.pad(type_, 20) or "",
			with_state and " " .. kafka.pad(state, 20) or "", "\n")
	end
	row("GROUP", "TYPE", "STATE")
	for _, group in ipairs(groups) do
		row(group.group, group.type, group.state)
	end
end

local function describe_group(io, admin, id)
	return checked_future(io, admin,
		admin:call("describe-group", { group = id }))
end

-- Committed offsets: "topic:0" -> offset.
local function committed(io, admin, id)
	local answer = checked_wrapped(io, admin,
		admin:call("group-offsets", { group = id }))
	local out = {}
	for _, o in ipairs(answer.offsets) do
		out[o.topic .. ":" .. o.partition] = o.offset
	end
	return out
end

local function by_partition(a, b)
	local ta, pa = a:match("^(.*):(%d+)$")
	local tb, pb = b:match("^(.*):(%d+)$")
	if ta ~= tb then
		return ta < tb
	end
	return tonumber(pa) < tonumber(pb)
end

-- Offsets at a time of "topic:0" names.
local function offsets_at(io, admin, names, time)
	local out = {}
	if #names == 0 then
		return out
	end
	local answers, e = admin:answers("list-offsets",
		{ partitions = table.concat(names, ","), time = time })
	if e then
		checked_wrapped(io, admin, nil, e)
	end
	for _, answer in ipairs(answers) do
		for _, o in ipairs(answer.answer.offsets) do
			out[o.topic .. ":" .. o.partition] = o.offset
		end
	end
	return out
end

-- Describe ----------------------------------------------------------------------------

-- Says what the state means for what follows; is there anything to show?
local function show_state(io, id, state, rows)
	if state == "Dead" then
		print_error(io, "Consumer group '" .. id .. "' does not exist.")
	elseif state == "Empty" then
		io:err("\nConsumer group '", id, "' has no active members.\n")
	elseif state ~= "Stable" then
		io:err("\nWarning: Consumer group '", id,
			"' is rebalancing.\n")
	end
	return state ~= "Dead" and rows > 0
end

local function offset_rows(io, admin, id, group)
	local offsets = committed(io, admin, id)
	local rows, names, assigned = {}, {}, {}
	local members = {}
	for _, member in ipairs(group.members) do
		members[#members + 1] = member
	end
	table.sort(members, function(a, b)
		return #a.assignment > #b.assignment
	end)
	local function add(name, member)
		local topic, partition = name:match("^(.*):(%d+)$")
		names[#names + 1] = name
		rows[#rows + 1] = { name = name, topic = topic,
			partition = partition, member = member,
			offset = offsets[name] }
	end
	for _, member in ipairs(members) do
		local own = {}
		for i, a in ipairs(member.assignment) do
			own[i] = a.topic .. ":" .. a.partition
			assigned[own[i]] = true
		end
		table.sort(own, by_partition)
		for _, name in ipairs(own) do
			add(name, member)
		end
	end
	local rest = {}
	for name in pairs(offsets) do
		if not assigned[name] then
			rest[#rest + 1] = name
		end
	end
	table.sort(rest, by_partition)
	for _, name in ipairs(rest) do
		add(name)
	end
	local ends = offsets_at(io, admin, names, -1)
	for _, row in ipairs(rows) do
		row.stop = ends[row.name]
		row.lag = row.offset and row.stop and row.stop - row.offset
	end
	return rows
end

local function describe_offsets(io, admin, ids)
	for _, id in ipairs(ids) do
		local group = describe_group(io, admin, id)
		local rows = offset_rows(io, admin, id, group)
		if show_state(io, id, group.state, #rows) then
			local wide = { #id, 15, 15, 15 }
			wide[1] = math.max(15, wide[1])
			for _, row in ipairs(rows) do
				local m = row.member
				wide[2] = math.max(wide[2], #row.topic)
				wide[3] = math.max(wide[3], m and #m.member_id or 1)
				wide[4] = math.max(wide[4], m and #m.host or 1)
			end
			local function line(...)
				local v = { ... }
				io:write(kafka.pad(v[1], wide[1]), " ",
					kafka.pad(v[2], wide[2]), " ",
					kafka.pad(v[3], 10), " ",
					kafka.pad(v[4], 15), " ",
					kafka.pad(v[5], 15), " ",
					kafka.pad(v[6], 15), " ",
					kafka.pad(v[7], wide[3]), " ",
					kafka.pad(v[8], wide[4]), " ", v[9],
					"\n")
			end
			io:write("\n")
			line("GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET",
				"LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST",
				"CLIENT-ID")
			for _, row in ipairs(rows) do
				local m = row.member or {}
				line(id, row.topic, row.partition,
					row.offset or MISSING,
					row.stop or MISSING, row.lag or MISSING,
					m.member_id or MISSING,
					m.host or MISSING,
					m.client_id or MISSING)
			end
		end
	end
end

-- topic partitions of a member: (0,1), (2)
local function assignment_text(member)
	local by_topic, parts = {}, {}
	for _, a in ipairs(member.assignment) do
		by_topic[a.topic] = by_topic[a.topic] or {}
		table.insert(by_topic[a.topic], tostring(a.partition))
	end
	for _, numbers in pairs(by_topic) do
		table.sort(numbers)
		parts[#parts + 1] = "(" .. table.concat(numbers, ",") .. ")"
	end
	table.sort(parts)
	return #parts > 0 and table.concat(parts, ", ") or MISSING
end

-- The column of static members is there when a group has one.
local function describe_members(io, admin, ids, verbose)
	for _, id in ipairs(ids) do
		local group = describe_group(io, admin, id)
		local wide = { math.max(15, #id), 15, 17, 15, 15 }
		local named = false
		if show_state(io, id, group.state, #group.members) then
			for _, m in ipairs(group.members) do
				local name = m.instance_id or ""
				named = named or name ~= ""
				wide[2] = math.max(wide[2], #m.member_id)
				wide[3] = math.max(wide[3], #name)
				wide[4] = math.max(wide[4], #m.host)
				wide[5] = math.max(wide[5], #m.client_id)
			end
		end
		local function line(last, ...)
			for i, value in ipairs({ ... }) do
				if i ~= 3 or named then
					io:write(kafka.pad(value, wide[i] or 15),
						" ")
				end
			end
			io:write(verbose and last or "", "\n")
		end
		io:write("\n")
		line("ASSIGNMENT", "GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID",
			"HOST", "CLIENT-ID", "#PARTITIONS")
		for _, m in ipairs(group.members) do
			line(assignment_text(m), id, m.member_id,
				m.instance_id or "", m.host, m.client_id,
				#m.assignment)
		end
	end
end

local function node_text(io, admin, id)
	local cluster = checked(io, admin, admin:call("describe-cluster"))
	for _, node in ipairs(cluster.nodes) do
		if node.id == id then
			return node.host .. ":" .. node.port .. "  (" .. id .. ")"
		end
	end
	return "-"
end

local function describe_states(io, admin, ids)
	for _, id in ipairs(ids) do
		local group = describe_group(io, admin, id)
		if show_state(io, id, group.state, 1) then
			local coordinator = node_text(io, admin,
				group.coordinator)
			local width = math.max(25, #coordinator)
			local function line(...)
				local v = { ... }
				io:write("\n", kafka.pad(v[1], width), " ",
					kafka.pad(v[2], 25), " ",
					kafka.pad(v[3], 20), " ",
					kafka.pad(v[4], 15), " ", v[5])
			end
			line("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY",
				"STATE", "#MEMBERS")
			line(id, coordinator, group.assignor, group.state,
				#group.members)
			io:write("\n")
		end
	end
end

local function describe(io, admin, set)
	local ids = group_ids(io, admin, set)
	table.sort(ids)
	if set:has("members") then
		describe_members(io, admin, ids, set:has("verbose"))
	elseif set:has("state") then
		describe_states(io, admin, ids)
	else
		describe_offsets(io, admin, ids)
	end
end

-- Delete ---------------------------------------------------------------------------------

local function delete(io, admin, set)
	local good, bad = {}, {}
	for _, id in ipairs(group_ids(io, admin, set)) do
		local _, e = admin:call("delete-group", { group = id })
		if e then
			bad[#bad + 1] = { id, kafka.execution(e) }
		else
			good[#good + 1] = id
		end
	end
	if #bad == 0 then
		io:write("Deletion of requested consumer groups ('",
			table.concat(good, ", "), "') was successful.\n")
		return
	end
	print_error(io, "Deletion of some consumer groups failed:")
	for _, one in ipairs(bad) do
		io:write("* Group '", one[1], "' could not be deleted due to: ",
			kafka.text_of(one[2]), "\n")
	end
	if #good > 0 then
		io:write("\nThese consumer groups were deleted successfully: '",
			table.concat(good, "'"), "', '\n")
	end
end

-- The command line ---------------------------------------------------------------------------

local scenarios = { "to-offset", "to-datetime", "by-duration", "to-earliest",
		    "to-latest", "to-current", "shift-by", "from-file" }

local offsets = use "offset_reset"{
	parser = parser, print_error = print_error, failed = failed,
	checked_wrapped = checked_wrapped, committed = committed,
	offsets_at = offsets_at, by_partition = by_partition,
	group_ids = group_ids, describe_group = describe_group,
}

local actions = { "list", "describe", "delete", "reset-offsets",
		  "delete-offsets" }

local function check_describe(io, set)
	local count = 0
	if not set:has("group") and not set:has("all-groups") then
		parser:usage_exit(io, "Option [describe] takes one of these "
			.. "options: [all-groups], [group]")
	end
	for _, name in ipairs({ "members", "offsets", "state" }) do
		count = count + (set:has(name) and 1 or 0)
	end
	if count > 1 then
		parser:usage_exit(io, "Option [describe] takes at most one of "
			.. "these options: [members], [offsets], [state]")
	end
	if set:has("state") and set:value("state") then
		parser:usage_exit(io, "Option [describe] does not take a value "
			.. "for [state]")
	end
end

local function check_reset(io, set)
	if set:has("dry-run") and set:has("execute") then
		parser:usage_exit(io, "Option [reset-offsets] only accepts one "
			.. "of [execute] and [dry-run]")
	end
	if not set:has("dry-run") and not set:has("execute") then
		io:err("WARN: No action will be performed as the --execute ",
			"option is missing.In a future major release, the ",
			"default behavior of this command will be to prompt ",
			"the user before executing the reset rather than ",
			"doing a dry run. You should add the --dry-run option ",
			"explicitly if you are scripting this command and ",
			"want to keep the current default behavior without ",
			"prompting.\n")
	end
	if not set:has("group") and not set:has("all-groups") then
		parser:usage_exit(io, "Option [reset-offsets] takes one of "
			.. "these options: [all-groups], [group]")
	end
	for _, one in ipairs(scenarios) do
		for _, other in ipairs(scenarios) do
			if one ~= other then
				parser:check_invalid(io, set, one, other)
			end
		end
	end
end

local function check(io, set)
	parser:check_required(io, set, "bootstrap-server")
	if set:has("describe") then
		check_describe(io, set)
	end
	if set:has("delete") then
		if not set:has("group") and not set:has("all-groups") then
			parser:usage_exit(io, "Option [delete] takes one of "
				.. "these options: [all-groups], [group]")
		end
		if set:has("topic") then
			parser:usage_exit(io, "The consumer does not support "
				.. "topic-specific offset deletion from a "
				.. "consumer group.")
		end
	end
	if set:has("delete-offsets") and not (set:has("group")
			and set:has("topic")) then
		parser:usage_exit(io, "Option [delete-offsets] takes the "
			.. "following options: [topic], [group]")
	end
	if set:has("reset-offsets") then
		check_reset(io, set)
	end
	parser:check_invalid(io, set, "group", "all-groups")
	local count = 0
	for _, name in ipairs(actions) do
		count = count + (set:has(name) and 1 or 0)
	end
	if count ~= 1 then
		parser:usage_exit(io, "Command must include exactly one action: "
			.. "--list, --describe, --delete, --reset-offsets, "
			.. "--delete-offsets")
	end
end

return {
	name = "kafka-consumer-groups.sh",
	summary = "list, describe, delete groups, reset offsets",
	usage = "kafka-consumer-groups.sh --bootstrap-server H:P ACTION "
		.. "[OPTION]...",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = parser:parse_or_usage(io, argv)
		parser:help_or_version(io, argv, set, "This tool helps to list "
			.. "all consumer groups, describe a consumer group, "
			.. "delete consumer group info, or reset consumer group "
			.. "offsets.", kafka.VERSION)
		check(io, set)
		kafka.not_here(io, set, "command-config")
		local admin, e = kafka.admin(io, set:value("bootstrap-server"),
			{ timeout_ms = set:value("timeout") })
		if not admin then
			failed(io, nil, e)
		end
		if set:has("list") then
			list(io, admin, set)
		elseif set:has("describe") then
			describe(io, admin, set)
		elseif set:has("delete") then
			delete(io, admin, set)
		elseif set:has("delete-offsets") then
			offsets.delete_offsets(io, admin, set)
		else
			offsets.reset(io, admin, set)
		end
		admin:close()
		return 0
	end,
}
