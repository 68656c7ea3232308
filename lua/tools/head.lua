-- head.lua - the first lines
local args, lines = use "args", use "lines"

local options = { { "n", "lines", arg = "N" }, { "c", "bytes", arg = "N" },
		  { "q", "quiet" } }
local usage = "head [-n N | -c N] [FILE]..."
local parser = args.gnu{ usage = usage, options = options, number = "n" }

return {
	name = "head",
	summary = "the first lines of a text",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local count = args.count(io, opts.c or opts.n or "10",
			opts.c and "number of bytes" or "number of lines")
		local first, status = true, 0
		for _, name in ipairs(#opts.rest > 0 and opts.rest or { "-" }) do
			if #opts.rest > 1 and not opts.q then
				io:write(first and "" or "\n", "==> ", name,
					" <==\n")
			end
			first = false
			if opts.c then
				local text = lines.whole(io, name)
				io:write((text or ""):sub(1, count))
				status = text and status or 1
			else
				local next_line = lines.open(io, name)
				status = next_line and status or 1
				for _ = 1, next_line and count or 0 do
					local line = next_line()
					if not line then
						break
					end
					io:write(line, "\n")
				end
			end
		end
		return status
	end,
}
