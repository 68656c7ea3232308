-- traces.lua - requests and records on their way, as a tracing backend has them
--
-- What a person asks Jaeger or Zipkin in a browser: the latest traces, and one
-- of them as a waterfall.  Sampling is set for all programs at once, as
-- OTEL_TRACES_SAMPLER=parentbased_traceidratio in their environment would.
local args, ops = use "args", use "ops"

local options = { { "n", arg = "N" } }
local usage = "traces [-n N] | traces TRACE-ID | traces sample RATIO"
local parser = args.gnu{ usage = usage, options = options }
local WIDTH = 40			-- columns of the waterfall

local function ms(seconds)
	return ("%.3f ms"):format(seconds * 1000)
end

local function list(io, count)
	local rows = { { "TRACE", "BEGAN", "TOOK", "SPANS", "ERRORS", "ROOT" } }
	for _, t in ipairs(sim.traces(count)) do
		rows[#rows + 1] = { t.id, ("%.3f s"):format(t.at), ms(t.seconds),
			t.spans, t.errors, t.process .. ": " .. t.name }
	end
	if #rows == 1 then
		io:write("No traces yet: 'traces sample 0.01' keeps one of a "
			.. "hundred from now on.\n")
		return 0
	end
	ops.table(io, rows, { [2] = true, [3] = true, [4] = true, [5] = true })
	return 0
end

-- A span's place on the line of the whole trace.
local function bar(span, from, whole)
	local function column(at)
		return whole > 0 and math.floor((at - from) / whole * WIDTH) or 0
	end
	local first = math.min(column(span.at), WIDTH - 1)
	local last = math.max(first + 1, column(span.at + span.seconds))
	return (" "):rep(first) .. ("="):rep(last - first)
		.. (" "):rep(WIDTH - last)
end

local function show(io, id)
	local spans = sim.trace(id)
	if #spans == 0 then
		io:err("traces: no span of trace ", id, " was kept; 'traces' ",
			"lists those there are\n")
		return 1
	end
	local from, to = math.huge, -math.huge
	for _, s in ipairs(spans) do
		from = math.min(from, s.at)
		to = math.max(to, s.at + s.seconds)
	end
	local rows = { { "PROCESS", "SPAN", "", "TOOK", "STATUS" } }
	for _, s in ipairs(spans) do
		rows[#rows + 1] = { s.process, ("  "):rep(s.depth) .. s.name,
			"|" .. bar(s, from, to - from) .. "|", ms(s.seconds),
			s.status == "unset" and "" or s.status }
	end
	io:write("trace ", id, ", ", ms(to - from), "\n")
	ops.table(io, rows, { [4] = true })
	return 0
end

local function sample(io, text)
	local ratio = tonumber(text)
	if not ratio or ratio < 0 or ratio > 1 then
		io:err("traces: sample ", text, ": a ratio is from 0 (no trace) ",
			"to 1 (all)\n")
		return 1
	end
	local ok, why = sim.command("trace-ratio ppm="
		.. math.floor(ratio * 1000000 + 0.5))
	if not ok then
		io:err("traces: ", why, "\n")
		return 1
	end
	return 0
end

return {
	name = "traces",
	summary = "show traces, or one of them as a waterfall",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local rest = opts.rest
		local count = tonumber(opts.n or 20)
		if rest[1] == "sample" and rest[2] and not rest[3] then
			return sample(io, rest[2])
		elseif #rest > 1 or rest[1] == "sample" then
			io:err("usage: ", usage, "\n")
			return 2
		elseif rest[1] and not (#rest[1] == 32
				and rest[1]:find("^[0-9a-f]+$")) then
			io:err("traces: ", rest[1], " is no trace id: that has ",
				"32 digits, 0-9 and a-f\n")
			return 1
		elseif rest[1] then
			return show(io, rest[1])
		elseif math.type(count) ~= "integer" or count < 1 then
			io:err("traces: -n ", opts.n, ": that is no number of ",
				"traces\n")
			return 1
		end
		return list(io, count)
	end,
}
