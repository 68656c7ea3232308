-- kafka-reassign-partitions.lua - move partitions between brokers
--
-- org.apache.kafka.tools.reassign.ReassignPartitionsCommand, Kafka 3.9; the
-- plan of --generate is AdminUtils.assignReplicasToBrokers.  Simplified: no
-- throttles, one log directory a broker; where the real plan begins at a
-- random broker, ours begins at one drawn from the world's seed.
local args, kafka, reply = use "args", use "kafka", use "reply"

local options = {
	{ "bootstrap-server", arg = "Server(s) to use for bootstrapping",
	  help = "REQUIRED: brokers to begin with." },
	{ "command-config", arg = "Admin client property file",
	  help = "File with settings of the admin client." },
	{ "generate", help = "Show a plan; change nothing." },
	{ "execute", help = "Begin to move what a file says." },
	{ "verify", help = "Show how far it is." },
	{ "cancel", help = "Take moves back that are not done." },
	{ "list", help = "Show moves under way." },
	{ "reassignment-json-file", arg = "manual assignment json file path",
	  help = "File with the plan: {\"version\": 1, \"partitions\": [{"
		.. "\"topic\": \"t\", \"partition\": 0, \"replicas\": "
		.. "[1, 2]}]}" },
	{ "topics-to-move-json-file", arg = "topics to reassign json file path",
	  help = "File with topics: {\"topics\": [{\"topic\": \"t\"}], "
		.. "\"version\": 1}" },
	{ "broker-list", arg = "brokerlist",
	  help = "Brokers that shall hold them: 1,2,3" },
	{ "disable-rack-aware", help = "Do not look at racks." },
	{ "additional", help = "Although others are under way." },
	{ "throttle", arg = "throttle", type = "Long", default = -1,
	  help = "Not simulated." },
	{ "replica-alter-log-dirs-throttle", type = "Long", default = -1,
	  arg = "replicaAlterLogDirsThrottle", help = "Not simulated." },
	{ "timeout", arg = "timeout", type = "Long", default = 10000,
	  help = "For moves between log directories." },
	{ "preserve-throttles", help = "Leave throttles as they are." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

-- TerseException: the sentence; others: with a stack trace.  Both on stdout.
local function terse(io, admin, message)
	io:write(message, "\n")
	if admin then
		admin:close()
	end
	io:exit(1)
end

local function failed(io, admin, e)
	if not e.at_creation and e.class:find("common%.errors") then
		e = kafka.execution(e)
	end
	terse(io, admin, "Error: " .. (e.message or "null") .. "\n"
		.. kafka.stack(e))
end

local function operation(message)
	return kafka.exception("org.apache.kafka.server.common."
		.. "AdminOperationException", message)
end

local function command_failed(message)
	return kafka.exception("org.apache.kafka.server.common."
		.. "AdminCommandFailedException", message)
end

local function checked(io, admin, value, e)
	if value == nil then
		failed(io, admin, e)
	end
	return value
end

-- Assignments: lists of {topic, partition, replicas}, sorted -----------------------

local function name_of(p)
	return p.topic .. "-" .. p.partition
end

local function sort(list)
	table.sort(list, function(a, b)
		if a.topic ~= b.topic then
			return a.topic < b.topic
		end
		return a.partition < b.partition
	end)
	return list
end

local function names(list)
	local out = {}
	for i, p in ipairs(list) do
		out[i] = name_of(p)
	end
	return table.concat(out, ",")
end

-- Keys in the order in which the tool writes them.
local function as_json(list)
	local out = {}
	for i, p in ipairs(list) do
		out[i] = ('{"topic":%s,"partition":%d,"replicas":[%s],'
			.. '"log_dirs":[%s]}'):format(json.encode(p.topic),
			p.partition, kafka.list(p.replicas),
			('"any",'):rep(#p.replicas):sub(1, -2))
	end
	return '{"version":1,"partitions":[' .. table.concat(out, ",") .. "]}"
end

local function read_json(io, admin, name)
	local text, why = files.read(name)
	if not text then
		failed(io, admin, kafka.exception("java.nio.file."
			.. "NoSuchFileException", why))
	end
	local data, problem = json.decode(text)
	if type(data) ~= "table" then
		failed(io, admin, operation("The input string is not a valid "
			.. "JSON" .. (problem and ": " .. problem or "")))
	end
	if data.version and data.version ~= 1 then
		failed(io, admin, operation("Not supported version field "
			.. "value " .. tostring(data.version)))
	end
	return data
end

local function bad_file(io, admin)
	failed(io, admin, operation("Each of \"partitions\" needs \"topic\", "
		.. "\"partition\" and \"replicas\", a list of broker ids"))
end

local function read_plan(io, admin, set)
	local data = read_json(io, admin, set:value("reassignment-json-file"))
	local list, seen = {}, {}
	if not reply.fits(data.partitions or {}, reply.plan) then
		bad_file(io, admin)
	end
	for i, p in ipairs(data.partitions or {}) do
		list[i] = { topic = p.topic, partition = p.partition,
			    replicas = p.replicas }
		seen[i] = name_of(p)
	end
	if #list == 0 then
		failed(io, admin, command_failed("Partition reassignment list "
			.. "cannot be empty"))
	end
	for _, p in ipairs(list) do
		if #p.replicas == 0 then
			failed(io, admin, command_failed("Partition replica "
				.. "list cannot be empty"))
		elseif #kafka.duplicates(p.replicas) > 0 then
			failed(io, admin, command_failed("Partition replica "
				.. "lists may not contain duplicate entries: "
				.. name_of(p) .. " contains multiple entries "
				.. "for "
				.. kafka.list(kafka.duplicates(p.replicas))))
		end
	end
	if #kafka.duplicates(seen) > 0 then
		failed(io, admin, command_failed("Partition reassignment "
			.. "contains duplicate topic partitions: "
			.. kafka.list(kafka.duplicates(seen))))
	end
	return sort(list)
end

local function cluster_nodes(io, admin)
	return checked(io, admin, admin:call("describe-cluster")).nodes
end

-- Where these topics are now: list, and by name of the partition.
local function current(io, admin, topics)
	local list, by_name = {}, {}
	local found, e = kafka.describe(admin, topics)
	if not found then
		failed(io, admin, e)
	end
	for _, topic in ipairs(topics) do
		for _, p in ipairs(found[topic].partitions) do
			local one = { topic = topic, partition = p.partition,
				      replicas = p.replicas }
			list[#list + 1] = one
			by_name[name_of(one)] = one
		end
	end
	return sort(list), by_name
end

local function topics_of(list)
	local out, seen = {}, {}
	for _, p in ipairs(list) do
		if not seen[p.topic] then
			seen[p.topic] = true
			out[#out + 1] = p.topic
		end
	end
	return out
end

local function moves(io, admin)
	return sort(checked(io, admin,
		admin:call("list-reassignments")).reassignments)
end

-- --generate ------------------------------------------------------------------------

local function replica_index(first, shift, j, n)
	return (first + 1 + (shift + j) % (n - 1)) % n
end

local function assign_plain(brokers, partitions, rf, start, shift)
	local out, n = {}, #brokers
	for p = 0, partitions - 1 do
		if p > 0 and p % n == 0 then
			shift = shift + 1
		end
		local first = (p + start) % n
		local replicas = { brokers[first + 1].id }
		for j = 0, rf - 2 do
			replicas[#replicas + 1] =
				brokers[replica_index(first, shift, j, n) + 1].id
		end
		out[p] = replicas
	end
	return out
end

-- One broker of each rack in turn.
local function alternated(brokers)
	local racks, by_rack, out = {}, {}, {}
	for _, b in ipairs(brokers) do
		if not by_rack[b.rack] then
			by_rack[b.rack] = {}
			racks[#racks + 1] = b.rack
		end
		table.insert(by_rack[b.rack], b)
	end
	table.sort(racks)
	for i = 1, #brokers do
		for _, rack in ipairs(racks) do
			out[#out + 1] = by_rack[rack][i]
		end
	end
	return out, #racks
end

local function assign_racks(brokers, partitions, rf, start, shift)
	local out, n, racks = {}, #brokers, nil
	brokers, racks = alternated(brokers)
	for p = 0, partitions - 1 do
		if p > 0 and p % n == 0 then
			shift = shift + 1
		end
		local first, k = (p + start) % n, 0
		local leader = brokers[first + 1]
		local replicas = { leader.id }
		local used_racks, used = { [leader.rack] = true },
			{ [leader.id] = true }
		local rack_count = 1
		while #replicas < rf do
			local b = brokers[replica_index(first, shift * racks, k,
				n) + 1]
			k = k + 1
			if (not used_racks[b.rack] or rack_count == racks)
					and (not used[b.id] or #replicas == n) then
				replicas[#replicas + 1] = b.id
				rack_count = rack_count
					+ (used_racks[b.rack] and 0 or 1)
				used_racks[b.rack], used[b.id] = true, true
			end
		end
		out[p] = replicas
	end
	return out
end

local function wanted_brokers(io, admin, set)
	local out, wanted, with_rack = {}, {}, 0
	for _, id in ipairs(kafka.split(set:value("broker-list"), ",")) do
		if not id:find("^%d+$") then
			failed(io, admin, kafka.exception("java.lang."
				.. "NumberFormatException",
				'For input string: "' .. id .. '"'))
		end
		if wanted[tonumber(id)] then
			failed(io, admin, command_failed("Broker list contains "
				.. "duplicate entries: [" .. id .. "]"))
		end
		wanted[tonumber(id)] = true
	end
	for _, node in ipairs(cluster_nodes(io, admin)) do
		if wanted[node.id] then
			out[#out + 1] = node
			with_rack = with_rack + (node.rack and 1 or 0)
		end
	end
	local aware = not set:has("disable-rack-aware")
	if aware and with_rack > 0 and with_rack < #out then
		failed(io, admin, operation("Not all brokers have rack "
			.. "information. Add --disable-rack-aware in command "
			.. "line to make replica assignment without rack "
			.. "information."))
	end
	return out, aware and with_rack > 0
end

local function generate(io, admin, set)
	local data = read_json(io, admin, set:value("topics-to-move-json-file"))
	local topics, plan = {}, {}
	if not reply.fits(data.topics or {}, reply.topics) then
		failed(io, admin, operation("Each of \"topics\" needs "
			.. "\"topic\", a name"))
	end
	for i, t in ipairs(data.topics or {}) do
		topics[i] = t.topic
	end
	local now = current(io, admin, topics)
	local brokers, racks = wanted_brokers(io, admin, set)
	for _, topic in ipairs(topics) do
		local count, rf = 0, 0
		for _, p in ipairs(now) do
			if p.topic == topic then
				count, rf = count + 1, #p.replicas
			end
		end
		if rf > #brokers then
			failed(io, admin, kafka.exception("org.apache.kafka."
				.. "common.errors."
				.. "InvalidReplicationFactorException",
				"Replication factor: " .. rf .. " larger than "
				.. "available brokers: " .. #brokers .. "."))
		end
		local luck = sim.world().seed % 65537 + #topic * 7
		local assign = racks and assign_racks or assign_plain
		local rows = assign(brokers, count, rf, luck % #brokers,
			luck // 7 % #brokers)
		for p = 0, count - 1 do
			plan[#plan + 1] = { topic = topic, partition = p,
					    replicas = rows[p] }
		end
	end
	io:write("Current partition replica assignment\n", as_json(now),
		"\n\nProposed partition reassignment configuration\n",
		as_json(sort(plan)), "\n")
end

-- --execute, --verify, --cancel, --list -------------------------------------------------

local function alter(io, admin, list, replicas_of)
	local items, errors = {}, {}
	for i, p in ipairs(list) do
		items[i] = p.topic .. ":" .. p.partition .. ":" .. replicas_of(p)
	end
	local answer = checked(io, admin, admin:call("alter-reassignments",
		{ moves = table.concat(items, ",") }))
	for _, r in ipairs(sort(answer.results)) do
		if r.error then
			errors[#errors + 1] = name_of(r) .. ": " .. r.message
		end
	end
	return errors
end

local function execute(io, admin, set)
	local plan = read_plan(io, admin, set)
	if #moves(io, admin) > 0 and not set:has("additional") then
		terse(io, admin, "Cannot execute because there is an existing "
			.. "partition assignment.  Use --additional to override "
			.. "this and create a new partition assignment in "
			.. "addition to the existing one. The --additional flag "
			.. "can also be used to change the throttle by "
			.. "resubmitting the current reassignment.")
	end
	local alive = {}
	for _, node in ipairs(cluster_nodes(io, admin)) do
		alive[node.id] = true
	end
	for _, p in ipairs(plan) do
		for _, id in ipairs(p.replicas) do
			if not alive[id] then
				failed(io, admin, command_failed("Unknown "
					.. "broker id " .. id))
			end
		end
	end
	local _, by_name = current(io, admin, topics_of(plan))
	local now = {}
	for i, p in ipairs(plan) do
		now[i] = by_name[name_of(p)]
		if not now[i] then
			failed(io, admin, kafka.exception("org.apache.kafka."
				.. "common.errors."
				.. "UnknownTopicOrPartitionException",
				"Unable to find partition: " .. name_of(p)))
		end
	end
	io:write("Current partition replica assignment\n\n", as_json(now),
		"\n\nSave this to use as the --reassignment-json-file option ",
		"during rollback\n")
	local errors = alter(io, admin, plan, function(p)
		return table.concat(kafka.split(kafka.list(p.replicas), ","),
			"/")
	end)
	if #errors > 0 then
		terse(io, admin, "Error reassigning partition(s):\n"
			.. table.concat(errors, "\n"))
	end
	io:write("Successfully started partition reassignment",
		#plan == 1 and "" or "s", " for ", names(plan), "\n")
end

local function same(a, b)
	return kafka.list(a) == kafka.list(b)
end

local function plural(word, list)
	return word .. (#list == 1 and "" or "s")
end

local function clear_throttles(io, admin, plan)
	local ids, seen = {}, {}
	for _, node in ipairs(cluster_nodes(io, admin)) do
		ids[#ids + 1] = node.id
		seen[node.id] = true
	end
	for _, p in ipairs(plan) do
		for _, id in ipairs(p.replicas) do
			if not seen[id] then
				ids[#ids + 1], seen[id] = id, true
			end
		end
	end
	table.sort(ids)
	local topics = topics_of(plan)
	io:write("Clearing broker-level throttles on ", plural("broker", ids),
		" ", kafka.list(ids), "\nClearing topic-level throttles on ",
		plural("topic", topics), " ", table.concat(topics, ","), "\n")
end

local function verify(io, admin, set)
	local plan, moving = read_plan(io, admin, set), {}
	local under_way = moves(io, admin)
	for _, m in ipairs(under_way) do
		moving[name_of(m)] = true
	end
	local known = {}
	for _, name in ipairs(checked(io, admin, kafka.topic_names(admin))) do
		known[name] = true
	end
	local topics = {}
	for _, name in ipairs(topics_of(plan)) do
		if known[name] then
			topics[#topics + 1] = name
		end
	end
	local _, by_name = current(io, admin, topics)
	io:write("Status of partition reassignment:\n")
	for _, p in ipairs(plan) do
		local name = name_of(p)
		local now = by_name[name] and by_name[name].replicas or {}
		if moving[name] then
			io:write("Reassignment of partition ", name,
				" is still in progress.\n")
		elseif same(now, p.replicas) then
			io:write("Reassignment of partition ", name,
				" is completed.\n")
		else
			io:write("There is no active reassignment of partition ",
				name, ", but replica set is ", kafka.list(now),
				" rather than ", kafka.list(p.replicas), ".\n")
		end
	end
	io:write("\n")
	if #under_way == 0 and not set:has("preserve-throttles") then
		clear_throttles(io, admin, plan)
	end
end

local function cancel(io, admin, set)
	local plan, moving, active = read_plan(io, admin, set), {}, {}
	for _, m in ipairs(moves(io, admin)) do
		moving[name_of(m)] = true
	end
	for _, p in ipairs(plan) do
		if moving[name_of(p)] then
			active[#active + 1] = p
		end
	end
	if #active == 0 then
		io:write("None of the specified partition reassignments are ",
			"active.\n")
	else
		local errors = alter(io, admin, active, function()
			return ""
		end)
		if #errors > 0 then
			terse(io, admin, "Error cancelling partition "
				.. plural("reassignment", errors) .. " for:\n"
				.. table.concat(errors, "\n"))
		end
		io:write("Successfully cancelled partition ",
			plural("reassignment", active), " for: ", names(active),
			"\n")
	end
	io:write("None of the specified partition moves are active.\n")
	if not set:has("preserve-throttles") then
		clear_throttles(io, admin, plan)
	end
end

local function list(io, admin)
	local under_way = moves(io, admin)
	if #under_way == 0 then
		io:write("No partition reassignments found.\n")
		return
	end
	io:write("Current partition reassignments:\n")
	for _, m in ipairs(under_way) do
		io:write(name_of(m), ": replicas: ", kafka.list(m.replicas), ".",
			#m.adding > 0 and " adding: " .. kafka.list(m.adding)
				.. "." or "",
			#m.removing > 0 and " removing: "
				.. kafka.list(m.removing) .. "." or "", "\n")
	end
end

-- The command line --------------------------------------------------------------------------

local actions = {
	{ "generate", generate, "topics-to-move-json-file", "broker-list" },
	{ "execute", execute, "reassignment-json-file" },
	{ "verify", verify, "reassignment-json-file" },
	{ "cancel", cancel, "reassignment-json-file" },
	{ "list", list },
}

local function action_of(io, set)
	local found
	for _, action in ipairs(actions) do
		if set:has(action[1]) then
			if found then
				found = nil
				break
			end
			found = action
		end
	end
	if not found then
		parser:usage_exit(io, "Command must include exactly one action: "
			.. "--generate, --execute, --verify, --cancel, --list")
	end
	if not set:has("bootstrap-server") then
		parser:usage_exit(io, "Please specify --bootstrap-server")
	end
	parser:check_required(io, set, table.unpack(found, 3))
	return found[2]
end

return {
	name = "kafka-reassign-partitions.sh",
	summary = "move partitions between brokers",
	usage = "kafka-reassign-partitions.sh --bootstrap-server H:P "
		.. "--generate|--execute|--verify|--list ...",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = parser:parse_or_throw(io, argv)
		parser:help_or_version(io, argv, set, "This tool helps to move "
			.. "topic partitions between replicas.", kafka.VERSION)
		local run = action_of(io, set)
		kafka.not_here(io, set, "command-config", "throttle",
			"replica-alter-log-dirs-throttle")
		local admin, e = kafka.admin(io, set:value("bootstrap-server"),
			{ client_id = "reassign-partitions-tool" })
		if not admin then
			failed(io, nil, e)
		end
		run(io, admin, set)
		admin:close()
		return 0
	end,
}
