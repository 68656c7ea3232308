-- http.lua - one request over the simulated network, for tools
local kafka, reply = use "kafka", use "reply"
local http = {}

function http.escape(text)
	return (text:gsub("[^%w%-_.~]", function(c)
		return ("%%%02X"):format(c:byte())
	end))
end

-- Query arguments in order of name.
function http.query(fields)
	local out = {}
	for key, value in pairs(fields) do
		out[#out + 1] = http.escape(key) .. "="
			.. http.escape(tostring(value))
	end
	return table.concat(out, "&")
end

-- http.get(io, "host:port", path) -> { status=, content_type=, body= }, or nil
-- and a sentence as curl would say it.
function http.request(io, method, to, path, body)
	local host, port = to:match("^([^:]+):?(%d*)$")
	if not host then
		return nil, "URL using bad/illegal format or missing URL", 3
	end
	local id, why = kafka.command("http", { from = kafka.here(io),
		to = host .. ":" .. (port ~= "" and port or 80), path = path,
		method = method, body = body, command = io.name })
	if not id then
		return nil, why
	end
	while true do
		for _, entry in ipairs(sim.entries(id)) do
			if entry.kind == "reply" then
				return http.outcome(entry.text, host,
					port ~= "" and port or 80)
			end
		end
		if await("entry", id) == "interrupted" then
			kafka.command("client-kill", { id = id })
			io:exit(130)
		end
	end
end

function http.get(io, to, path)
	return http.request(io, "GET", to, path)
end

local sentences = {
	NO_HOST = "Could not resolve host: %s",
	REFUSED = "Failed to connect to %s port %s: Connection refused",
	RESET = "Recv failure: Connection reset by peer",
	TIMEOUT = "Operation timed out after 30000 milliseconds",
}
http.codes = { NO_HOST = 6, REFUSED = 7, RESET = 56, TIMEOUT = 28 }

function http.outcome(text, host, port)
	local failed = reply.read(text, reply.http_error)
	if failed then
		local sentence = sentences[failed.error]
		return nil, sentence and sentence:format(host, port)
			or failed.message or failed.error,
			http.codes[failed.error]
	end
	local got = reply.read(text, reply.http)
	if not got then
		return nil, "Weird server reply", 8
	end
	return got
end

return http
