-- sort.lua - lines in order
local args, lines = use "args", use "lines"

local options = {
	{ "n", "numeric-sort" }, { "r", "reverse" }, { "u", "unique" },
	{ "f", "ignore-case" }, { "k", "key", arg = "FIELD[,LAST]" },
	{ "t", "field-separator", arg = "CHARACTER" }, { "s", "stable" },
	{ "b", "ignore-leading-blanks" },
}
local usage = "sort [-bfnrsu] [-t C] [-k FIELD[,LAST]]... [FILE]..."
local parser = args.gnu{ usage = usage, options = options, status = 2 }

local function parse_key(io, text, opts)
	local first, flags1, last, flags2 =
		text:match("^(%d+)([bfnr]*),?(%d*)([bfnr]*)$")
	if not first or tonumber(first) < 1 then
		io:err("sort: invalid key '", text, "'; it is FIELD or ",
			"FIELD,LAST with the letters b f n r behind\n")
		io:exit(2)
	end
	local flags = flags1 .. flags2
	local own = flags ~= ""
	local function flag(c)
		if own then
			return flags:find(c, 1, true) ~= nil
		end
		return opts[c] or false
	end
	return { first = tonumber(first), last = tonumber(last),
		 n = flag("n"), r = flag("r"), f = flag("f"), b = flag("b") }
end

-- Fields are parted by the separator, or begin where blanks begin.
local function fields_of(line, separator)
	local out = {}
	if separator then
		local at = 1
		while true do
			local stop = line:find(separator, at, true)
			out[#out + 1] = line:sub(at, (stop or 0) - 1)
			if not stop then
				return out
			end
			at = stop + 1
		end
	end
	for field in line:gmatch("[ \t]*[^ \t]+") do
		out[#out + 1] = field
	end
	return out
end

local function key_text(line, key, separator)
	if not key.first then
		return line
	end
	local fields = fields_of(line, separator)
	return table.concat(fields, separator or "", math.min(key.first,
		#fields + 1), math.min(key.last or #fields, #fields))
end

local function key_value(line, key, separator)
	local text = key_text(line, key, separator)
	if key.b or key.n then
		text = text:gsub("^[ \t]+", "")
	end
	if key.n then
		return tonumber(text:match("^-?%d*%.?%d*")) or 0
	end
	return key.f and text:upper() or text
end

-- Put `all` in order by keys[level] and those after it: lines with one value
-- share a bucket, the values are sorted, each bucket is sorted by the next
-- key.  There is no comparing function, which would cost a script too much
-- with a full file.
local Order = {}
Order.__index = Order

-- A bucket of one is the line itself.
function Order:buckets(all, key)
	local buckets, values = {}, {}
	for _, line in ipairs(all) do
		local value = key_value(line, key, self.opts.t)
		local bucket = buckets[value]
		if bucket == nil then
			values[#values + 1] = value
			buckets[value] = line
		elseif type(bucket) == "string" then
			buckets[value] = { bucket, line }
		else
			bucket[#bucket + 1] = line
		end
	end
	table.sort(values)
	return buckets, values
end

local function each(list, reverse, visit)
	if reverse then
		for i = #list, 1, -1 do
			visit(list[i])
		end
	else
		for _, one in ipairs(list) do
			visit(one)
		end
	end
end

-- What the keys leave open: the whole line decides, unless -s or -u.
function Order:last(all)
	if self.opts.u then
		self.write(all[1])
	elseif self.opts.s then
		each(all, false, self.write)
	else
		table.sort(all)
		each(all, self.opts.r, self.write)
	end
end

function Order:run(all, level)
	local key = self.keys[level]
	if not key then
		return self:last(all)
	end
	local buckets, values = self:buckets(all, key)
	each(values, key.r, function(value)
		local bucket = buckets[value]
		if type(bucket) == "string" then
			self.write(bucket)
		else
			self:run(bucket, level + 1)
		end
	end)
end

local LINES_MAX = 200000

local function gather(io, opts)
	local all = {}
	local status = lines.each(io, opts.rest, function(next_line)
		for line in next_line do
			if #all == LINES_MAX then
				io:err("sort: more than ", LINES_MAX,
					" lines; cut them down first\n")
				io:exit(2)
			end
			all[#all + 1] = line
		end
	end)
	return all, status
end

return {
	name = "sort",
	summary = "put lines in order",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, keys = parser:parse(io, argv), {}
		if opts.t and #opts.t ~= 1 then
			parser:refuse(io, "the field separator is one character")
		end
		for _, text in ipairs(opts.all.k or {}) do
			keys[#keys + 1] = parse_key(io, text, opts)
		end
		if #keys == 0 and (opts.n or opts.f or opts.b or opts.u) then
			keys[1] = { n = opts.n, f = opts.f, b = opts.b,
				    r = opts.r or false }
		end
		local all, status = gather(io, opts)
		local write, flush = lines.writer(io)
		local order = setmetatable({ opts = opts, keys = keys,
			write = write }, Order)
		if #all > 0 then
			order:run(all, 1)
		end
		flush()
		return status == 0 and 0 or 2
	end,
}
