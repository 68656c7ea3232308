-- kafka-configs.lua - show and change settings of topics and brokers
--
-- kafka.admin.ConfigCommand, Kafka 3.9.  Simplified: settings of brokers can be
-- shown, not changed; users, clients, addresses and loggers are not there.
local args, kafka = use "args", use "kafka"

local function entity(name, what, help)
	return { name, arg = what, help = help }
end

local options = {
	{ "bootstrap-server", arg = "server to connect to",
	  help = "Brokers to begin with." },
	{ "bootstrap-controller", arg = "controller to connect to",
	  help = "Controllers to begin with." },
	{ "command-config", arg = "command config property file",
	  help = "File with settings of the admin client." },
	{ "alter", help = "Change settings." },
	{ "describe", help = "Show settings that were set." },
	{ "all", help = "With --describe: show all, defaults too." },
	{ "entity-type", arg = "", help = "topics or brokers." },
	{ "entity-name", arg = "", help = "Name of a topic, id of a broker." },
	{ "entity-default", help = "What holds for all brokers." },
	{ "add-config", arg = "", help = "k1=v1,k2=[v1,v2],k3=v3" },
	{ "add-config-file", arg = "", help = "A file with such settings." },
	{ "delete-config", arg = "", separator = ",", help = "k1,k2" },
	{ "force", help = "Ask nothing." },
	entity("topic", "", "The name of a topic."),
	entity("broker", "", "The id of a broker."),
	entity("client", "", "Not simulated."),
	entity("user", "", "Not simulated."),
	entity("ip", "", "Not simulated."),
	entity("broker-logger", "", "Not simulated."),
	{ "broker-defaults", help = "What holds for all brokers." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

-- Errors of the command line: the sentence alone.
local function short(io, message)
	io:err(message, "\n")
	io:exit(1)
end

local function long(io, argv, admin, e)
	if not e.at_creation then
		e = kafka.execution(e)
	end
	io:err("Error while executing config command with args '",
		table.concat(argv, " "), "'\n", kafka.stack(e))
	admin:close()
	io:exit(1)
end

local function target(set)
	if set:has("topic") then
		return "topics", set:value("topic")
	elseif set:has("broker") then
		return "brokers", set:value("broker")
	elseif set:has("broker-defaults") then
		return "brokers", ""
	end
	local name = set:value("entity-name")
	return set:value("entity-type"),
		set:has("entity-default") and "" or name
end

local types = { "topics", "clients", "users", "brokers", "ips",
		"broker-loggers", "client-metrics" }

local function check(io, set, kind, name)
	if set:has("alter") == set:has("describe") then
		parser:usage_exit(io, "Command must include exactly one action: "
			.. "--describe, --alter")
	end
	parser:check_invalid(io, set, "describe", "add-config",
		"delete-config")
	if not set:has("bootstrap-server") then
		short(io, "One of the required --bootstrap-server, "
			.. "--boostrap-controller, or --zookeeper arguments "
			.. "must be specified")
	end
	if not kind then
		short(io, "At least one entity type must be specified")
	end
	if not kafka.contains(types, kind) then
		short(io, "Invalid entity type " .. kind .. ", the entity type "
			.. "must be one of " .. table.concat(types, ", ")
			.. " with a --bootstrap-server or "
			.. "--bootstrap-controller argument")
	end
	if kind ~= "topics" and kind ~= "brokers" then
		short(io, io.name .. ": settings of " .. kind
			.. " are not simulated here")
	end
	if kind == "brokers" and name and name ~= ""
			and not name:find("^%d+$") then
		short(io, "The entity name for brokers must be a valid integer "
			.. "broker id, but it is: " .. name)
	end
	if not set:has("alter") then
		return
	end
	if not name then
		short(io, kind == "topics" and "an entity name must be "
			.. "specified with --alter of topics"
			or "an entity-name or default entity must be specified "
			.. "with --alter of users, clients, brokers or ips")
	end
	if set:has("add-config") and set:has("add-config-file") then
		short(io, "Only one of --add-config or --add-config-file must "
			.. "be specified")
	end
	if not set:has("add-config") and not set:has("add-config-file")
			and not set:has("delete-config") then
		short(io, "At least one of --add-config, --add-config-file, or "
			.. "--delete-config must be specified with --alter")
	end
end

-- Settings ----------------------------------------------------------------------------

-- k1=v1,k2=[v1,v2]: commas and = within brackets do not part.
local function read_settings(io, text)
	local out, depth, from = {}, 0, 1
	local function add(pair)
		local key, value = pair:match("^%s*(.-)%s*=%s*(.-)%s*$")
		if not key or value:gsub("%[.*%]", ""):find("=") then
			short(io, "requirement failed: Invalid entity config: "
				.. "all configs to be added must be in the "
				.. "format \"key=val\".")
		end
		out[#out + 1] = { key, (value:gsub("[%[%]]", "")) }
	end
	for i = 1, #text do
		local c = text:sub(i, i)
		depth = depth + (c == "[" and 1 or c == "]" and -1 or 0)
		if c == "," and depth == 0 then
			add(text:sub(from, i - 1))
			from = i + 1
		end
	end
	add(text:sub(from))
	return out
end

local function read_file(io, name)
	local text, why = files.read(name)
	local out = {}
	if not text then
		short(io, why)
	end
	for line in text:gmatch("[^\n]+") do
		local key, value = line:match("^%s*([^#!%s=:][^=:]-)%s*[=:]%s*"
			.. "(.-)%s*$")
		if key then
			out[#out + 1] = { key, value }
		end
	end
	return out
end

local function synonyms_text(entry)
	local out = {}
	for i, s in ipairs(entry.synonyms) do
		out[i] = s.source .. ":" .. s.name .. "=" .. s.value
	end
	return table.concat(out, ", ")
end

-- The level that an entity's own settings have.
local function dynamic(kind, name)
	return kind == "topics" and "DYNAMIC_TOPIC_CONFIG"
		or name == "" and "DYNAMIC_DEFAULT_BROKER_CONFIG"
		or "DYNAMIC_BROKER_CONFIG"
end

local function entries_of(io, argv, admin, kind, name)
	local fields = kind == "topics" and { topics = name }
		or { broker = name == "" and "default" or name }
	local by_name, e = kafka.configs(admin, fields)
	if not by_name then
		long(io, argv, admin, e)
	end
	local entries = by_name[name] or {}
	table.sort(entries, function(a, b) return a.name < b.name end)
	return entries
end

local function describe_one(io, argv, admin, kind, name, all)
	if name == "" then
		io:write("Default configs for ", kind, " in the cluster are:\n")
	else
		io:write(all and "All" or "Dynamic", " configs for ",
			kind:sub(1, -2), " ", name, " are:\n")
	end
	for _, entry in ipairs(entries_of(io, argv, admin, kind, name)) do
		if all or entry.source == dynamic(kind, name) then
			io:write("  ", entry.name, "=", entry.value,
				" sensitive=false synonyms={",
				synonyms_text(entry), "}\n")
		end
	end
end

-- Without a name: all topics, or all brokers and their default.
local function names_of(io, argv, admin, kind)
	local names, e, cluster = {}, nil, nil
	if kind == "topics" then
		names, e = kafka.topic_names(admin)
		return names or long(io, argv, admin, e)
	end
	cluster, e = admin:call("describe-cluster")
	if not cluster then
		long(io, argv, admin, e)
	end
	for i, node in ipairs(cluster.nodes) do
		names[i] = tostring(node.id)
	end
	names[#names + 1] = ""
	return names
end

local function describe(io, argv, admin, set, kind, name)
	local names = name and { name } or names_of(io, argv, admin, kind)
	for _, one in ipairs(names) do
		describe_one(io, argv, admin, kind, one, set:has("all"))
	end
end

local function alter(io, argv, admin, set, kind, name)
	local adds = set:has("add-config-file")
		and read_file(io, set:value("add-config-file"))
		or set:has("add-config")
		and read_settings(io, set:value("add-config")) or {}
	local deletes = set:has("delete-config")
		and set:values("delete-config") or {}
	local fields = kind == "topics" and { topic = name }
		or { broker = name == "" and "default" or name }
	local now, unknown = {}, {}
	for _, entry in ipairs(entries_of(io, argv, admin, kind, name)) do
		now[entry.name] = entry.source == dynamic(kind, name)
	end
	for _, key in ipairs(deletes) do
		if not now[key] then
			unknown[#unknown + 1] = key
		end
	end
	if #unknown > 0 then
		admin:close()
		short(io, "Invalid config(s): " .. table.concat(unknown, ","))
	end
	for _, pair in ipairs(adds) do
		fields["set." .. pair[1]] = pair[2]
	end
	if #deletes > 0 then
		fields.delete = table.concat(deletes, ",")
	end
	local _, e = admin:call("alter-configs", fields)
	if e then
		long(io, argv, admin, e)
	end
	if name == "" then
		io:write("Completed updating default config for ", kind,
			" in the cluster.\n")
	else
		io:write("Completed updating config for ", kind:sub(1, -2), " ",
			name, ".\n")
	end
end

return {
	name = "kafka-configs.sh",
	summary = "show and change settings of topics and brokers",
	usage = "kafka-configs.sh --bootstrap-server H:P --entity-type topics "
		.. "--entity-name T --describe|--alter ...",
	options = options,
	complete = function(line, n)
		if line[n - 1] == "--entity-name" then
			return sim.topics()
		elseif line[n - 1] == "--entity-type" then
			return { "topics", "brokers" }
		end
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set, e = parser:parse(argv)
		if not set then
			short(io, e.message)
		end
		parser:help_or_version(io, argv, set, "This tool helps to "
			.. "manipulate and describe entity config for a topic, "
			.. "client, user, broker, ip or client-metrics",
			kafka.VERSION)
		local kind, name = target(set)
		kafka.not_here(io, set, "bootstrap-controller",
			"command-config")
		check(io, set, kind, name)
		local admin
		admin, e = kafka.admin(io, set:value("bootstrap-server"))
		if not admin then
			io:err("Error while executing config command with args '",
				table.concat(argv, " "), "'\n", kafka.stack(e))
			return 1
		end
		if set:has("describe") then
			describe(io, argv, admin, set, kind, name)
		else
			alter(io, argv, admin, set, kind, name)
		end
		admin:close()
		return 0
	end,
}
