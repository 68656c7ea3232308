-- tr.lua - exchange or delete characters
local args = use "args"

local options = { { "d", "delete" }, { "s", "squeeze-repeats" },
		  { "c", "complement" } }
local usage = "tr [-cds] SET1 [SET2]"
local parser = args.gnu{ usage = usage, options = options }

local escapes = { n = 10, t = 9, r = 13, ["\\"] = 92 }
local classes = {
	["[:upper:]"] = { 65, 90 }, ["[:lower:]"] = { 97, 122 },
	["[:digit:]"] = { 48, 57 }, ["[:space:]"] = { 9, 13, 32, 32 },
	["[:alpha:]"] = { 65, 90, 97, 122 },
	["[:alnum:]"] = { 48, 57, 65, 90, 97, 122 },
}

local function add_range(out, from, to)
	for b = from, to do
		out[#out + 1] = b
	end
end

-- The byte at `at` and where the next one is.
local function byte_at(text, at)
	local c = text:byte(at)
	if c == 92 and at < #text then
		local escaped = escapes[text:sub(at + 1, at + 1)]
		return escaped or text:byte(at + 1), at + 2
	end
	return c, at + 1
end

-- a-z, \n and [:digit:] as a list of bytes.
local function parse_set(text)
	local out, at = {}, 1
	while at <= #text do
		local class = text:match("^%[:%a+:%]", at)
		if class and classes[class] then
			local pairs_of = classes[class]
			for i = 1, #pairs_of, 2 do
				add_range(out, pairs_of[i], pairs_of[i + 1])
			end
			at = at + #class
		else
			local from, to
			from, at = byte_at(text, at)
			to = from
			if text:sub(at, at) == "-" and at < #text then
				to, at = byte_at(text, at + 1)
			end
			add_range(out, from, to)
		end
	end
	return out
end

local function complement(set)
	local has, out = {}, {}
	for _, b in ipairs(set) do
		has[b] = true
	end
	for b = 0, 255 do
		if not has[b] then
			out[#out + 1] = b
		end
	end
	return out
end

-- What each byte becomes; false for nothing.
local function table_of(from, to, delete)
	local map = {}
	for i, b in ipairs(from) do
		if delete then
			map[string.char(b)] = ""
		elseif #to > 0 then
			map[string.char(b)] = string.char(to[math.min(i, #to)])
		end
	end
	return map
end

local function squeeze(text, set, last)
	local out = {}
	for c in text:gmatch(".") do
		if c ~= last or not set[c] then
			out[#out + 1] = c
		end
		last = c
	end
	return table.concat(out), last
end

local function flags(set)
	local out = {}
	for _, b in ipairs(set) do
		out[string.char(b)] = true
	end
	return out
end

return {
	name = "tr",
	summary = "exchange or delete characters",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		if not opts.rest[1] or not opts.rest[2] and not opts.d
				and not opts.s then
			parser:refuse(io, "missing operand")
		end
		local from = parse_set(opts.rest[1])
		local to = parse_set(opts.rest[2] or "")
		if opts.c then
			from = complement(from)
		end
		local map = table_of(from, to, opts.d)
		local squeezed = opts.s and flags(#to > 0 and to or from)
		local last
		-- The newline that io:read takes away is a character too.
		for line in io:lines() do
			local text = (line .. "\n"):gsub(".", map)
			if squeezed then
				text, last = squeeze(text, squeezed, last)
			end
			io:write(text)
		end
		return 0
	end,
}
