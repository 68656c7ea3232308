-- docker.lua - containers: here, each machine of the stack is one
--
-- Simplified: no images, networks or volumes to manage; `compose up` and
-- `down` start and stop what the world has.
local kafka, ops = use "kafka", use "ops"

local usage = "docker ps [-a] | logs [-f] [--tail N] [--since 10m] NAME | "
	.. "start|stop|restart|kill NAME... | exec [-it] NAME COMMAND... | "
	.. "compose ps|up|down|start|stop|restart|logs|exec [NAME]..."

-- Where nothing runs, something waits, or there would be no container.
local function idle(machine)
	return { name = machine.name, machine = machine.name, state = "up",
		 command = "sleep infinity", started_at_ns = 0, ports = {} }
end

local function containers(all, here)
	local out, used = {}, { [here or "workstation"] = true }
	for _, p in ipairs(ops.processes()) do
		used[p.machine] = used[p.machine] or not ops.is_tool(p)
		if (all or p.state ~= "down") and p.machine ~= here
				and not ops.is_tool(p) then
			out[#out + 1] = p
		end
	end
	for _, machine in ipairs(sim.machines()) do
		if not used[machine.name] then
			out[#out + 1] = idle(machine)
		end
	end
	return out
end

-- By the name of the machine or of the process.
local function find(io, name)
	for _, p in ipairs(containers(true, kafka.here(io))) do
		if p.name == name or p.machine == name then
			return p
		end
	end
	io:err("Error response from daemon: No such container: ", name, "\n")
	io:exit(1)
end

-- Twelve digits that stay the same.
local function id_of(p)
	local hash = 2166136261
	for i = 1, #p.name do
		hash = (hash ~ p.name:byte(i)) * 16777619 & 0xffffffffffff
	end
	return ("%012x"):format(hash)
end

local function ports_of(p)
	local out = {}
	for i, port in ipairs(p.ports or {}) do
		out[i] = ("0.0.0.0:%d->%d/tcp"):format(port, port)
	end
	return table.concat(out, ", ")
end

local function status_of(p)
	return p.state == "down" and "Exited (137)"
		or "Up " .. ops.ago(sim.now() - p.started_at_ns)
end

local function ps(io, all)
	local rows = { { "CONTAINER ID", "COMMAND", "STATUS", "PORTS",
			 "NAMES" } }
	for _, p in ipairs(containers(all, kafka.here(io))) do
		rows[#rows + 1] = { id_of(p), '"' .. p.command:sub(1, 20) .. '"',
			status_of(p), ports_of(p), p.name }
	end
	for _, row in ipairs(rows) do
		for i = 1, #row - 1 do
			row[i] = row[i] .. "  "
		end
	end
	ops.table(io, rows)
	return 0
end

-- docker stop waits ten seconds for the process, then kills it.
local function wait_down(io, p)
	for _ = 1, 100 do
		local now = find(io, p.name)
		if now.state == "down" or now.pid ~= p.pid then
			return
		end
		if await("sleep", 0, sim.now() + 100000000)
				== "interrupted" then
			io:exit(130)
		end
	end
	sim.command("service " .. p.name .. " do=kill")
end

local function service(io, verb, names)
	for _, name in ipairs(names) do
		local p = find(io, name)
		local action = p.pid and verb or p.state == "down" and verb
			or "start"		-- one that only waits goes on
		if verb == "restart" and p.state == "down" then
			action = "start"
		end
		if not (action == "stop" and p.state == "down")
				and not (action == "start"
					and p.state ~= "down") then
			local ok, why = sim.command("service " .. p.name
				.. " do=" .. action)
			if not ok then
				io:err("Error response from daemon: ", why, "\n")
				return 1
			end
			if action == "stop" or action == "restart" then
				wait_down(io, p)
			end
		end
		io:write(name, "\n")
	end
	return 0
end

local function logs(io, words)
	local count, since, follow, name
	local i = 1
	while words[i] do
		local word = words[i]
		if word == "-f" or word == "--follow" then
			follow = true
		elseif word == "--tail" or word == "-n" or word == "--since" then
			i = i + 1
			if word == "--since" then
				since = ops.span(words[i] or "")
			else
				count = tonumber(words[i] or "")
			end
		else
			name = word
		end
		i = i + 1
	end
	if not name then
		io:err('"docker logs" requires exactly 1 argument.\n')
		return 1
	end
	return ops.show_log(io, find(io, name).name, count,
		since and math.max(0, sim.now() - since), follow)
end

-- The tool's io, but standing on another machine.
local function inside(io, machine, name)
	return setmetatable({
		name = name,
		env = function(_, key)
			return key == "HOSTNAME" and machine or io:env(key)
		end,
	}, { __index = function(_, key)
		local value = io[key]
		if type(value) ~= "function" then
			return value
		end
		return function(_, ...)
			return value(io, ...)
		end
	end })
end

local function exec(io, words)
	while words[1] and words[1]:sub(1, 1) == "-" do
		table.remove(words, 1)
	end
	local name, command = words[1], words[2]
	if not command then
		io:err('"docker exec" requires at least 2 arguments.\n')
		return 1
	end
	local p = find(io, name)
	if p.state == "down" then
		io:err("Error response from daemon: container ", id_of(p),
			" is not running\n")
		return 1
	end
	local program = command:match("[^/]+$"):gsub("%.sh$", "")
	local known, tool = pcall(use, "tools/" .. program)
	if not known then
		io:err("OCI runtime exec failed: exec failed: unable to start ",
			"container process: exec: \"", command,
			"\": executable file not found in $PATH: unknown\n")
		return 127
	end
	return tool.run({ [0] = tool.name, table.unpack(words, 3) },
		inside(io, p.machine, tool.name))
end

local function rest_of(words)
	local out = {}
	for i = 2, #words do
		if words[i] ~= "-d" and words[i] ~= "--detach" then
			out[#out + 1] = words[i]
		end
	end
	return out
end

local function all_names(io, state)
	local out = {}
	for _, p in ipairs(containers(true, kafka.here(io))) do
		if (p.state == "down") == (state == "down") then
			out[#out + 1] = p.name
		end
	end
	return out
end

local function compose(io, words)
	local verb, rest = words[1], rest_of(words)
	if verb == "ps" then
		return ps(io, false)
	elseif verb == "exec" then
		return exec(io, rest)
	elseif verb == "logs" and #rest > 0 then
		return logs(io, rest)
	elseif verb == "up" or verb == "start" then
		return service(io, "start", #rest > 0 and rest
			or all_names(io, "down"))
	elseif verb == "down" or verb == "stop" then
		return service(io, "stop", #rest > 0 and rest or all_names(io, "up"))
	elseif verb == "restart" then
		return service(io, "restart", #rest > 0 and rest
			or all_names(io, "up"))
	end
	io:err("Usage: ", usage, "\n")
	return 1
end

return {
	name = "docker",
	summary = "containers: look at them, start and stop them, run inside",
	usage = usage,
	complete = function(line, n)
		if n <= 2 then
			return { "ps", "logs", "start", "stop", "restart",
				 "kill", "exec", "compose" }
		end
		local out = {}
		for i, p in ipairs(containers(true)) do
			out[i] = p.name
		end
		return out
	end,
	run = function(argv, io)
		local verb, rest = argv[1], {}
		for i = 2, #argv do
			rest[#rest + 1] = argv[i]
		end
		if verb == "ps" then
			return ps(io, kafka.contains(rest, "-a"))
		elseif verb == "logs" then
			return logs(io, rest)
		elseif verb == "exec" then
			return exec(io, rest)
		elseif verb == "compose" then
			return compose(io, rest)
		elseif verb == "start" or verb == "stop" or verb == "restart"
				or verb == "kill" then
			if #rest == 0 then
				io:err('"docker ', verb, '" requires at least ',
					'1 argument.\n')
				return 1
			end
			return service(io, verb, rest)
		end
		io:err("Usage: ", usage, "\n")
		return 1
	end,
}
