-- uniq.lua - neighbours that are alike, once
local args, lines = use "args", use "lines"

local options = { { "c", "count" }, { "d", "repeated" }, { "u", "unique" },
		  { "i", "ignore-case" } }
local usage = "uniq [-cdiu] [FILE]"
local parser = args.gnu{ usage = usage, options = options }

return {
	name = "uniq",
	summary = "drop or count repeated neighbouring lines",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local next_line = lines.open(io, opts.rest[1] or "-")
		local held, count
		if not next_line then
			return 1
		end
		if #opts.rest > 1 then
			parser:refuse(io, "extra operand '" .. opts.rest[2] .. "'")
		end
		local function put()
			if not held or opts.d and count == 1
					or opts.u and count > 1 then
				return
			end
			io:write(opts.c and ("%7d "):format(count) or "",
				held, "\n")
		end
		for line in next_line do
			local same = held == line or held and opts.i
				and held:lower() == line:lower()
			if same then
				count = count + 1
			else
				put()
				held, count = line, 1
			end
		end
		put()
		return 0
	end,
}
