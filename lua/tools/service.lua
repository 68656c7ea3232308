-- service.lua - run a program of your own as a service, and configure it
--
-- What a deployment does: ship the file, set the layers of its configuration,
-- start it.  The rest is systemctl (start, stop, kill), logs and curl.
local args, kafka, lines = use "args", use "kafka", use "lines"

local usage = [[
service run NAME FILE.lua [WORD=VALUE]...   a new service; started
       service set NAME WORD=VALUE...              from its next start on
       service put FILE.lua                        likewise, its program
WORD: on, restart (no, on-failure, always), memory (bytes), cpus, start,
      properties (a file of KEY=VALUE lines),
      file.KEY, env.NAME, arg.KEY (the layers, weakest first)]]
local parser = args.gnu{ usage = usage, options = {} }

local known = { on = true, restart = true, memory = true, cpus = true,
		start = true }

local function refuse(io, ...)
	io:err("service: ", ...)
	io:err("\nusage: ", usage, "\n")
	return 2
end

-- Lines of a properties file: KEY=VALUE; # begins a comment.
local function properties(io, name, fields)
	local next_line = lines.open(io, name)
	if not next_line then
		return false
	end
	for line in next_line do
		local key, value = line:match("^%s*([%w._-]+)%s*[=:]%s*(.-)%s*$")
		if key then
			fields["file." .. key] = value
		elseif not line:match("^%s*$") and not line:match("^%s*[#!]") then
			io:err("service: ", name, ": no KEY=VALUE: ", line,
				"\n")
			return false
		end
	end
	return true
end

-- The words behind the operands; nil after telling what is wrong.
local function words(io, rest, from, fields, all)
	for i = from, #rest do
		local key, value = rest[i]:match("^([%w._-]+)=(.*)$")
		local layer = key and (key:match("^file%.[%w._-]+$")
			or key:match("^env%.[%w_]+$")
			or key:match("^arg%.[%w._-]+$"))
		if not key or not (layer or key == "properties"
				or all and known[key]) then
			refuse(io, rest[i], ": no such word")
			return nil
		end
		if key == "properties" then
			if not properties(io, value, fields) then
				return nil
			end
		else
			fields[key] = value
		end
	end
	return fields
end

local function put(io, name)
	local text = lines.whole(io, name)
	if not text then
		return false
	end
	local ok, why = kafka.command("program-put", { name = name,
		text = text })
	if not ok then
		io:err("service: ", why, "\n")
	end
	return ok
end

local verbs = {}

function verbs.put(io, rest)
	if #rest ~= 2 then
		return refuse(io, "put takes one file")
	end
	return put(io, rest[2]) and 0 or 1
end

function verbs.run(io, rest)
	if #rest < 3 then
		return refuse(io, "run takes a name and a file")
	end
	local fields = words(io, rest, 4, { name = rest[2],
		program = rest[3] }, true)
	if not fields then
		return 2
	elseif not put(io, rest[3]) then
		return 1
	end
	local ok, why = kafka.command("service-new", fields)
	if not ok then
		io:err("service: ", why, "\n")
		return 1
	end
	return 0
end

verbs["set"] = function(io, rest)
	if #rest < 3 then
		return refuse(io, "set takes a name and words")
	end
	local fields = words(io, rest, 3, { name = rest[2] }, false)
	if not fields then
		return 2
	end
	local ok, why = kafka.command("service-set", fields)
	if not ok then
		io:err("service: ", why, "\n")
		return 1
	end
	return 0
end

return {
	name = "service",
	summary = "run a program of your own as a service",
	usage = usage,
	options = {},
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local verb = verbs[opts.rest[1] or ""]
		if not verb then
			return refuse(io, opts.rest[1] and opts.rest[1]
				.. ": run, set or put" or "run, set or put?")
		end
		return verb(io, opts.rest)
	end,
}
