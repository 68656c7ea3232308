-- cut.lua - some fields or characters of each line
local args, lines = use "args", use "lines"

local options = {
	{ "d", "delimiter", arg = "CHARACTER" }, { "f", "fields", arg = "LIST" },
	{ "c", "characters", arg = "LIST" }, { "b", "bytes", arg = "LIST" },
	{ "s", "only-delimited" },
}
local usage = "cut -f LIST [-d C] [-s] [FILE]... or cut -c LIST [FILE]..."
local parser = args.gnu{ usage = usage, options = options }

-- 1,3-5,7- as {first, last} pairs.
local function parse_list(io, text)
	local ranges = {}
	for part in (text .. ","):gmatch("(.-),") do
		local first, dash, last = part:match("^(%d*)(%-?)(%d*)$")
		local from, to = tonumber(first), tonumber(last)
		if not first or not from and not to or from == 0 then
			io:err("cut: invalid list: '", text, "'\n")
			io:exit(1)
		end
		from = from or 1
		to = dash == "" and from or to or math.maxinteger
		ranges[#ranges + 1] = { from, to }
	end
	return function(i)
		for _, range in ipairs(ranges) do
			if i >= range[1] and i <= range[2] then
				return true
			end
		end
		return false
	end
end

local function split(line, separator)
	local out, at = {}, 1
	while true do
		local stop = line:find(separator, at, true)
		out[#out + 1] = line:sub(at, (stop or 0) - 1)
		if not stop then
			return out
		end
		at = stop + 1
	end
end

local function pick(all, wanted)
	local out = {}
	for i, one in ipairs(all) do
		if wanted(i) then
			out[#out + 1] = one
		end
	end
	return out
end

local function characters(line)
	local out = {}
	for c in line:gmatch("[\0-\x7F\xC2-\xFD][\x80-\xBF]*") do
		out[#out + 1] = c
	end
	return out
end

return {
	name = "cut",
	summary = "some fields or characters of each line",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local list = opts.f or opts.c or opts.b
		if not list then
			parser:refuse(io, "you must specify a list of fields "
				.. "or characters")
		end
		local separator = opts.d or "\t"
		if #separator ~= 1 then
			parser:refuse(io, "the delimiter must be a single character")
		end
		local wanted = parse_list(io, list)
		return lines.each(io, opts.rest, function(next_line)
			for line in next_line do
				if not opts.f then
					io:write(table.concat(pick(
						characters(line), wanted)), "\n")
				elseif line:find(separator, 1, true) then
					io:write(table.concat(pick(split(line,
						separator), wanted),
						separator), "\n")
				elseif not opts.s then
					io:write(line, "\n")
				end
			end
		end)
	end,
}
