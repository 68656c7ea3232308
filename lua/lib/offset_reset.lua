-- offset_reset.lua - kafka-consumer-groups.sh: where a group goes on
--
-- Where offsets are reset to (the scenarios of --reset-offsets), and offsets
-- that are deleted.  `tool` is what both parts of the tool need: its parser and
-- how it asks and fails.
local kafka = use "kafka"

return function(tool)
local parser, print_error, failed = tool.parser, tool.print_error, tool.failed
local checked_wrapped, committed = tool.checked_wrapped, tool.committed
local offsets_at, by_partition = tool.offsets_at, tool.by_partition
local group_ids, describe_group = tool.group_ids, tool.describe_group

-- Reset -----------------------------------------------------------------------------------

-- Utils.getDateTime: UTC unless a zone is given.
local function datetime(text)
	local y, mo, d, h, mi, s, ms, zone = text:match("^(%d%d%d%d)-(%d%d)-"
		.. "(%d%d)T(%d%d):(%d%d):(%d%d)%.(%d%d%d)(.*)$")
	local days = y and kafka.days(tonumber(y), tonumber(mo), tonumber(d))
	if not days then
		return nil
	end
	local sign, zh, zm = zone:match("^([+-])(%d%d):?(%d%d)$")
	if zone ~= "" and zone ~= "Z" and not sign then
		return nil
	end
	local shift = sign and (tonumber(zh) * 60 + tonumber(zm)) * 60000 or 0
	return days * 86400000 + tonumber(h) * 3600000 + tonumber(mi) * 60000
		+ tonumber(s) * 1000 + tonumber(ms)
		- (sign == "-" and -shift or shift)
end

-- java.time.Duration.parse, in ms.
local function duration(text)
	local days, rest = text:upper():match("^P([%d]*D?)(T?.*)$")
	if not days or text:upper() == "P" then
		return nil
	end
	local ms = (tonumber(days:match("^(%d+)D$")) or 0) * 86400000
	local units = { H = 3600000, M = 60000, S = 1000 }
	for n, unit in rest:gsub("^T", ""):gmatch("([%d.]+)([HMS])") do
		ms = ms + tonumber(n) * units[unit]
	end
	return math.floor(ms)
end

