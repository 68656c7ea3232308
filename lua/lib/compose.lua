-- compose.lua - what docker-compose.yml and the env_files of containers say
--
-- Reading only: nothing here changes the world; tools/docker.lua acts on it.
--
-- Two kinds of container have an environment, NAME.env: a broker
-- (KAFKA_LISTENERS and what belongs to it), and a gateway that sends readings
-- (BOOTSTRAP_SERVERS, TOPIC, DEVICES, ACKS).  A broker that would refuse its
-- listeners says why in its own words: KafkaConfig.scala and
-- AbstractKafkaConfig, Kafka 3.9.
local compose = {}

-- docker-compose.yml ------------------------------------------------------

-- Keys that are read, or that change nothing here.
local known_keys = {}
for key in ("services image container_name hostname env_file ports expose "
		.. "depends_on restart volumes name version"):gmatch("%S+") do
	known_keys[key] = true
end

-- In the order of the file: { unknown = KEY } for what would mean something
-- that is not simulated, { service, outer, inner } for each published port.
-- nil: there is no such file.
function compose.entries()
	local text = files.read("docker-compose.yml")
	local out, service, key = {}, nil, nil
	for line in (text or ""):gmatch("[^\r\n]+") do
		local indent, name = line:match("^(%s*)([%w_.-]+):")
		local outer, inner = line:match('^%s*%-%s*"?(%d+):(%d+)"?%s*$')
		if indent and #indent == 2 then
			service = name
		elseif indent then
			key = name
			if (#indent == 0 or #indent == 4)
					and not known_keys[name] then
				out[#out + 1] = { unknown = name }
			end
		elseif outer and key == "ports" then
			out[#out + 1] = { service = service,
				outer = tonumber(outer),
				inner = tonumber(inner) }
		end
	end
	return text and out
end

-- Ports of the host, by container and its own port; nil: there is no file.
function compose.published()
	local entries, out = compose.entries(), {}
	for _, port in ipairs(entries or {}) do
		if port.service and not port.unknown then
			out[port.service] = out[port.service] or {}
			out[port.service][port.inner] = port.outer
		end
	end
	return entries and out
end

-- NAME.env ----------------------------------------------------------------

-- The environment of a container, NAME = value; nil: it has no such file.
function compose.environment(container)
	local text = files.read(container .. ".env")
	if not text then
		return nil
	end
	local env = {}
	for line in text:gmatch("[^\r\n]+") do
		local key, value = line:match("^%s*([%w_]+)%s*=%s*(.-)%s*$")
		if key then
			env[key] = value:match('^"(.*)"$')
				or value:match("^'(.*)'$") or value
		end
	end
	return env
end

local function refused(message)
	return nil, "java.lang.IllegalArgumentException: " .. message
end

local function required(message)
	return refused("requirement failed: " .. message)
end

-- "A:PLAINTEXT,B:PLAINTEXT" by name; nil and why.
local function protocols(text)
	local map = {}
	for item in (text or "PLAINTEXT:PLAINTEXT,SSL:SSL"):gmatch("[^,%s]+") do
		local name, protocol = item:match("^([^:]+):(.+)$")
		if not name then
			return refused("Error parsing listener.security."
				.. "protocol.map: " .. item)
		end
		map[name:upper()] = protocol:upper()
	end
	return map
end

-- "A://host:port,..." as { {name, host, port}... }; nil and why.
local function endpoints(text, map)
	local out = {}
	for item in text:gmatch("[^,%s]+") do
		local name, host, port = item:match("^(.*)://%[?([%w%-%%._:]*)"
			.. "%]?:(%d+)$")
		port = math.tointeger(tonumber(port))
		local why = (not port or port < 1 or port > 65535)
			and "Unable to parse " .. item
			.. " to a broker endpoint"
			or not map[name:upper()] and "No security protocol "
			.. "defined for listener " .. name:upper()
		if why then
			return refused("Error creating broker listeners from '"
				.. text .. "': " .. why)
		end
		out[#out + 1] = { name = name:upper(), host = host,
				  port = port }
	end
	return out
end

local function names_in(list)
	local out, text = {}, {}
	for i, item in ipairs(list) do
		out[item.name], text[i] = item, item.name
	end
	return out, table.concat(text, ",")
end

-- What would be wrong with the whole: KafkaConfig.validateValues.
local function validate(env, listeners, advertised)
	local bound, bound_text = names_in(listeners)
	local told, told_text = names_in(advertised)
	local between = (env.KAFKA_INTER_BROKER_LISTENER_NAME
		or "PLAINTEXT"):upper()
	local by_port = {}
	for _, item in ipairs(listeners) do
		if by_port[item.port] then
			return required("Each listener must have a different "
				.. "port, listeners: " .. env.KAFKA_LISTENERS)
		end
		by_port[item.port] = true
	end
	for name in (env.KAFKA_CONTROLLER_LISTENER_NAMES or "")
			:gmatch("[^,%s]+") do
		if bound[name:upper()] then
			return required("controller.listener.names must not "
				.. "contain a value appearing in the "
				.. "'listeners' configuration when running "
				.. "KRaft with just the broker role")
		end
	end
	if not told[between] then
		return required("inter.broker.listener.name must be a "
			.. "listener name defined in advertised.listeners. "
			.. "The valid options based on currently configured "
			.. "listeners are " .. told_text)
	end
	for _, item in ipairs(advertised) do
		if not bound[item.name] then
			return required("advertised.listeners listener names "
				.. "must be equal to or a subset of the ones "
				.. "defined in listeners. Found " .. told_text
				.. ". The valid options based on the current "
				.. "configuration are " .. bound_text)
		end
		if item.host == "0.0.0.0" then
			return required("advertised.listeners cannot use the "
				.. "nonroutable meta-address 0.0.0.0. Use a "
				.. "routable IP address.")
		end
	end
	return true
end

-- What the world can do of it: all are plain text, bound to every address.
local function simulated(listeners, map)
	for _, item in ipairs(listeners) do
		if map[item.name] ~= "PLAINTEXT" then
			return nil, map[item.name] .. " is not simulated here"
		end
		if item.host == "localhost" or item.host == "127.0.0.1" then
			return nil, "a listener bound to " .. item.host
				.. " is not simulated here; write 0.0.0.0"
		end
	end
	return true
end

-- The listeners of a broker, as { {name, port, host, advertised}... }.  nil and
-- why the broker would not start; a third value: why docker does not try.
function compose.listeners(env, container)
	local map, why = protocols(env.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP)
	if not map then
		return nil, why
	end
	env.KAFKA_LISTENERS = env.KAFKA_LISTENERS or "PLAINTEXT://:9092"
	local listeners, advertised
	listeners, why = endpoints(env.KAFKA_LISTENERS, map)
	if not listeners then
		return nil, why
	end
	advertised, why = endpoints(env.KAFKA_ADVERTISED_LISTENERS
		or env.KAFKA_LISTENERS, map)
	if not advertised then
		return nil, why
	end
	local good
	good, why = validate(env, listeners, advertised)
	if not good then
		return nil, why
	end
	good, why = simulated(listeners, map)
	if not good then
		return nil, nil, why
	end
	local told, out = names_in(advertised), {}
	for i, item in ipairs(listeners) do
		local at = told[item.name] or item
		out[i] = { name = item.name, port = item.port,
			   host = at.host ~= "" and at.host or container,
			   advertised = at.port }
	end
	return out
end

-- Listeners in the words of describe-configs: listeners, advertised.listeners.
function compose.as_config(list)
	local bound, told = {}, {}
	for i, item in ipairs(list) do
		bound[i] = ("%s://:%d"):format(item.name, item.port)
		told[i] = ("%s://%s:%d"):format(item.name, item.host,
			item.advertised)
	end
	return table.concat(bound, ",") .. " " .. table.concat(told, ",")
end

-- Do two such texts mean the same?  The order does not matter, nor does a
-- listener that was removed.
function compose.same_listeners(a, b)
	local function sorted(text)
		local items = {}
		for item in text:gmatch("[^,%s]+") do
			if not item:find("^REMOVED:") then
				items[#items + 1] = item
			end
		end
		table.sort(items)
		return table.concat(items, " ")
	end
	return sorted(a) == sorted(b)
end

-- Four digits that stay the same as long as the environment does.
function compose.digits(env)
	local keys, hash = {}, 2166136261
	for key in pairs(env) do
		keys[#keys + 1] = key .. "=" .. env[key]
	end
	table.sort(keys)
	local text = table.concat(keys, "\n")
	for i = 1, #text do
		hash = (hash ~ text:byte(i)) * 16777619 & 0xffffffff
	end
	return ("%04x"):format(hash & 0xffff)
end

return compose
