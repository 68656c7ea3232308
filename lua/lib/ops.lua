-- ops.lua - machines and processes, as an operator sees them
--
-- The console stands on one machine; for the others a tool logs in (-H HOST,
-- as systemctl has it), which needs a network path.
local ops = {}

local SSH_PATIENCE = 10000000000	-- ns until it gives up

function ops.machine(name)
	for i, machine in ipairs(sim.machines()) do
		if machine.name == name then
			return machine, i - 1
		end
	end
end

-- A process of a console's own tool?  They are used again and never go away.
function ops.is_tool(p)
	return p.name:find("^kafka%-admin%-%d+$")
		or p.name:find("^kafka%-client%-%d+$")
		or p.name:find("^curl%-%d+$")
end

function ops.is_process(name)
	for _, p in ipairs(sim.processes()) do
		if p.name == name then
			return true
		end
	end
	return false
end

-- All processes but those that the console's tools have left behind.
function ops.processes()
	local out = {}
	for _, p in ipairs(sim.processes()) do
		if p.state ~= "down" or not ops.is_tool(p) then
			out[#out + 1] = p
		end
	end
	return out
end

-- "10.0.0.12": addresses are given in order.
function ops.address(number)
	return ("10.0.%d.%d"):format(number // 200, number % 200 + 10)
end

-- The machine of that name, logged in to from `here`; or the tool ends as one
-- does that goes over ssh.
function ops.login(io, here, host)
	local machine = ops.machine(host)
	if not machine then
		io:err("ssh: Could not resolve hostname ", host,
			": Name or service not known\n")
		io:exit(255)
	end
	if host ~= here and not sim.ping(here, host) then
		if await("sleep", 0, sim.now() + SSH_PATIENCE)
				== "interrupted" then
			io:exit(130)
		end
		io:err("ssh: connect to host ", host, " port 22: Connection ",
			"timed out\n")
		io:exit(255)
	end
	return machine
end

-- What a unit is called: its process on that machine.  `kafka` is the broker
-- or the controller, whatever its process is called.
function ops.unit(host, name)
	name = name:gsub("%.service$", "")
	for _, p in ipairs(ops.processes()) do
		local program = p.command:match("([^/%s]+)%s") or p.command
		if p.machine == host and (p.name == name
				or name == "kafka" and p.command:find("^kafka%.Kafka")
				or program:gsub("_", "-") == name:gsub("_", "-")) then
			return p
		end
	end
end

-- Sizes as df -h and ls -h have them: 1024s, rounded up, one digit behind the
-- point below 10.
function ops.human(bytes)
	local units, i, value = { "", "K", "M", "G", "T", "P" }, 1, bytes
	while value >= 1024 and i < #units do
		value, i = value / 1024, i + 1
	end
	if i == 1 then
		return tostring(bytes)
	end
	if value < 9.95 then
		return ("%.1f%s"):format(math.ceil(value * 10) / 10, units[i])
	end
	return ("%d%s"):format(math.ceil(value), units[i])
end

-- "2min 5s", as systemd counts.
function ops.ago(ns)
	local s = ns // 1000000000
	if s < 60 then
		return s .. "s"
	elseif s < 3600 then
		return s // 60 .. "min " .. s % 60 .. "s"
	elseif s < 86400 then
		return s // 3600 .. "h " .. s // 60 % 60 .. "min"
	end
	return s // 86400 .. " days"
end

-- Rows of cells, each column as wide as its widest; `right` holds the numbers
-- of columns set to the right.
function ops.table(io, rows, right)
	local widths = {}
	for _, row in ipairs(rows) do
		for i, cell in ipairs(row) do
			widths[i] = math.max(widths[i] or 0, #tostring(cell))
		end
	end
	for _, row in ipairs(rows) do
		local out = {}
		for i, cell in ipairs(row) do
			local text = tostring(cell)
			local gap = (" "):rep(widths[i] - #text)
			out[i] = right and right[i] and gap .. text
				or i < #row and text .. gap or text
		end
		io:write(table.concat(out, " "), "\n")
	end
end

-- 90s, 5m, 2h, 1d as ns; nil when it is no time.
function ops.span(text)
	local units = { ms = 10^6, s = 10^9, m = 60 * 10^9, h = 3600 * 10^9,
			d = 86400 * 10^9, [""] = 10^9 }
	local sum, rest = 0, text
	while rest ~= "" do
		local n, unit, more = rest:match("^(%d+%.?%d*)(%a*)(.*)$")
		if not n or not units[unit] then
			return nil
		end
		sum, rest = sum + tonumber(n) * units[unit], more
	end
	local ns = text ~= "" and math.tointeger(math.floor(sum))
	return ns and ns <= 1 << 61 and ns or nil	-- no world lasts longer
end

-- Print a process's log: the last `count` lines (nil: all), from a moment on;
-- then what comes, when it is followed.  The exit status.
function ops.show_log(io, process, count, since_ns, follow)
	local cursor = count and not since_ns and -count or 0
	if not ops.is_process(process) then	-- a container where nothing runs
		return 0
	end
	while true do
		local lines
		lines, cursor = sim.log(process, cursor)
		for _, line in ipairs(lines) do
			if not since_ns or line.at_ns >= since_ns then
				io:write(line.text, "\n")
			end
		end
		if #lines == 0 then
			if not follow then
				return 0
			end
			if await("sleep", 0, sim.now() + 200000000)
					== "interrupted" then
				return 130
			end
		end
	end
end

return ops
