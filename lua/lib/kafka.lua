-- kafka.lua - what Kafka's command line tools have in common
--
-- A tool is a Java program on some machine: it opens an AdminClient, a
-- producer or a consumer there (commands of sim/stack/terminal.h), and prints
-- what they say.  Exceptions are tables {class, message, cause, frames}; how a
-- tool shows one is the tool's own habit.
--
--	local admin = kafka.admin(io, set:value("bootstrap-server"))
--	local answer, e = admin:call("list-topics")
--
-- Sentences and columns: Kafka 3.9, org.apache.kafka.tools and kafka.admin.
local reply = use "reply"
local kafka = {}

kafka.VERSION = "3.9.0"

-- The two options every tool has (CommandDefaultOptions).
kafka.help = { "help", help = "Print usage information." }
kafka.version = { "version", help = "Display Kafka version." }

-- Where it runs ---------------------------------------------------------------

-- The machine the console stands on: $HOSTNAME, the workstation, or the first.
function kafka.here(io)
	local wanted = io:env("HOSTNAME")
	local first
	for _, machine in ipairs(sim.machines()) do
		if machine.name == wanted then
			return wanted
		end
		if machine.name == "workstation" then
			first = "workstation"
		end
		first = first or machine.name
	end
	return first or "localhost"
end

-- Words of a command, as sim/core/args.h reads them.
local function escaped(value)
	return (tostring(value):gsub("[^!-~]", function(c)
		return ("%%%02x"):format(c:byte())
	end):gsub("=", "%%3d"))
end

