-- logs.lua - what a process has written to its log
local args, ops = use "args", use "ops"

local options = { { "n", "tail", arg = "N" }, { "f", "follow" },
		  { "since", arg = "TIME" } }
local usage = "logs NAME [-n N] [-f] [--since 10m]"
local parser = args.gnu{ usage = usage, options = options }

local function names()
	local out = {}
	for _, p in ipairs(ops.processes()) do
		out[#out + 1] = p.name
	end
	return out
end

return {
	name = "logs",
	summary = "show the log of a process",
	usage = usage,
	options = options,
	complete = names,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local name = opts.rest[1]
		if #opts.rest ~= 1 then
			parser:refuse(io, "name one process")
		end
		local known = false
		for _, one in ipairs(names()) do
			known = known or one == name
		end
		if not known then
			io:err("logs: ", name, ": no such process; there are ",
				table.concat(names(), ", "), "\n")
			return 1
		end
		local count = opts.n and args.count(io, opts.n,
			"number of lines")
		local since = opts.since and ops.span(opts.since)
		if opts.since and not since then
			io:err("logs: ", opts.since, ": write a time like 90s, ",
				"5m, 2h\n")
			return 1
		end
		return ops.show_log(io, name, count,
			since and math.max(0, sim.now() - since),
			opts.follow)
	end,
}
