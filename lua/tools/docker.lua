-- docker.lua - containers: here, each machine of the stack is one
--
-- Simplified: no images, networks or volumes to manage; `compose up` and
-- `down` start and stop what the world has.  A container that has a file
-- NAME.env gets its environment from it: see lib/compose.lua.
local compose, kafka, ops = use "compose", use "kafka", use "ops"

local usage = "docker ps [-a] | logs [-f] [--tail N] [--since 10m] NAME | "
	.. "start|stop|restart|kill NAME... | exec [-it] NAME COMMAND... | "
	.. "compose ps|up|down|start|stop|restart|logs|exec [NAME]..."

-- Where nothing runs, something waits, or there would be no container.
local function idle(machine)
	return { name = machine.name, machine = machine.name, state = "up",
		 command = "sleep infinity", started_at_ns = 0, ports = {} }
end

-- A gateway that compose made, named after its container and environment.
local function is_made(p)
	return p.name:sub(1, #p.machine + 1) == p.machine .. "-"
		and p.name:find("%-%x%x%x%x%-gateway$") ~= nil
end

local function name_of(p)
	return is_made(p) and p.machine or p.name
end

-- Of the gateways that compose made for one container only one is that
-- container: the one that runs, or the last.
local function replaced(all)
	local out, kept = {}, {}
	for _, p in ipairs(all) do
		local before = is_made(p) and kept[p.machine]
		if before then
			out[before.state == "down" and before.name or p.name]
				= true
		end
		if is_made(p) and (not before or before.state == "down") then
			kept[p.machine] = p
		end
	end
	return out
end

local function containers(all, here)
	local out, used = {}, { [here or "workstation"] = true }
	local gone = replaced(ops.processes())
	for _, p in ipairs(ops.processes()) do
		used[p.machine] = used[p.machine] or not ops.is_tool(p)
		if (all or p.state ~= "down") and p.machine ~= here
				and not ops.is_tool(p) and not gone[p.name] then
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
	local out, all = {}, compose.published()
	for i, port in ipairs(p.ports or {}) do
		local outer = not all and port
			or all and all[p.machine] and all[p.machine][port]
		out[i] = outer and ("0.0.0.0:%s->%d/tcp"):format(outer, port)
			or port .. "/tcp"
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
			status_of(p), ports_of(p), name_of(p) }
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

-- compose up --------------------------------------------------------------
--
-- It makes a container anew when its environment is not the one it was made
-- with; `restart` keeps the old one, as docker does.  What the files say is in
-- lib/compose.lua.

local function quiet(io, machine)
	return setmetatable({
		env = function(_, key)
			return key == "HOSTNAME" and machine or nil
		end,
		err = function() end,
		exit = function(_, n) io:exit(n) end,
	}, { __index = function(_, key) return io[key] end })
end

