-- cat.lua - write files one after the other
local args, lines = use "args", use "lines"

local options = { { "n", "number" } }
local usage = "cat [-n] [FILE]..."
local parser = args.gnu{ usage = usage, options = options }

local function numbered(io, names)
	local number = 0
	return lines.each(io, names, function(next_line)
		for line in next_line do
			number = number + 1
			io:write(("%6d\t%s\n"):format(number, line))
		end
	end)
end

-- stdin piece by piece, so that what is piped in shows as it comes.
local function copy_stdin(io)
	for line in io:lines() do
		io:write(line, "\n")
	end
end

return {
	name = "cat",
	summary = "write files, or what is piped in",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, status = parser:parse(io, argv), 0
		if opts.n then
			return numbered(io, opts.rest)
		end
		for _, name in ipairs(#opts.rest > 0 and opts.rest or { "-" }) do
			local text
			if name == "-" then
				copy_stdin(io)
			else
				text = lines.whole(io, name)
				status = text and status or 1
			end
			io:write(text or "")
		end
		return status
	end,
}
