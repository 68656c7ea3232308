-- kafka-log-dirs.lua - what lies in the log directories of brokers
--
-- org.apache.kafka.tools.LogDirsCommand, Kafka 3.9.  Keys stand in the order in
-- which its java.util.HashMap yields them.  Simplified: partitions stand in the
-- order of their topics' creation, real ones in that of a hash.
local args, kafka = use "args", use "kafka"

local options = {
	{ "bootstrap-server", arg = "The server(s) to use for bootstrapping",
	  help = "REQUIRED: brokers to begin with." },
	{ "command-config", arg = "Admin client property file",
	  help = "File with settings of the admin client." },
	{ "describe", help = "Show directories and what is in them." },
	{ "topic-list", arg = "Topic list", default = "",
	  help = "Topics: t1,t2; all when there is none." },
	{ "broker-list", arg = "Broker list", default = "",
	  help = "Brokers: 1,2; all when there is none." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

local function failed(io, admin, e)
	if admin then
		admin:close()
	end
	if not e.at_creation then
		e = kafka.execution(e)
	end
	io:err(e.message or "null", "\n", kafka.stack(e), "\n")
	io:exit(1)
end

local function items(text)
	local out = {}
	for _, item in ipairs(kafka.split(text, ",")) do
		if item ~= "" then
			out[#out + 1] = item
		end
	end
	return out
end

local function broker_ids(io, set)
	local ids = {}
	for i, text in ipairs(items(set:value("broker-list"))) do
		if not text:find("^%-?%d+$") then
			failed(io, nil, { class = "java.lang."
				.. "NumberFormatException", at_creation = true,
				message = 'For input string: "' .. text .. '"' })
		end
		ids[i] = math.tointeger(tonumber(text))
	end
	table.sort(ids)
	return ids
end

local function living(io, admin)
	local cluster, e = admin:call("describe-cluster")
	local ids = {}
	for i, node in ipairs(cluster and cluster.nodes
			or failed(io, admin, e)) do
		ids[i] = node.id
	end
	table.sort(ids)
	return ids
end

local function check(io, admin, asked, alive)
	local absent = {}
	for _, id in ipairs(asked) do
		if not kafka.contains(alive, id) then
			absent[#absent + 1] = id
		end
	end
	if #absent > 0 then
		admin:close()
		io:err("ERROR: The given brokers do not exist from "
			.. "--broker-list: ", kafka.list(absent), ". Current "
			.. "existent brokers: ", kafka.list(alive), "\n")
		io:exit(1)
	end
end

local function partitions_json(list, topics)
	local out = {}
	for _, p in ipairs(list) do
		if #topics == 0 or kafka.contains(topics, p.topic) then
			out[#out + 1] = ('{"partition":"%s-%d","size":%d,'
				.. '"offsetLag":%d,"isFuture":%s}'):format(
				p.topic, p.partition, p.size, p.offset_lag,
				p.is_future)
		end
	end
	return "[" .. table.concat(out, ",") .. "]"
end

local function dirs_json(dirs, topics)
	local out = {}
	for i, d in ipairs(dirs) do
		local why = d.error and '"org.apache.kafka.common.errors.'
			.. 'KafkaStorageException"' or "null"
		out[i] = ('{"partitions":%s,"error":%s,"logDir":%s}'):format(
			partitions_json(d.partitions, topics), why,
			json.encode(d.log_dir))
	end
	return "[" .. table.concat(out, ",") .. "]"
end

local function describe(io, admin, ids, topics)
	local out = {}
	for i, id in ipairs(ids) do
		local one, e = admin:call("describe-log-dirs", { broker = id })
		one = one or failed(io, admin, e)
		out[i] = ('{"broker":%d,"logDirs":%s}'):format(id,
			dirs_json(one.log_dirs, topics))
	end
	return '{"brokers":[' .. table.concat(out, ",") .. '],"version":1}'
end

return {
	name = "kafka-log-dirs.sh",
	summary = "show what lies in the log directories of brokers",
	usage = "kafka-log-dirs.sh --bootstrap-server H:P --describe "
		.. "[--broker-list 1,2] [--topic-list T]",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set = kafka.parse(io, parser, argv)
		parser:help_or_version(io, argv, set, "This tool helps to "
			.. "query log directory usage on the specified "
			.. "brokers.", kafka.VERSION)
		parser:check_required(io, set, "bootstrap-server", "describe")
		kafka.not_here(io, set, "command-config")
		local asked = broker_ids(io, set)
		local admin, e = kafka.admin(io, set:value("bootstrap-server"),
			{ client_id = "log-dirs-tool" })
		if not admin then
			failed(io, nil, e)
		end
		local alive = living(io, admin)
		check(io, admin, asked, alive)
		local ids = #asked > 0 and asked or alive
		io:write("Querying brokers for log directories information\n")
		local text = describe(io, admin, ids,
			items(set:value("topic-list")))
		io:write("Received log directory information from brokers ",
			kafka.list(ids), "\n", text, "\n")
		admin:close()
		return 0
	end,
}