-- What a broker runs with, in the words of describe-configs; "" when it does
-- not answer.
local function running_with(io, p, id)
	local admin = kafka.admin(quiet(io, p.machine), "localhost:"
		.. (p.ports[#p.ports] or 9092), { timeout_ms = 3000 })
	local resources = admin and kafka.configs(admin, { broker = id })
	local found = {}
	if admin then
		admin:close()
	end
	for _, entries in pairs(resources or {}) do
		for _, entry in ipairs(entries) do
			found[entry.name] = entry.value
		end
	end
	return (found.listeners or "") .. " "
		.. (found["advertised.listeners"] or "")
end

-- A listener that is no longer wanted.  A world without the command to take
-- one away keeps the port and sends whoever comes by it nowhere.
local function unlisten(p, port)
	if not kafka.command("listener", { broker = p.name, port = port,
			["do"] = "remove" }) then
		kafka.command("listener", { broker = p.name, port = port,
			name = "REMOVED", host = "removed.invalid" })
	end
end

local function set_listeners(p, list)
	local wanted = {}
	for _, item in ipairs(list) do
		wanted[item.port] = true
	end
	for _, port in ipairs(p.ports or {}) do
		if not wanted[port] then
			unlisten(p, port)
		end
	end
	for _, item in ipairs(list) do
		kafka.command("listener", { broker = p.name, name = item.name,
			port = item.port, host = item.host,
			["advertised-port"] = item.advertised })
	end
end

local function progress(io, container, ...)
	for _, step in ipairs({ ... }) do
		io:err(" Container ", container, "  ", step, "\n")
	end
end

local function await_start(io, name, pid)
	for _ = 1, 600 do
		for _, p in ipairs(sim.processes()) do
			if p.name == name and p.state == "up"
					and p.pid ~= pid then
				return
			end
		end
		if await("sleep", 0, sim.now() + 100000000)
				== "interrupted" then
			io:exit(130)
		end
	end
end

local function up_broker(io, p, env)
	local list, _, not_here = compose.listeners(env, p.machine)
	if not_here then
		io:err("docker: ", p.machine, ".env: ", not_here, "\n")
		return 1
	end
	if list and p.state ~= "down"
			and compose.same_listeners(running_with(io, p,
				env.KAFKA_NODE_ID or 1), compose.as_config(list)) then
		progress(io, p.machine, "Running")
		return 0
	end
	progress(io, p.machine, "Recreate", "Recreated", "Starting")
	if list then
		set_listeners(p, list)
		kafka.command("service " .. p.name, { ["do"] =
			p.state == "down" and "start" or "restart" })
		await_start(io, p.name, p.pid)
	else			-- it exits at once; docker logs says why
		kafka.command("service " .. p.name, { ["do"] = "kill" })
	end
	progress(io, p.machine, "Started")
	return 0
end

local function up_gateway(io, container, env)
	local fleet = container .. "-" .. compose.digits(env)
	local wanted, others
	local e = kafka.bootstrap_error(env.BOOTSTRAP_SERVERS)
	if e then
		io:err("docker: ", container, ".env: ", e.cause.message, "\n")
		return 1
	end
	for _, p in ipairs(sim.processes()) do
		if p.machine == container and is_made(p) then
			if p.name == fleet .. "-gateway" then
				wanted = p
			elseif p.state ~= "down" then
				others = p
			end
		end
	end
	if wanted and wanted.state ~= "down" then
		progress(io, container, "Running")
		return 0
	end
	progress(io, container, others and "Recreate" or "Creating",
		others and "Recreated" or "Created", "Starting")
	if others then
		kafka.command("service " .. others.name, { ["do"] = "stop" })
	end
	local ok, why
	if wanted then
		ok, why = kafka.command("service " .. wanted.name,
			{ ["do"] = "start" })
	else
		ok, why = kafka.command("fleet-new", { name = fleet,
			on = container, topic = env.TOPIC or "readings",
			devices = env.DEVICES or 100, acks = env.ACKS or "all",
			bootstrap = env.BOOTSTRAP_SERVERS })
	end
	if not ok then
		io:err("Error response from daemon: ", why, "\n")
		return 1
	end
	progress(io, container, "Started")
	return 0
end

-- The broker of a container, down or not.
local function broker_on(container)
	for _, p in ipairs(sim.processes()) do
		if p.machine == container
				and p.command:find("server%.properties") then
			return p
		end
	end
end

-- Make a container as its env_file says: exit status; nil: it has none.
local function up_from_file(io, container)
	local env = compose.environment(container)
	local broker = env and broker_on(container)
	if broker then
		return up_broker(io, broker, env)
	elseif env and env.BOOTSTRAP_SERVERS then
		return up_gateway(io, container, env)
	end
end

-- Why a broker that is down would not start, as it printed it.
local function last_words(io, p)
	local env = p.state == "down" and p.command:find("server%.properties")
		and compose.environment(p.machine)
	local _, why
	if env then
		_, why = compose.listeners(env, p.machine)
	end
	if why then
		io:write("[", kafka.stamp(sim.wall_ms()), "] ERROR Exiting ",
			"Kafka due to fatal exception (kafka.Kafka$)\n", why,
			"\n")
	end
end

-- A port that leads into a container: the world's own, or a new one.
local function publish(io, container, outer, inner)
	local p = broker_on(container)
	if not p or outer == inner and outer == 9092 then
		return true
	end
	if kafka.command("publish", { on = kafka.here(io), port = outer,
			to = p.name, ["to-port"] = inner }) then
		return true
	end
	local env = compose.environment(container) or {}
	if not (env.KAFKA_LISTENERS or ""):find(":" .. inner .. "%f[%D]") then
		return true	-- nobody listens there: it changes nothing
	end
	io:err("docker: docker-compose.yml: port ", outer, " of the host ",
		"cannot be published here; 9092 is\n")
	return false
end

-- Refuse what would be left out, rather than mean something else.
local function check_compose(io)
	for _, entry in ipairs(compose.entries() or {}) do
		if entry.unknown then
			io:err("docker: docker-compose.yml: ", entry.unknown,
				" is not simulated here\n")
			return false
		elseif not publish(io, entry.service, entry.outer,
				entry.inner) then
			return false
		end
	end
	return true
end

-- compose up: from files first, in the order of the world; then whatever is
-- left is started.
local function up(io, names)
	local status, left = 0, {}
	if not check_compose(io) then
		return 1
	end
	local wanted = names
	if #names == 0 then
		wanted = {}
		for _, machine in ipairs(sim.machines()) do
			wanted[#wanted + 1] = machine.name
		end
	end
	local made = {}
	for _, name in ipairs(wanted) do
		local result = up_from_file(io, name)
		if result then
			status, made[name] = math.max(status, result), true
		elseif #names > 0 then
			left[#left + 1] = name
		end
	end
	if #names == 0 then
		for _, p in ipairs(containers(true, kafka.here(io))) do
			if p.state == "down" and not made[p.machine] then
				left[#left + 1] = p.name
			end
		end
	end
	return math.max(status, service(io, "start", left))
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
	local p = find(io, name)
	local status = ops.show_log(io, p.name, count,
		since and math.max(0, sim.now() - since), follow)
	last_words(io, p)
	return status
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
	local program = (command:match("[^/]+$") or ""):gsub("%.sh$", "")
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

local function run_compose(io, words)
	local verb, rest = words[1], rest_of(words)
	if verb == "ps" then
		return ps(io, false)
	elseif verb == "exec" then
		return exec(io, rest)
	elseif verb == "logs" and #rest > 0 then
		return logs(io, rest)
	elseif verb == "up" then
		return up(io, rest)
	elseif verb == "start" then
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
	summary = "containers: look, start and stop, run inside",
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
			return run_compose(io, rest)
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
