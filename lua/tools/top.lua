-- top.lua - who uses the CPUs, measured over one second
--
-- A real top shows one machine; this one stands for top on each of them.
local args, kafka, ops = use "args", use "kafka", use "ops"

local options = { { "b" }, { "n", arg = "N" }, { "d", arg = "SECONDS" },
		  { "H", "host", arg = "HOST" } }
local usage = "top [-b] [-n N] [-d SECONDS] [-H HOST]"
local parser = args.gnu{ usage = usage, options = options }

local function sample()
	local processes, machines = {}, {}
	for _, p in ipairs(sim.processes()) do
		if p.state ~= "down" then
			processes[p.pid] = p
		end
	end
	for _, m in ipairs(sim.machines()) do
		machines[m.name] = m
	end
	return processes, machines
end

local function summary(io, before, host, span)
	for _, m in ipairs(sim.machines()) do
		if not host or m.name == host then
			local busy = m.cpu_busy_ns - before[m.name].cpu_busy_ns
			local load = 100 * busy / span / m.cores
			io:write(("%-14s %%Cpu(s): %5.1f us, %5.1f id   "
				.. "MiB Mem: %8.1f total, %8.1f used\n"):format(
				m.name, math.min(load, 100),
				math.max(0, 100 - load),
				m.memory_bytes / 1048576,
				m.memory_used_bytes / 1048576))
		end
	end
	io:write("\n")
end

local function one(io, host, span)
	local before, machines = sample()
	if await("sleep", 0, sim.now() + span) == "interrupted" then
		io:exit(130)
	end
	local rows, list = { { "HOST", "PID", "S", "%CPU", "RES", "TIME+",
			       "COMMAND" } }, {}
	for _, p in pairs((sample())) do
		local was = before[p.pid]
		if not host or p.machine == host then
			list[#list + 1] = { p = p, cpu = 100 * (p.cpu_ns
				- (was and was.cpu_ns or 0)) / span }
		end
	end
	table.sort(list, function(a, b)
		if a.cpu ~= b.cpu then
			return a.cpu > b.cpu
		end
		return a.p.pid < b.p.pid
	end)
	for _, x in ipairs(list) do
		local s = x.p.cpu_ns / 1e9
		rows[#rows + 1] = { x.p.machine, x.p.pid,
			x.p.state == "hung" and "T" or "S",
			("%.1f"):format(x.cpu), ops.human(x.p.memory_bytes),
			("%d:%05.2f"):format(s // 60, s % 60),
			x.p.command:match("^%S+") }
	end
	io:write("top - ", kafka.stamp(sim.wall_ms()):sub(12, 19), "\n")
	summary(io, machines, host, span)
	ops.table(io, rows, { [2] = true, [4] = true, [5] = true, [6] = true })
end

return {
	name = "top",
	summary = "show who uses the CPUs",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local times = opts.n and args.count(io, opts.n, "number", 1)
			or (opts.b or not io.tty) and 1 or math.maxinteger
		local span = opts.d and ops.span(opts.d) or 1000000000
		if opts.host then
			ops.login(io, kafka.here(io), opts.host)
		end
		for i = 1, times do
			if i > 1 then
				io:write("\n")
			end
			one(io, opts.host, math.max(span, 1000000))
		end
		return 0
	end,
}
