-- kafka-get-offsets.lua - offsets of partitions by time
--
-- org.apache.kafka.tools.GetOffsetShell, Kafka 3.9.
local args, kafka = use "args", use "kafka"

local options = {
	{ "bootstrap-server", arg = "HOST1:PORT1,...,HOST3:PORT3",
	  help = "REQUIRED: brokers to begin with." },
	{ "broker-list", arg = "HOST1:PORT1,...,HOST3:PORT3",
	  help = "DEPRECATED: the same as --bootstrap-server." },
	{ "topic-partitions", arg = "topic1:1,topic2:0-3,topic3,topic4:5-,"
		.. "topic5:-3",
	  help = "Patterns of topics and partitions; ranges leave their upper "
		.. "end out." },
	{ "topic", arg = "topic", help = "A topic, or a regular expression." },
	{ "partitions", arg = "partition ids", help = "Numbers: 0,1,2." },
	{ "time", arg = "<timestamp> / -1 or latest / -2 or earliest / -3 or "
		.. "max-timestamp / -4 or earliest-local / -5 or latest-tiered",
	  default = "latest", help = "The offset at which moment." },
	{ "command-config", arg = "config file",
	  help = "File with settings of the admin client." },
	{ "exclude-internal-topics",
	  help = "Leave out topics that Kafka made itself." },
	kafka.help, kafka.version,
}
local parser = args.jopt(options)

-- TerseException: one line, status 1.
local function terse(io, message)
	io:err("Error occurred: ", message, "\n")
	io:exit(1)
end

local function failed(io, e)
	io:err("Error occurred: ", e.message or "null", "\n", kafka.stack(e),
		"\n")
	io:exit(1)
end

local words = { latest = -1, earliest = -2, ["max-timestamp"] = -3,
		["earliest-local"] = -2, ["latest-tiered"] = -1,
		["-4"] = -2, ["-5"] = -1 }

-- Simplified: there is no tiered storage, so what is local is all.
local function time_of(io, text)
	local time = words[text]
		or text:find("^-?%d+$") and math.tointeger(tonumber(text))
	if not time then
		terse(io, "Malformed time argument " .. text .. ". Please use "
			.. "-1 or latest / -2 or earliest / -3 or max-timestamp "
			.. "/ -4 or earliest-local / -5 or latest-tiered, or a "
			.. "specified long format timestamp")
	end
	return time
end

-- name(topic) and number(partition): what is asked for ----------------------------

local function any() return true end

local function rule_of(io, text)
	local topic, range = text:match("^([^:]*):?(.*)$")
	local name = topic == "" and any or kafka.include(topic)
	local one = range:match("^(%d+)$")
	local low, high = range:match("^(%d*)-(%d*)$")
	if not name or range ~= "" and not one and not low then
		terse(io, "Invalid rule specification: " .. text)
	end
	return { name = name, number = function(n)
		if one then
			return n == tonumber(one)
		end
		return n >= (tonumber(low or "") or 0)
			and n < (tonumber(high or "") or math.maxinteger)
	end }
end

local function rules_of(io, set)
	local rules = {}
	if set:has("topic-partitions") then
		if set:has("topic") or set:has("partitions") then
			terse(io, "--topic-partitions cannot be used with "
				.. "--topic or --partitions")
		end
		for i, text in ipairs(kafka.split(set:value("topic-partitions"),
				",")) do
			rules[i] = rule_of(io, text)
		end
		return rules
	end
	local numbers
	if set:has("partitions") then
		numbers = {}
		for _, text in ipairs(kafka.split(set:value("partitions"),
				",")) do
			if not text:find("^%d+$") then
				terse(io, "--partitions expects a comma "
					.. "separated list of numeric partition "
					.. "ids, but received: "
					.. set:value("partitions"))
			end
			numbers[tonumber(text)] = true
		end
	end
	return { { name = set:has("topic") and kafka.include(set:value("topic"))
			or any,
		   number = function(n) return not numbers or numbers[n] end } }
end

local function wanted(rules, topic, partition)
	for _, rule in ipairs(rules) do
		if rule.name(topic)
				and (not partition or rule.number(partition)) then
			return true
		end
	end
	return false
end

local function partitions_of(io, admin, set, rules)
	local out = {}
	local names, e = kafka.topic_names(admin, nil,
		set:has("exclude-internal-topics"))
	local picked = {}
	for _, name in ipairs(names or failed(io, e)) do
		if wanted(rules, name) then
			picked[#picked + 1] = name
		end
	end
	local topics
	topics, e = kafka.describe(admin, picked)
	for _, name in ipairs(topics and picked or failed(io, e)) do
		for _, p in ipairs(topics[name].partitions) do
			if wanted(rules, name, p.partition) then
				out[#out + 1] = name .. ":" .. p.partition
			end
		end
	end
	return out
end

-- Sorted as text: topic-10 before topic-2.
local function show(io, answers, asked, e)
	local lines, seen = {}, {}
	for _, answer in ipairs(answers) do
		for _, o in ipairs(answer.answer.offsets) do
			seen[o.topic .. ":" .. o.partition] = true
			if o.offset >= 0 then
				lines[#lines + 1] = { o.topic .. "-"
					.. o.partition, o.topic .. ":"
					.. o.partition .. ":" .. o.offset }
			end
		end
	end
	for _, name in ipairs(e and asked or {}) do
		if not seen[name] then
			io:err("Skip getting offsets for topic-partition ",
				(name:gsub(":(%d+)$", "-%1")),
				" due to error: ", kafka.text_of(e), "\n")
		end
	end
	table.sort(lines, function(a, b) return a[1] < b[1] end)
	for _, line in ipairs(lines) do
		io:write(line[2], "\n")
	end
end

return {
	name = "kafka-get-offsets.sh",
	summary = "show offsets of partitions by time",
	usage = "kafka-get-offsets.sh --bootstrap-server H:P [--topic T] "
		.. "[--time -1|-2|-3|MS]",
	options = options,
	complete = function(line, n)
		return kafka.complete(line[n - 1])
	end,
	run = function(argv, io)
		local set, e = parser:parse(argv)
		if not set then
			terse(io, e.message)
		end
		parser:help_or_version(io, argv, set, "An interactive shell "
			.. "for getting topic-partition offsets.",
			kafka.VERSION)
		local servers = set:value("bootstrap-server")
			or set:value("broker-list")
		if not servers then
			terse(io, "Missing required option(s) [bootstrap-server]")
		end
		kafka.not_here(io, set, "command-config")
		local time = time_of(io, set:value("time"))
		local rules = rules_of(io, set)
		local admin
		admin, e = kafka.admin(io, servers,
			{ client_id = "GetOffsetShell" })
		if not admin then
			failed(io, e)
		end
		local asked = partitions_of(io, admin, set, rules)
		if #asked == 0 then
			admin:close()
			terse(io, "Could not match any topic-partitions with "
				.. "the specified filters")
		end
		local answers
		answers, e = admin:answers("list-offsets",
			{ partitions = table.concat(asked, ","), time = time })
		show(io, answers, asked, e)
		admin:close()
		return 0
	end,
}