local function topic_partitions(io, admin, set)
	local names, whole = {}, {}
	for _, text in ipairs(set:values("topic")) do
		local topic, numbers = text:match("^([^:]*):(.*)$")
		if not topic then
			whole[#whole + 1] = text
		end
		for _, n in ipairs(topic and kafka.split(numbers, ",") or {}) do
			if not n:find("^%d+$") then
				parser:usage_exit(io, "Invalid partition '" .. n
					.. "' specified in topic arg '" .. text
					.. "''")
			end
			names[#names + 1] = topic .. ":" .. n
		end
	end
	local topics = checked_wrapped(io, admin, kafka.describe(admin, whole))
	for _, name in ipairs(whole) do
		for _, p in ipairs(topics[name].partitions) do
			names[#names + 1] = name .. ":" .. p.partition
		end
	end
	return names
end

local function partitions_to_reset(io, admin, set, id)
	if not set:has("all-topics") then
		return topic_partitions(io, admin, set)
	end
	local names = {}
	for name in pairs(committed(io, admin, id)) do
		names[#names + 1] = name
	end
	return names
end

local function warn(io, text)
	kafka.log(io, "WARN", text, "org.apache.kafka.tools.consumer.group."
		.. "ConsumerGroupCommand")
end

-- As offsets_at, where each of them is needed.
local function known_offsets(io, admin, names, time)
	local found = offsets_at(io, admin, names, time)
	local what = { [-1] = "ending offset", [-2] = "starting offset" }
	for _, name in ipairs(names) do
		if not found[name] then
			parser:usage_exit(io, "Error getting "
				.. (what[time] or "offset by timestamp")
				.. " of topic partition: "
				.. name:gsub(":(%d+)$", "-%1"))
		end
	end
	return found
end

-- What was asked for, within what is there.
local function within(io, admin, names, wanted)
	local low = known_offsets(io, admin, names, -2)
	local high = known_offsets(io, admin, names, -1)
	local out = {}
	for _, name in ipairs(names) do
		local offset = wanted[name]
		local shown = name:gsub(":(%d+)$", "-%1")
		if offset > high[name] then
			warn(io, "New offset (" .. offset .. ") is higher than "
				.. "latest offset for topic partition " .. shown
				.. ". Value will be set to " .. high[name])
			offset = high[name]
		elseif offset < low[name] then
			warn(io, "New offset (" .. offset .. ") is lower than "
				.. "earliest offset for topic partition "
				.. shown .. ". Value will be set to "
				.. low[name])
			offset = low[name]
		end
		out[name] = offset
	end
	return out
end

-- Where there is nothing at or after the moment, the end.
local function at_time(io, admin, names, ms)
	local found = known_offsets(io, admin, names, ms)
	local ends = known_offsets(io, admin, names, -1)
	for _, name in ipairs(names) do
		if found[name] < 0 then
			local topic, partition = name:match("^(.*):(%d+)$")
			io:write("\nWarn: Partition ", partition, " from topic ",
				topic, " is empty. Falling back to latest known ",
				"offset.\n")
			found[name] = ends[name]
		end
	end
	return found
end

local function to_current(io, admin, names, id)
	local out, now = {}, committed(io, admin, id)
	local ends = known_offsets(io, admin, names, -1)
	for _, name in ipairs(names) do
		out[name] = now[name] or ends[name]
	end
	return out
end

local function shifted(io, admin, names, id, by)
	local now, wanted = committed(io, admin, id), {}
	for _, name in ipairs(names) do
		if not now[name] then
			parser:usage_exit(io, "Cannot shift offset for "
				.. "partition " .. name:gsub(":(%d+)$", "-%1")
				.. " since there is no current committed "
				.. "offset")
		end
		wanted[name] = now[name] + by
	end
	return within(io, admin, names, wanted)
end

-- CsvUtils: lines of topic,partition,offset, or with the group before them
-- (as --export writes them for several groups).  Plan: group -> "topic:0" ->
-- offset; without groups in the file it is that of the one group.
local function read_file(io, admin, set)
	local text, why = files.read(set:value("from-file"))
	if not text then
		failed(io, admin, kafka.exception("java.nio.file."
			.. "NoSuchFileException", why))
	end
	local plan = {}
	for line in text:gmatch("[^\r\n]+") do
		local cells = kafka.split(line, ",")
		local group = #cells == 4 and table.remove(cells, 1)
			or set:value("group")
		local partition = math.tointeger(tonumber(cells[2]))
		local offset = math.tointeger(tonumber(cells[3]))
		if #cells ~= 3 or not partition or not offset then
			failed(io, admin, kafka.exception("java.lang."
				.. "RuntimeException", "\"" .. line .. "\" is "
				.. "not topic,partition,offset"))
		end
		plan[group] = plan[group] or {}
		plan[group][cells[1] .. ":" .. partition] = offset
	end
	return plan
end

local function from_plan(io, admin, set, id)
	local wanted, names = set.plan[id], {}
	if not wanted then
		print_error(io, "No reset plan for group " .. id .. " found")
		return {}, {}
	end
	for name in pairs(wanted) do
		names[#names + 1] = name
	end
	table.sort(names, by_partition)
	return names, within(io, admin, names, wanted)
end

local function new_offsets(io, admin, set, id, names)
	if set:has("to-offset") then
		local wanted = {}
		for _, name in ipairs(names) do
			wanted[name] = set:value("to-offset")
		end
		return within(io, admin, names, wanted)
	elseif set:has("to-earliest") then
		return known_offsets(io, admin, names, -2)
	elseif set:has("to-latest") then
		return known_offsets(io, admin, names, -1)
	elseif set:has("to-current") then
		return to_current(io, admin, names, id)
	elseif set:has("shift-by") then
		return shifted(io, admin, names, id, set:value("shift-by"))
	end
	local text = set:value("to-datetime") or set:value("by-duration")
	local ms = set:has("to-datetime") and datetime(text)
		or set:has("by-duration") and duration(text)
	if text and not ms then
		failed(io, admin, set:has("to-datetime")
			and kafka.exception("java.lang.RuntimeException",
				"java.text.ParseException: Unparseable date: \""
				.. text .. "\"")
			or kafka.exception("java.time.format."
				.. "DateTimeParseException", "Text cannot be "
				.. "parsed to a Duration"))
	elseif text then
		return at_time(io, admin, names, set:has("to-datetime") and ms
			or sim.wall_ms() - ms)
	end
	parser:usage_exit(io, "Option '[reset-offsets]' requires one of the "
		.. "following scenarios: [[to-offset], [to-datetime], "
		.. "[by-duration], [to-earliest], [to-latest], [to-current], "
		.. "[shift-by], [from-file]]")
end

local function commit(io, admin, id, names, offsets)
	local items = {}
	for i, name in ipairs(names) do
		items[i] = name .. ":" .. offsets[name]
	end
	checked_wrapped(io, admin, admin:call("alter-group-offsets",
		{ group = id, offsets = table.concat(items, ",") }))
end

local function show_reset(io, set, several, id, names, offsets)
	if not set:has("export") then
		io:write("\n", kafka.pad("GROUP", 30), " ",
			kafka.pad("TOPIC", 30), " ", kafka.pad("PARTITION", 10),
			" ", kafka.pad("NEW-OFFSET", 15), "\n")
	end
	for _, name in ipairs(names) do
		local topic, partition = name:match("^(.*):(%d+)$")
		if set:has("export") then
			io:write(several and id .. "," or "", topic, ",",
				partition, ",", offsets[name], "\n")
		else
			io:write(kafka.pad(id, 30), " ", kafka.pad(topic, 30),
				" ", kafka.pad(partition, 10), " ",
				kafka.pad(offsets[name], 15), "\n")
		end
	end
end

local function reset(io, admin, set)
	local file = set:has("from-file")
	if file then
		set.plan = read_file(io, admin, set)
	elseif not set:has("all-topics") and not set:has("topic") then
		parser:usage_exit(io, "One of the reset scopes should be "
			.. "defined: --all-topics, --topic.")
	end
	local ids = group_ids(io, admin, set)
	for _, id in ipairs(ids) do
		local group = describe_group(io, admin, id)
		local names, offsets = {}, {}
		if group.state == "Empty" or group.state == "Dead" then
			if file then
				names, offsets = from_plan(io, admin, set, id)
			else
				names = partitions_to_reset(io, admin, set, id)
				table.sort(names, by_partition)
				offsets = new_offsets(io, admin, set, id, names)
			end
			if set:has("execute") then
				commit(io, admin, id, names, offsets)
			end
		else
			print_error(io, "Assignments can only be reset if the "
				.. "group '" .. id .. "' is inactive, but the "
				.. "current state is " .. group.state .. ".")
		end
		show_reset(io, set, #ids > 1, id, names, offsets)
	end
end

-- Delete offsets -------------------------------------------------------------------------

local function show_deleted(io, rows)
	local width = 15
	for _, row in ipairs(rows) do
		width = math.max(width, #row.topic)
	end
	local function line(topic, partition, status)
		io:write("\n", kafka.pad(topic, width), " ",
			kafka.pad(partition, 10), " ", kafka.pad(status, 15))
	end
	line("TOPIC", "PARTITION", "STATUS")
	for _, row in ipairs(rows) do
		line(row.topic, row.partition, row.error
			and "Error: " .. row.error or "Successful")
	end
	io:write("\n")
end

local function delete_offsets(io, admin, set)
	local id = set:value("group")
	local names = topic_partitions(io, admin, set)
	table.sort(names, by_partition)
	local answer, e = admin:call("delete-group-offsets",
		{ group = id, partitions = table.concat(names, ",") })
	local rows = answer and answer.partitions or {}
	local message = e and kafka.text_of(e):gsub("^[%w.]+: ", "")
	for _, row in ipairs(rows) do
		if row.error then
			message = "Encountered some partition-level error, see "
				.. "the follow-up details."
		end
	end
	for _, name in ipairs(e and names or {}) do
		local topic, partition = name:match("^(.*):(%d+)$")
		rows[#rows + 1] = { topic = topic, partition = partition,
			error = message }
	end
	if message then
		print_error(io, message)
	else
		io:write("Request succeed for deleting offsets with topic ",
			table.concat(set:values("topic"), ", "), " group ", id,
			"\n")
	end
	show_deleted(io, rows)
end

return { reset = reset, delete_offsets = delete_offsets }
end
