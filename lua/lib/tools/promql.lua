-- promql.lua - ask Prometheus
--
-- Over its HTTP API (/api/v1/query, /api/v1/query_range), with a table as
-- promql-cli prints it.
local args, http, kafka, ops = use "args", use "http", use "kafka", use "ops"
local reply = use "reply"

local options = {
	{ "host", arg = "URL" }, { "time", arg = "SECONDS" },
	{ "start", arg = "10m" }, { "end", arg = "0s" },
	{ "step", arg = "15s" }, { "json" }, { "output", arg = "json|csv" },
}
local usage = "promql [--host http://prometheus:9090] [--time UNIX] "
	.. "[--start 10m [--end 0s] [--step 15s]] [--json] QUERY"
local parser = args.gnu{ usage = usage, options = options }

local function seconds(ns)
	return ("%.3f"):format(ns / 1e9)
end

local function stamp(value)
	local text = kafka.stamp(math.floor(value * 1000))
	return text:sub(1, 10) .. "T" .. text:sub(12, 19) .. "Z"
end

-- Names of all labels, the metric's first.
local function columns_of(series)
	local seen, out = {}, {}
	for _, s in ipairs(series) do
		for name in pairs(s.metric or {}) do
			if not seen[name] then
				seen[name] = true
				out[#out + 1] = name
			end
		end
	end
	table.sort(out, function(a, b)
		if (a == "__name__") ~= (b == "__name__") then
			return a == "__name__"
		end
		return a < b
	end)
	return out
end

local function row_of(columns, metric, ...)
	local row = {}
	for i, name in ipairs(columns) do
		row[i] = metric[name] or ""
	end
	for _, value in ipairs({ ... }) do
		row[#row + 1] = value
	end
	return row
end

-- What /api/v1/query and query_range answer (Prometheus, "HTTP API").
local series_shape = { list = { metric = { map = "string" } } }

local function point_fits(point)
	return reply.fits(point, { "number", "string" })
		and math.abs(point[1]) < 1e12
end

local function series_fit(s)
	if s.value then
		return point_fits(s.value)
	end
	for _, point in ipairs(reply.fits(s.values, {}) and s.values or { 0 }) do
		if not point_fits(point) then
			return false
		end
	end
	return true
end

local function data_fits(data)
	if not reply.fits(data, { resultType = "string" }) then
		return false
	end
	if data.resultType == "scalar" or data.resultType == "string" then
		return point_fits(data.result)
	end
	if not reply.fits(data.result, series_shape) then
		return false
	end
	for _, s in ipairs(data.result) do
		if not series_fit(s) then
			return false
		end
	end
	return true
end

-- What Prometheus notes beside its answer: beside the table, so that pipes
-- get the table alone.
local function note(io, answer)
	for _, line in ipairs(reply.fits(answer.infos, {})
			and answer.infos or {}) do
		if type(line) == "string" then
			io:err("info: ", line, "\n")
		end
	end
end

local function show(io, data, csv)
	local series = data.result
	if data.resultType == "scalar" or data.resultType == "string" then
		series = { { metric = {}, value = data.result } }
	end
	local columns = columns_of(series)
	local rows = { {} }
	for i, name in ipairs(columns) do
		rows[1][i] = name:upper()
	end
	table.insert(rows[1], "VALUE")
	table.insert(rows[1], "TIMESTAMP")
	for _, s in ipairs(series) do
		for _, point in ipairs(s.values or { s.value }) do
			rows[#rows + 1] = row_of(columns, s.metric, point[2],
				stamp(point[1]))
		end
	end
	if not csv then
		if #rows > 1 then
			ops.table(io, rows)
		end
		return
	end
	for _, row in ipairs(rows) do
		io:write(table.concat(row, ","), "\n")
	end
end

local function span(io, opts, name, otherwise)
	local ns = opts[name] and ops.span(opts[name])
	if opts[name] and not ns then
		io:err("promql: --", name, " ", opts[name],
			": write a time like 90s, 5m, 2h\n")
		io:exit(1)
	end
	return ns or otherwise
end

local function path_of(io, opts, query)
	local now = sim.wall_ms() * 1000000
	if not opts.start then
		return "/api/v1/query?" .. http.query({ query = query,
			time = opts.time or seconds(now) })
	end
	local from = now - span(io, opts, "start", 0)
	local to = now - span(io, opts, "end", 0)
	return "/api/v1/query_range?" .. http.query({ query = query,
		start = seconds(from), ["end"] = seconds(to),
		step = seconds(span(io, opts, "step", 15 * 10^9)) })
end

return {
	name = "promql",
	summary = "ask Prometheus",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		if #opts.rest == 0 then
			parser:refuse(io, "what is the query?")
		end
		local host = (opts.host or "http://prometheus:9090")
			:gsub("^http://", ""):gsub("/.*$", "")
		local query = table.concat(opts.rest, " ")
		local got, why = http.get(io, host, path_of(io, opts, query))
		if not got then
			io:err("promql: error querying prometheus: ", why, "\n")
			return 1
		end
		if opts.json or opts.output == "json" then
			io:write(got.body, "\n")
			return got.status == 200 and 0 or 1
		end
		local answer = json.decode(got.body)
		if reply.fits(answer, { error = "string",
				errorType = "string" }) then
			io:err("promql: error querying prometheus: ",
				answer.errorType, ": ", answer.error, "\n")
			return 1
		elseif not reply.fits(answer, {}) or answer.status ~= "success"
				or not data_fits(answer.data) then
			io:err("promql: error querying prometheus: bad_response",
				": status ", got.status, "\n")
			return 1
		end
		show(io, answer.data, opts.output == "csv")
		note(io, answer)
		return 0
	end,
}
