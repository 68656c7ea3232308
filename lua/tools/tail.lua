-- tail.lua - the last lines
local args, lines = use "args", use "lines"

local options = { { "n", "lines", arg = "[+]N" }, { "c", "bytes", arg = "N" },
		  { "f", "follow" }, { "F" }, { "q", "quiet" } }
local usage = "tail [-n [+]N | -c N] [FILE]..."
local parser = args.gnu{ usage = usage, options = options, number = "n" }

-- A ring of the last `count` lines.
local function last_lines(next_line, count, io)
	local ring, seen = {}, 0
	for line in next_line do
		if count > 0 then
			ring[seen % count + 1] = line
		end
		seen = seen + 1
	end
	for i = math.max(0, seen - count), seen - 1 do
		io:write(ring[i % count + 1], "\n")
	end
end

local function from_line(next_line, from, io)
	local number = 0
	for line in next_line do
		number = number + 1
		if number >= from then
			io:write(line, "\n")
		end
	end
end

local function one(io, name, opts, count, from)
	if opts.c then
		local text = lines.whole(io, name)
		io:write(text and text:sub(math.max(1, #text - count + 1)) or "")
		return text ~= nil
	end
	local next_line = lines.open(io, name)
	if next_line and from then
		from_line(next_line, count, io)
	elseif next_line then
		last_lines(next_line, count, io)
	end
	return next_line ~= nil
end

return {
	name = "tail",
	summary = "the last lines of a text",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local text = opts.c or opts.n or "10"
		local from = not opts.c and text:sub(1, 1) == "+"
		local count = args.count(io, (text:gsub("^%-", "")),
			opts.c and "number of bytes" or "number of lines")
		local first, status = true, 0
		if opts.f or opts.F then
			io:err("tail: -f is not supported here; look at the ",
				"logs of a process with its own tool\n")
			return 1
		end
		for _, name in ipairs(#opts.rest > 0 and opts.rest or { "-" }) do
			if #opts.rest > 1 and not opts.q then
				io:write(first and "" or "\n", "==> ", name,
					" <==\n")
			end
			first = false
			if not one(io, name, opts, count, from) then
				status = 1
			end
		end
		return status
	end,
}