local function words(fields)
	local out = {}
	for key, value in pairs(fields) do
		out[#out + 1] = key .. "=" .. escaped(value)
	end
	return table.concat(out, " ")
end

-- '%' first, or it would be escaped twice.
local function encode(fields)
	local copy = {}
	for key, value in pairs(fields) do
		copy[key] = type(value) == "string"
			and value:gsub("%%", "%%25") or value
	end
	return words(copy)
end

-- Pairs of words in one: what a command takes as a list (terminal.h).
function kafka.nested(list)
	local out = {}
	for _, pair in ipairs(list) do
		out[#out + 1] = encode{ k = pair[1] }
		out[#out + 1] = pair[2] and encode{ v = pair[2] } or nil
	end
	return table.concat(out, " ")
end

-- A command of the world: its id, or nil and why not.
function kafka.command(verb, fields)
	return sim.command(verb .. " " .. encode(fields))
end

-- Dates and log lines -----------------------------------------------------------

-- Days since 1970 as year, month, day (H. Hinnant, "chrono-compatible
-- low-level date algorithms", civil_from_days).
local function civil(days)
	local z = days + 719468
	local era = z // 146097
	local doe = z - era * 146097
	local yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
	local doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
	local mp = (5 * doy + 2) // 153
	local month = mp < 10 and mp + 3 or mp - 9
	return yoe + era * 400 + (month <= 2 and 1 or 0), month,
		doy - (153 * mp + 2) // 5 + 1
end

-- And back: days since 1970 of a date; nil when there is no such date.
function kafka.days(year, month, day)
	local y = month <= 2 and year - 1 or year
	local era = y // 400
	local yoe = y - era * 400
	local mp = month > 2 and month - 3 or month + 9
	local doy = (153 * mp + 2) // 5 + day - 1
	local doe = yoe * 365 + yoe // 4 - yoe // 100 + doy
	local days = era * 146097 + doe - 719468
	local cy, cm, cd = civil(days)
	return cy == year and cm == month and cd == day and days or nil
end

-- "2026-01-05 08:00:01,250"
function kafka.stamp(ms)
	local days, rest = ms // 86400000, ms % 86400000
	local year, month, day = civil(days)
	return ("%04d-%02d-%02d %02d:%02d:%02d,%03d"):format(year, month, day,
		rest // 3600000, rest // 60000 % 60, rest // 1000 % 60,
		rest % 1000)
end

-- A line of the tool's own log (tools-log4j.properties: [%d] %p %m (%c)).
function kafka.log(io, level, text, logger)
	io:err("[", kafka.stamp(sim.wall_ms()), "] ", level, " ", text, " (",
		logger, ")\n")
end

-- Exceptions ----------------------------------------------------------------------

function kafka.exception(class, message, frames)
	return { class = class, message = message, frames = frames }
end

function kafka.illegal(message, frames)
	return kafka.exception("java.lang.IllegalArgumentException", message,
		frames)
end

-- Throwable.toString
function kafka.text_of(e)
	return e.class .. (e.message and ": " .. e.message or "")
end

-- ExecutionException around what a future failed with.
function kafka.execution(e)
	return { class = "java.util.concurrent.ExecutionException",
		 message = kafka.text_of(e), cause = e }
end

-- Utils.stackTrace.  Kafka's own errors have no frames (ApiException).
function kafka.stack(e)
	local out = { kafka.text_of(e) }
	for _, frame in ipairs(e.frames or {}) do
		out[#out + 1] = "\tat " .. frame
	end
	local text = table.concat(out, "\n") .. "\n"
	if e.cause then
		text = text .. "Caused by: " .. kafka.stack(e.cause)
	end
	return text
end

-- What most mains do with an exception that reaches them: message and stack
-- trace, status 1.
function kafka.fail(io, e)
	io:err(e.message or "null", "\n", kafka.stack(e), "\n")
	io:exit(1)
end

-- parse, or end as such a main does.
function kafka.parse(io, parser, argv)
	local set, e = parser:parse(argv)
	if not set then
		kafka.fail(io, e)
	end
	return set
end

-- Refuse an option that the real tool has and this one does not, in a
-- sentence, rather than mean something else.
function kafka.not_here(io, set, ...)
	for _, name in ipairs({ ... }) do
		if set:has(name) then
			io:err(io.name, ": --", name, " is a real option, ",
				"but it is not simulated here\n")
			io:exit(1)
		end
	end
end

-- Bootstrap servers ------------------------------------------------------------------

local function config_exception(message)
	return kafka.exception("org.apache.kafka.common.config.ConfigException",
		message)
end

local function client_failed(kind, message)
	local e = kafka.exception("org.apache.kafka.common.KafkaException",
		kind)
	e.cause = config_exception(message)
	return e
end

-- ClientUtils.parseAndValidateAddresses, as far as it looks at the text.
local function bad_bootstrap(list)
	local any
	for url in list:gmatch("[^,]+") do
		local port = url:match("^%s*[^:%s]+:(%d+)%s*$")
		any = true
		if not port then
			return "Invalid url in bootstrap.servers: " .. url
		end
		if tonumber(port) > 65535 then
			return "Invalid port in bootstrap.servers: " .. url
		end
	end
	return not any and "No resolvable bootstrap urls given in "
		.. "bootstrap.servers" or nil
end

-- nil, or the exception with which a client cannot be made.
function kafka.bootstrap_error(list, kind)
	local why = bad_bootstrap(list)
	return why and client_failed(kind or "Failed to create new "
		.. "KafkaAdminClient", why)
end

-- The admin client ---------------------------------------------------------------------

local Admin = {}
Admin.__index = Admin

-- kafka.admin(io, bootstrap [, {client_id=, timeout_ms=}]) -> admin; nil and an
-- exception when no client can be made.
function kafka.admin(io, bootstrap, options)
	local e = kafka.bootstrap_error(bootstrap)
	if e then
		return nil, e
	end
	options = options or {}
	return setmetatable({ io = io, bootstrap = bootstrap,
		client_id = options.client_id or "adminclient-1",
		timeout_ms = options.timeout_ms }, Admin)
end

local function request(self, api, fields)
	local all = { api = api }
	for key, value in pairs(fields or {}) do
		all[key] = value
	end
	all.timeout_ms = all.timeout_ms or self.timeout_ms
	if self.id then
		all.id = self.id
	else
		all.from = kafka.here(self.io)
		all.bootstrap = self.bootstrap
		all.client_id = self.client_id
		all.command = self.io.name
		all.keep = 1
	end
	return all
end

-- Print what the client logs; the text of its reply when that has come.
local function read_mail(self)
	local text
	for _, entry in ipairs(sim.entries(self.id)) do
		if entry.kind == "log" then
			self.io:err(entry.text, "\n")
		elseif entry.kind == "reply" then
			text = entry.text
		elseif entry.kind == "closed" then
			self.id = nil
			text = text or '{"answers":[],"error":"CLOSED",'
				.. '"class":"java.lang.InterruptedException"}'
		end
	end
	return text
end

-- SchemaException: it is no answer to this question.
local function unreadable(api)
	return { answers = {}, error = "UNREADABLE", class = "org.apache.kafka."
		.. "common.protocol.types.SchemaException",
		message = "Error reading the answer to '" .. api .. "'" }
end

local function wait(self, api)
	while true do
		local text = read_mail(self)
		if text then
			return reply.outcome(text, api) or unreadable(api)
		end
		if await("entry", self.id) == "interrupted" then
			self:close()
			self.io:exit(130)
		end
	end
end

-- The answers of an api, a list of { node=, answer= }; and what went wrong, an
-- exception, when something did.
function Admin:answers(api, fields)
	local id, why = kafka.command("admin", request(self, api, fields))
	if not id and self.id then		-- it ended while nobody asked
		self.id = nil
		id, why = kafka.command("admin", request(self, api, fields))
	end
	if not id then
		self.io:err(self.io.name, ": ", why, "\n")
		self.io:exit(1)
	end
	self.id = id
	local got = wait(self, api)
	if not got.error then
		return got.answers
	end
	if got.error == "CONFIG" then		-- it could not even be made
		local e = client_failed("Failed to create new "
			.. "KafkaAdminClient", got.message)
		e.at_creation = true
		return got.answers, e
	end
	return got.answers, kafka.exception(got.class or "org.apache.kafka."
		.. "common.errors.UnknownServerException", got.message)
end

-- The one answer; nil and an exception.
function Admin:call(api, fields)
	local answers, e = self:answers(api, fields)
	if not e and not answers[1] then
		e = unreadable(api)
	end
	if e then
		return nil, e
	end
	return answers[1].answer
end

function Admin:close()
	if self.id then
		kafka.command("admin-close", { id = self.id })
		self.id = nil
	end
end

-- Other clients ---------------------------------------------------------------------------

-- Warnings and the exception of a client none of whose servers has an address.
local function unresolvable(io, bootstrap, kind)
	for url in bootstrap:gmatch("[^,]+") do
		kafka.log(io, "WARN", "Couldn't resolve server " .. url
			.. " from bootstrap.servers as DNS resolution failed "
			.. "for " .. url:match("^[^:]*"),
			"org.apache.kafka.clients.ClientUtils")
	end
	return client_failed(kind, "No resolvable bootstrap urls given in "
		.. "bootstrap.servers")
end

-- Open a producer or consumer: its id; or nil and an exception.
function kafka.open(io, verb, kind, fields)
	local e = kafka.bootstrap_error(fields.bootstrap, kind)
	if e then
		return nil, e
	end
	fields.from = kafka.here(io)
	fields.command = io.name
	local id, why = kafka.command(verb, fields)
	if id then
		return id
	end
	if why:find("No resolvable bootstrap urls", 1, true) then
		return nil, unresolvable(io, fields.bootstrap, kind)
	end
	-- ProducerConfig and ConsumerConfig are made before anything is caught.
	return nil, config_exception(why)
end

-- Topics by name --------------------------------------------------------------------------

-- IncludeList: a comma is "or", blanks and quotes around do not count, and the
-- whole name has to match.
local regex

function kafka.include(text)
	regex = regex or use "regex"
	local pattern = text:gsub("^%s+", ""):gsub("%s+$", ""):gsub(",", "|")
		:gsub(" ", ""):gsub("^[\"']+", ""):gsub("[\"']+$", "")
	local matcher = regex.new("(" .. pattern .. ")",
		{ extended = true, line = true })
	if not matcher then
		return nil, kafka.exception("java.lang.RuntimeException",
			pattern .. " is an invalid regex.")
	end
	return function(name) return matcher:test(name) end
end

-- Names of topics, sorted; those that match `include` (a text, or nil), with
-- or without internal ones.  nil and an exception.
function kafka.topic_names(admin, include, without_internal)
	local answer, e = admin:call("list-topics")
	if not answer then
		return nil, e
	end
	local fits
	if include then
		fits, e = kafka.include(include)
		if not fits then
			return nil, e
		end
	end
	local names = {}
	for _, topic in ipairs(answer.topics) do
		if (not fits or fits(topic.name))
				and not (without_internal and topic.internal) then
			names[#names + 1] = topic.name
		end
	end
	table.sort(names)
	return names
end

-- What was answered by name, if all that was asked for is there.
local function all_there(by_name, names)
	for _, name in ipairs(names) do
		if not by_name[name] then
			return nil, kafka.exception("org.apache.kafka.common."
				.. "errors.UnknownTopicOrPartitionException",
				"This server does not host this "
				.. "topic-partition.")
		end
	end
	return by_name
end

-- Descriptions of these topics, by name; nil and an exception if one is not
-- there.
function kafka.describe(admin, names)
	local by_name = {}
	if #names == 0 then
		return by_name
	end
	local answer, e = admin:call("describe-topics",
		{ topics = table.concat(names, ",") })
	if not answer then
		return nil, e
	end
	for _, topic in ipairs(answer.topics) do
		if topic.error then
			return nil, kafka.exception("org.apache.kafka.common."
				.. "errors.UnknownTopicOrPartitionException",
				topic.message)
		end
		by_name[topic.name] = topic
	end
	return all_there(by_name, names)
end

-- Settings of resources, by name: { {name, value, source, synonyms}... }.
function kafka.configs(admin, fields)
	local by_name = {}
	local answer, e = admin:call("describe-configs", fields)
	if not answer then
		return nil, e
	end
	for _, resource in ipairs(answer.resources) do
		if resource.error then
			return nil, kafka.exception("org.apache.kafka.common."
				.. "errors.UnknownTopicOrPartitionException",
				resource.message)
		end
		by_name[resource.name] = resource.entries
	end
	return all_there(by_name, fields.topics
		and kafka.split(fields.topics, ",") or {})
end

-- Small things -----------------------------------------------------------------------------

function kafka.list(values)
	local out = {}
	for i, value in ipairs(values) do
		out[i] = tostring(value)
	end
	return table.concat(out, ",")
end

function kafka.contains(values, wanted)
	for _, value in ipairs(values) do
		if value == wanted then
			return true
		end
	end
	return false
end

-- Values that stand more than once, each once.
function kafka.duplicates(values)
	local seen, out = {}, {}
	for _, value in ipairs(values) do
		if seen[value] == 1 then
			out[#out + 1] = value
		end
		seen[value] = (seen[value] or 0) + 1
	end
	return out
end

-- a,b,c
function kafka.split(text, separator)
	local out = {}
	for item in (text .. separator):gmatch("(.-)%" .. separator) do
		out[#out + 1] = item
	end
	return out
end

-- key=value pairs, as CommandLineUtils.parseKeyValueArgs: a list of
-- { key, value } and a table.
function kafka.properties(values)
	local by_key = {}
	for _, text in ipairs(values) do
		local key, value = text:match("^([^=]*)=?(.*)$")
		by_key[key] = value
	end
	return by_key
end

-- %-20s
function kafka.pad(value, width)
	local text = tostring(value)
	return text .. (" "):rep(width - #text)
end

-- Completion of option arguments: names of topics, groups, servers.
function kafka.complete(word_before)
	if word_before == "--topic" then
		return sim.topics()
	elseif word_before == "--group" then
		return sim.groups()
	elseif word_before == "--bootstrap-server" then
		return kafka.servers()
	end
	return {}
end

-- host:port of processes that listen on a port of Kafka's.
function kafka.servers()
	local out = {}
	for _, process in ipairs(sim.processes()) do
		for _, port in ipairs(process.ports or {}) do
			if port // 100 == 90 or port // 100 == 190
					or port // 100 == 290 then
				out[#out + 1] = process.machine .. ":" .. port
			end
		end
	end
	return out
end

return kafka
