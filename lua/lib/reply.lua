-- reply.lua - is an answer what it should be, before a tool believes it?
--
-- Answers are JSON from the other side of a network.  A client of the real
-- thing reads them by a schema and refuses what does not fit; so does
--
--	local value = reply.read(text, reply.record)	-- nil: does not fit
--
-- A shape is the name of a type ("index": 0, 1, ...), a list, a map, what may
-- be missing, or a table of the fields there must be; further fields do not
-- matter.
local reply = {}

local function list(of) return { list = of } end
local function map(of) return { map = of } end
local function maybe(of) return { maybe = of } end

local fits

local function all_fit(walk, value, shape)
	for _, one in walk(value) do
		if not fits(one, shape) then
			return false
		end
	end
	return true
end

local function fields_fit(value, shape)
	for name, of in pairs(shape) do
		if not fits(value[name], of) then
			return false
		end
	end
	return true
end

fits = function(value, shape)
	if shape == "index" then
		return math.type(value) == "integer" and value >= 0
	elseif type(shape) == "string" then
		return type(value) == shape or math.type(value) == shape
	elseif shape.maybe then
		return value == nil or fits(value, shape.maybe)
	elseif type(value) ~= "table" then
		return false
	elseif shape.list then
		return all_fit(ipairs, value, shape.list)
	elseif shape.map then
		return all_fit(pairs, value, shape.map)
	end
	return fields_fit(value, shape)
end

reply.fits = fits

function reply.read(text, shape)
	local value = json.decode(text)
	return fits(value, shape) and value or nil
end

-- What a mailbox holds (sim/stack/terminal.h) --------------------------------

local place = { topic = "string", partition = "index" }

local function at_place(more)
	more.topic, more.partition = place.topic, place.partition
	return more
end

reply.record = at_place{ offset = "integer", timestamp_ms = "integer",
			 key = maybe "string", value = maybe "string",
			 headers = maybe(list{ key = "string",
					       value = maybe "string" }) }
reply.ack = { count = "integer" }
reply.failed = { topic = "string", class = "string", message = "string",
		 records = list{ key_bytes = "integer",
				 value_bytes = "integer" } }
reply.http = { status = "integer", content_type = "string", body = "string" }
reply.http_error = { error = "string", message = maybe "string" }

-- Files of the same kind: plans, places, topics.
reply.plan = list(at_place{ replicas = list "integer" })
reply.places = list(place)
reply.topics = list{ topic = "string" }

-- What admin says: answers by api (sim/broker/admin.c) ----------------------------

local topic = { name = "string", uuid = "string", internal = "boolean" }
local failure = { name = "string", error = "string", message = "string" }
local brokers = list "integer"
local results = { results = list(at_place{ error = maybe "string",
					   message = maybe "string" }) }
local quorum_node = { id = "integer", directory = "string",
	log_end_offset = "integer", last_fetch = "integer",
	last_caught_up = "integer" }
local producers = { producers = list(at_place{ producer_id = "integer",
	epoch = "integer", coordinator_epoch = "integer",
	last_sequence = "integer", last_timestamp = "integer",
	start = "integer" }) }
local answers = {
	["describe-quorum"] = { cluster_id = "string", leader = "integer",
		epoch = "integer", high_watermark = "integer",
		voters = list(quorum_node), observers = list(quorum_node),
		endpoints = list "string" },
	["list-topics"] = { topics = list(topic) },
	["describe-cluster"] = { nodes = list{ id = "integer", host = "string",
		port = "integer", rack = maybe "string" } },
	["list-reassignments"] = { reassignments = list(at_place{
		replicas = brokers, adding = brokers, removing = brokers }) },
	["alter-reassignments"] = results,
	["elect-leaders"] = results,
	["describe-log-dirs"] = { log_dirs = list{ log_dir = "string",
		error = maybe "string", partitions = list(at_place{
			size = "integer", offset_lag = "integer",
			is_future = "boolean" }) } },
	["list-groups"] = { groups = list{ group = "string", state = "string",
		type = "string" } },
	["describe-group"] = { state = "string", assignor = "string",
		coordinator = "integer", members = list{ member_id = "string",
			client_id = "string", host = "string",
			instance_id = maybe "string",
			assignment = list(place) } },
	["delete-group-offsets"] = { partitions = list(at_place{
		error = maybe "string" }) },
	["group-offsets"] = { offsets = list(at_place{ offset = "integer" }) },
	["list-transactions"] = { transactions = list{ id = "string",
		producer_id = "integer", state = "string" } },
	["describe-transaction"] = { coordinator = "integer",
		producer_id = "integer", epoch = "integer", state = "string",
		timeout_ms = "integer", start_ms = "integer",
		partitions = list(place) },
	["describe-producers"] = producers,
	["describe-producers-on"] = producers,
	["list-offsets"] = { offsets = list(at_place{ offset = "integer" }) },
}

-- These two tell for each thing asked for what went wrong, or how it is.
local each = {
	["describe-topics"] = { "topics", { name = "string", uuid = "string",
		partitions = list{ partition = "index", leader = "integer",
			replicas = brokers, isr = brokers } } },
	["describe-configs"] = { "resources", { name = "string",
		entries = list{ name = "string", value = "string",
			source = "string", synonyms = list{ source = "string",
				name = "string", value = "string" } } } },
}

local function answer_fits(answer, api)
	local of = each[api]
	if not of then
		return fits(answer, answers[api] or {})
	end
	if not fits(answer, { [of[1]] = list{} }) then
		return false
	end
	for _, one in ipairs(answer[of[1]]) do
		if not fits(one, one.error and failure or of[2]) then
			return false
		end
	end
	return true
end

local outcome = { answers = maybe(list{ answer = {} }),
		  error = maybe "string", class = maybe "string",
		  message = maybe "string" }

-- The outcome of an api: { answers = { {answer=}... }, error=, class=,
-- message= }, or nil.
function reply.outcome(text, api)
	local value = reply.read(text, outcome)
	if not value then
		return nil
	end
	value.answers = value.answers or {}
	for _, one in ipairs(value.answers) do
		if not answer_fits(one.answer, api) then
			return nil
		end
	end
	return value
end

return reply
