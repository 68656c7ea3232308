-- ps.lua - processes, of all machines or of one
--
-- A real ps shows one machine; this one stands for ps on each of them.
local args, kafka, ops = use "args", use "kafka", use "ops"

local options = { { "H", "host", arg = "HOST" }, { "a" }, { "u" }, { "x" },
		  { "e" }, { "f" } }
local usage = "ps [-H HOST] [aux|-ef]"
local parser = args.gnu{ usage = usage, options = options }

local function clock(ns)
	local s = ns // 1000000000
	return ("%02d:%02d:%02d"):format(s // 3600, s // 60 % 60, s % 60)
end

return {
	name = "ps",
	summary = "show processes",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local here = kafka.here(io)
		if opts.host then
			ops.login(io, here, opts.host)
		end
		local rows = { { "HOST", "PID", "STAT", "RSS", "TIME",
				 "COMMAND" } }
		for _, p in ipairs(ops.processes()) do
			if p.state ~= "down" and (not opts.host
					or p.machine == opts.host) then
				rows[#rows + 1] = { p.machine, p.pid,
					p.state == "hung" and "T" or "Sl",
					ops.human(p.memory_bytes),
					clock(p.cpu_ns), p.command }
			end
		end
		ops.table(io, rows, { [2] = true, [4] = true })
		return 0
	end,
}
