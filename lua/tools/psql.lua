-- psql.lua - look into the relational store
local args, http, reply = use "args", use "http", use "reply"

local options = {
	{ "h", "host", arg = "HOST" }, { "p", "port", arg = "PORT" },
	{ "c", "command", arg = "SQL" }, { "t", "tuples-only" },
	{ "U", "username", arg = "NAME" }, { "d", "dbname", arg = "NAME" },
}
local usage = "psql [-h HOST] [-p PORT] [-t] -c 'SQL' (or \\d, \\d TABLE)"
local parser = args.gnu{ usage = usage, options = options }

local shapes = {
	rows = { columns = { list = "string" },
		 rows = { list = "table" } },
	tag = { tag = "string" },
	error = { code = "string", message = "string",
		  detail = { maybe = "string" } },
	tables = { list = { name = "string", rows = "index", columns = {
		list = { name = "string", type = "string",
			 not_null = "boolean" } } } },
}

local function cell(value)
	if value == nil or value == json.null then
		return ""
	elseif type(value) == "boolean" then
		return value and "t" or "f"
	end
	return tostring(value)
end

-- Aligned, numbers to the right, a rule below the names.
local function show(io, columns, rows, bare)
	local width, right = {}, {}
	for i, name in ipairs(columns) do
		width[i] = utf8.len(name) or #name
		for _, row in ipairs(rows) do
			local text = cell(row[name])
			width[i] = math.max(width[i], utf8.len(text) or #text)
			right[i] = right[i] or type(row[name]) == "number"
		end
	end
	local function line(values, pad)
		local out = {}
		for i, text in ipairs(values) do
			local blanks = width[i] - (utf8.len(text) or #text)
			local left = pad == "centre" and blanks // 2
				or right[i] and blanks or 0
			out[i] = " " .. (" "):rep(left) .. text
				.. (i < #values and (" "):rep(blanks - left + 1)
					or pad == "centre"
					and (" "):rep(blanks - left + 1) or "")
		end
		io:write(table.concat(out, "|"), "\n")
	end
	if not bare then
		line(columns, "centre")
		local rule = {}
		for i = 1, #columns do
			rule[i] = ("-"):rep(width[i] + 2)
		end
		io:write(table.concat(rule, "+"), "\n")
	end
	for _, row in ipairs(rows) do
		local values = {}
		for i, name in ipairs(columns) do
			values[i] = cell(row[name])
		end
		line(values)
	end
	if not bare then
		io:write("(", #rows, #rows == 1 and " row" or " rows", ")\n\n")
	else
		io:write("\n")
	end
end

local function describe(io, answer, name)
	local tables = reply.read(answer.body, shapes.tables)
	if not tables then
		io:err("psql: error: the server's answer is none\n")
		return 2
	end
	if not name then
		show(io, { "name", "rows" }, tables)
		return 0
	end
	for _, t in ipairs(tables) do
		if t.name == name then
			local rows = {}
			for i, c in ipairs(t.columns) do
				rows[i] = { Column = c.name, Type = c.type,
					Nullable = c.not_null and "not null"
						or "" }
			end
			io:write('Table "', name, '"\n')
			show(io, { "Column", "Type", "Nullable" }, rows)
			return 0
		end
	end
	io:err('Did not find any relation named "', name, '".\n')
	return 1
end

local function say(io, answer, bare)
	local got = reply.read(answer.body, shapes.rows)
	if answer.status == 200 and got then
		show(io, got.columns, got.rows, bare)
		return 0
	end
	got = reply.read(answer.body, shapes.tag)
	if answer.status == 200 and got then
		io:write(got.tag, "\n")
		return 0
	end
	got = reply.read(answer.body, shapes.error)
	io:err("ERROR:  ", got and got.message or "the server's answer is none",
		"\n")
	if got and got.detail then
		io:err("DETAIL:  ", got.detail, "\n")
	end
	return 1
end

return {
	name = "psql",
	summary = "ask the relational store",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local host, port = opts.host or "localhost", opts.port or 5432
		local sql = opts.command
		if not sql then
			io:err("psql: error: there is no interactive mode here; ",
				"use -c 'SELECT ...'\n")
			return 2
		end
		local what = sql:match("^%s*\\d[t+]*%s*([%w_]*)%s*;?%s*$")
		local answer, why
		if what then
			answer, why = http.get(io, host .. ":" .. port, "/tables")
		else
			answer, why = http.request(io, "POST", host .. ":"
				.. port, "/query", sql)
		end
		if not answer then
			io:err('psql: error: connection to server at "', host,
				'", port ', port, " failed: ", why, "\n")
			return 2
		end
		if what then
			return describe(io, answer, what ~= "" and what or nil)
		end
		return say(io, answer, opts["tuples-only"])
	end,
}
