-- systemctl.lua - start and stop what runs on a machine
--
-- Stopping a broker is a controlled shutdown: its leaderships move first.
local args, kafka, ops = use "args", use "kafka", use "ops"

local options = {
	{ "H", "host", arg = "HOST" }, { "no-pager" }, { "s", "signal",
	  arg = "SIGNAL" },
}
local usage = "systemctl [-H HOST] status|stop|start|restart|kill|is-active "
	.. "UNIT..."
local parser = args.gnu{ usage = usage, options = options }

local STOP_PATIENCE = 180	-- s: TimeoutStopSec of the unit

local function date(ns)
	local days = { [0] = "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" }
	local ms = sim.wall_ms() - (sim.now() - ns) // 1000000
	return days[ms // 86400000 % 7] .. " " .. kafka.stamp(ms):sub(1, 19)
		.. " UTC"
end

local function status(io, p, unit)
	local up = p.state ~= "down"
	io:write(up and "● " or "○ ", unit, ".service - ", p.name, "\n",
		"     Loaded: loaded (/etc/systemd/system/", unit,
		".service; enabled; preset: enabled)\n")
	if not up then
		io:write("     Active: inactive (dead)\n")
		return 3
	end
	io:write("     Active: active (running) since ", date(p.started_at_ns),
		"; ", ops.ago(sim.now() - p.started_at_ns), " ago\n",
		"   Main PID: ", p.pid, " (", p.command:match("^%S+"), ")\n",
		"     Memory: ", ops.human(p.memory_bytes), "\n",
		"        CPU: ", ("%.3fs"):format(p.cpu_ns / 1e9), "\n\n")
	ops.show_log(io, p.name, 10)
	return 0
end

-- Wait until the process is down, or up again with another number.
local function wait(io, host, unit, pid)
	for _ = 1, STOP_PATIENCE * 10 do
		local p = ops.unit(host, unit)
		if pid and p.state == "up" and p.pid ~= pid
				or not pid and p.state == "down" then
			return
		end
		if await("sleep", 0, sim.now() + 100000000)
				== "interrupted" then
			io:exit(130)
		end
	end
	sim.command("service " .. ops.unit(host, unit).name .. " do=kill")
end

local function act(io, verb, p, host, unit)
	if verb == "start" and p.state ~= "down"
			or verb == "stop" and p.state == "down" then
		return 0
	end
	local ok, why = sim.command("service " .. p.name .. " do="
		.. (verb == "restart" and p.state == "down" and "start" or verb))
	if not ok then
		io:err("Failed to ", verb, " ", unit, ".service: ", why, "\n")
		return 1
	end
	if verb == "stop" then
		wait(io, host, unit)
	elseif verb == "restart" and p.state ~= "down" then
		wait(io, host, unit, p.pid)
	end
	return 0
end

local verbs = { status = true, stop = true, start = true, restart = true,
		kill = true, ["is-active"] = true }

return {
	name = "systemctl",
	summary = "start and stop what runs on a machine",
	usage = usage,
	options = options,
	complete = function(line, n)
		local out = {}
		if line[n - 1] == "-H" then
			for _, machine in ipairs(sim.machines()) do
				out[#out + 1] = machine.name
			end
		else
			for verb in pairs(verbs) do
				out[#out + 1] = verb
			end
			out[#out + 1] = "kafka"
		end
		return out
	end,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local verb, status_all = opts.rest[1], 0
		if not verbs[verb] then
			io:err(verb and "Unknown command verb " .. verb .. ".\n"
				or "Usage: " .. usage .. "\n")
			return 1
		end
		if #opts.rest < 2 then
			io:err("Too few arguments.\n")
			return 1
		end
		local here = kafka.here(io)
		local host = opts.host or here
		ops.login(io, here, host)
		for i = 2, #opts.rest do
			local unit = opts.rest[i]:gsub("%.service$", "")
			local p = ops.unit(host, unit)
			local result
			if not p and verb == "status" then
				io:err("Unit ", unit, ".service could not be ",
					"found.\n")
				result = 4
			elseif not p then
				io:err("Failed to ", verb, " ", unit,
					".service: Unit ", unit,
					".service not loaded.\n")
				result = 5
			elseif verb == "status" then
				result = status(io, p, unit)
			elseif verb == "is-active" then
				io:write(p.state == "down" and "inactive\n"
					or "active\n")
				result = p.state == "down" and 3 or 0
			else
				result = act(io, verb, p, host, unit)
			end
			if not p and not opts.host then
				io:err("(this is ", here,
					"; -H HOST is another machine)\n")
			end
			status_all = math.max(status_all, result)
		end
		return status_all
	end,
}
