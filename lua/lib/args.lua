-- args.lua - command lines, read and refused as the real tools do
--
-- Two families.  Kafka's tools read theirs with joptsimple 5.0.4, whose
-- messages, usage table and stack traces are known by heart to whoever has
-- mistyped an option; Unix tools follow getopt_long.
--
-- Options are one list for both, and the console completes from it (`options`
-- of a tool).  Names come first, aliases after, without dashes:
--
--	{ "topic", arg = "topic", help = "The topic to create." }
--	{ "partitions", arg = "# of partitions", type = "Integer" }
--	{ "n", "lines", arg = "N" }
--
--	arg		what the argument is called; no arg, no argument
--	type		joptsimple: Integer, Long, Double; default String
--	optional	joptsimple: the argument may be left out
--	default		joptsimple: value, and shown in the usage
--	separator	joptsimple: one argument holds several values
--	required	joptsimple: parse refuses without it
--	help		joptsimple: the description
local args = {}

local function named(options)
	local by_name = {}
	for _, option in ipairs(options) do
		for _, name in ipairs(option) do
			by_name[name] = option
		end
	end
	return by_name
end

-- The letter that begins at byte i, for messages.
local function letter(word, i)
	return word:match("^" .. utf8.charpattern, i) or word:sub(i, i)
end

-- joptsimple ----------------------------------------------------------------

local Jopt = {}
Jopt.__index = Jopt

-- args.jopt(options) -> parser.  `abbreviations = true` in the list lets
-- --boot stand for --bootstrap-server (Kafka's tools switch that off).
function args.jopt(options)
	return setmetatable({
		options = options, by_name = named(options),
		abbreviations = options.abbreviations,
	}, Jopt)
end

-- What was given on one command line.
local Set = {}
Set.__index = Set

function Set:has(name)
	return self.given[self.parser.by_name[name]] ~= nil
end

-- All values of an option, or its default, as strings and numbers.
function Set:values(name)
	local option = self.parser.by_name[name]
	local given = self.given[option]
	if given and #given > 0 then
		return given
	end
	return option.default ~= nil and { option.default } or {}
end

-- The value of an option given once; nil when it was not given.
function Set:value(name)
	local values = self:values(name)
	return values[#values]
end

local function exception(class, message, frames)
	return { class = class, message = message, frames = frames }
end

local function unrecognized(name)
	return exception("joptsimple.UnrecognizedOptionException",
		name .. " is not a recognized option",
		{ "joptsimple.OptionException.unrecognizedOption"
			.. "(OptionException.java:108)",
		  "joptsimple.OptionParser.handleLongOptionToken"
			.. "(OptionParser.java:510)" })
end

local function no_argument(option)
	return exception("joptsimple.OptionMissingRequiredArgumentException",
		"Option " .. table.concat(option, "/")
			.. " requires an argument",
		{ "joptsimple.RequiredArgumentOptionSpec.detectOptionArgument"
			.. "(RequiredArgumentOptionSpec.java:48)",
		  "joptsimple.ArgumentAcceptingOptionSpec.handleOption"
			.. "(ArgumentAcceptingOptionSpec.java:257)",
		  "joptsimple.OptionParser.handleLongOptionToken"
			.. "(OptionParser.java:513)" })
end

local function bad_argument(option, value)
	return exception("joptsimple.OptionArgumentConversionException",
		"Cannot parse argument '" .. value .. "' of option "
			.. table.concat(option, "/"), {})
end

local number_ranges = {
	Integer = { -2147483648, 2147483647 },
	Long = { math.mininteger, math.maxinteger },
}

-- The value as its type has it; nil when it is none.
local function converted(option, text)
	local range = number_ranges[option.type]
	if range then
		if not text:find("^[+-]?%d+$") then
			return nil
		end
		local n = math.tointeger(tonumber(text))
		return n and n >= range[1] and n <= range[2] and n or nil
	end
	if option.type == "Double" then
		return tonumber(text)
	end
	return text
end

local function looks_like_option(word)
	return #word > 1 and word:sub(1, 1) == "-"
end

-- One run over argv.  Methods return nil or an exception.
local Run = {}
Run.__index = Run

function Run:next()
	self.at = self.at + 1
	return self.argv[self.at]
end

function Run:add(option, text)
	local given = self.set.given[option]
	local values = { text }
	if option.separator then
		values = {}
		for one in (text .. option.separator):gmatch(
				"(.-)%" .. option.separator) do
			values[#values + 1] = one
		end
	end
	for _, value in ipairs(values) do
		local v = converted(option, value)
		if v == nil then
			return bad_argument(option, value)
		end
		given[#given + 1] = v
	end
end

function Run:option(option, attached)
	local given = self.set.given
	given[option] = given[option] or {}
	if not option.arg and not option.type then
		return nil
	end
	if attached and attached ~= "" then
		return self:add(option, attached)
	end
	local word = self.argv[self.at + 1]
	if option.optional then
		if word and not looks_like_option(word) then
			self:next()
			return self:add(option, word)
		end
		return nil
	end
	if not word then
		return no_argument(option)
	end
	self:next()
	return self:add(option, word)
end

function Run:find(name)
	local parser = self.set.parser
	local exact = parser.by_name[name]
	if exact or not parser.abbreviations then
		return exact
	end
	local found
	for full, option in pairs(parser.by_name) do
		if full:sub(1, #name) == name then
			if found and found ~= option then
				return nil
			end
			found = option
		end
	end
	return found
end

function Run:long(word, dashes)
	local name, attached = word:sub(dashes + 1):match("^([^=]*)=(.*)$")
	name = name or word:sub(dashes + 1)
	local option = self:find(name)
	if not option then
		return unrecognized(name)
	end
	return self:option(option, attached)
end

-- -topic is taken for --topic; otherwise -xyz is -x -y -z, or -x with the
-- argument yz.
function Run:short(word)
	local name = word:sub(2):match("^[^=]*")
	if self:find(name) then
		return self:long(word, 1)
	end
	for i = 2, #word do
		local option = self.set.parser.by_name[word:sub(i, i)]
		if not option then
			return unrecognized(letter(word, i))
		end
		if option.arg then
			return self:option(option, word:sub(i + 1))
		end
		self:option(option)
	end
end

function Run:word(word)
	if self.only_rest or not looks_like_option(word) then
		self.set.rest[#self.set.rest + 1] = word
	elseif word == "--" then
		self.only_rest = true
	elseif word:sub(1, 2) == "--" then
		return self:long(word, 2)
	else
		return self:short(word)
	end
end

local function missing_required(parser, set)
	local missing = {}
	for _, option in ipairs(parser.options) do
		if option.required and not set.given[option] then
			missing[#missing + 1] = table.concat(option, "/")
		end
	end
	if #missing > 0 and not set.given[parser.by_name.help] then
		return exception("joptsimple.MissingRequiredOptionsException",
			"Missing required option(s) ["
				.. table.concat(missing, ", ") .. "]", {})
	end
end

-- parser:parse(argv) -> set, or nil and an exception {class, message}.
-- set:has(name), set:value(name), set:values(name), set.rest
function Jopt:parse(argv)
	local set = setmetatable({ parser = self, given = {}, rest = {} }, Set)
	local run = setmetatable({ argv = argv, at = 0, set = set }, Run)
	for word in run.next, run do
		local e = run:word(word)
		if e then
			return nil, e
		end
	end
	local e = missing_required(self, set)
	if e then
		return nil, e
	end
	return set
end

local parse_frames = {
	"joptsimple.OptionParserState$2.handleArgument"
		.. "(OptionParserState.java:56)",
	"joptsimple.OptionParser.parse(OptionParser.java:396)",
}

-- An exception that nobody caught: the tool ends with status 1.
function args.throw(io, e, frames)
	local out = { 'Exception in thread "main" ' .. e.class
		.. (e.message and ": " .. e.message or "") }
	local function add(list)
		for _, frame in ipairs(list or {}) do
			out[#out + 1] = "\tat " .. frame
		end
	end
	add(e.frames)
	if e.class:find("^joptsimple%.") then
		add(parse_frames)
	end
	add(frames)
	io:err(table.concat(out, "\n"), "\n")
	io:exit(1)
end

-- parse, or end as a tool does that lets the exception go.  `frames` are the
-- tool's own lines of the stack trace.
function Jopt:parse_or_throw(io, argv, frames)
	local set, e = self:parse(argv)
	if not set then
		args.throw(io, e, frames)
	end
	return set
end

-- parse, or end as the console consumer does: message and usage.
function Jopt:parse_or_usage(io, argv)
	local set, e = self:parse(argv)
	if not set then
		self:usage_exit(io, e.message)
	end
	return set
end

-- The usage table.  Two columns in 80 characters, the left at most 39 wide,
-- words broken where Java's line BreakIterator breaks them: after blanks and
-- after a hyphen that a letter follows.

local function chunks(line)
	local list, from = {}, 1
	while from <= #line do
		local to = from
		while to <= #line do
			local c, after = line:sub(to, to), line:sub(to + 1, to + 1)
			if c:find("%s") and not after:find("%s") then
				break
			end
			if c == "-" and after:find("%a") then
				break
			end
			to = to + 1
		end
		list[#list + 1] = line:sub(from, to)
		from = to + 1
	end
	return list
end

local function wrapped(text, width)
	local lines = {}
	for line in (text .. "\n"):gmatch("(.-)\n") do
		local piece = ""
		for _, word in ipairs(chunks(line)) do
			if #piece + #word > width then
				lines[#lines + 1] = piece:gsub("%s+$", "")
				piece = "  " .. word
			else
				piece = piece .. word
			end
		end
		if piece ~= "" then
			lines[#lines + 1] = piece
		end
	end
	return lines
end

local function dashed(name)
	return (#name > 1 and "--" or "-") .. name
end

local function option_cell(option)
	local names = {}
	for _, name in ipairs(option) do
		names[#names + 1] = dashed(name)
	end
	local cell = (option.required and "* " or "")
		.. table.concat(names, ", ")
	if not option.arg and not option.type then
		return cell
	end
	local open, close = "<", ">"
	if option.optional then
		open, close = "[", "]"
	end
	cell = cell .. " " .. open .. (option.type or "String")
	if option.arg and option.arg ~= "" then
		cell = cell .. ": " .. option.arg
	end
	return cell .. close
end

local function help_cell(option)
	if option.default == nil then
		return option.help or ""
	end
	return ((option.help or "") .. " (default: "
		.. tostring(option.default) .. ")"):gsub("^ ", "")
end

local function widest(rows, column)
	local width = 0
	for _, row in ipairs(rows) do
		width = math.max(width, #row[column])
	end
	return width
end

local function widths(rows)
	local left = math.min(39, widest(rows, 1))
	return left, math.min(80 - left - 2, widest(rows, 2))
end

local function fitted(rows)
	local left, right = widths(rows)
	local out = {}
	for _, row in ipairs(rows) do
		local a, b = wrapped(row[1], left), wrapped(row[2], right)
		for i = 1, math.max(#a, #b) do
			out[#out + 1] = { a[i] or "", b[i] or "" }
		end
	end
	return out
end

local function table_rows(parser)
	local sorted, any_required = {}, false
	for _, option in ipairs(parser.options) do
		sorted[#sorted + 1] = option
		any_required = any_required or option.required
	end
	table.sort(sorted, function(a, b) return a[1] < b[1] end)
	local rows = any_required
		and { { "Option (* = required)", "Description" },
		      { "---------------------", "-----------" } }
		or { { "Option", "Description" }, { "------", "-----------" } }
	for _, option in ipairs(sorted) do
		rows[#rows + 1] = { option_cell(option), help_cell(option) }
	end
	return rows
end

function Jopt:usage()
	local rows = fitted(table_rows(self))
	local left, right = widths(rows)
	local out = {}
	for _, row in ipairs(rows) do
		out[#out + 1] = row[1] .. (" "):rep(left - #row[1]) .. "  "
			.. row[2] .. (" "):rep(right - #row[2]) .. "\n"
	end
	return table.concat(out)
end

-- Kafka's CommandLineUtils.

function Jopt:usage_exit(io, message)
	io:err(message, "\n", self:usage())
	io:exit(1)
end

local function spec(parser, name)
	return "[" .. table.concat(parser.by_name[name], ", ") .. "]"
end

-- CommandLineUtils.checkRequiredArgs
function Jopt:check_required(io, set, ...)
	for _, name in ipairs({ ... }) do
		if not set:has(name) then
			self:usage_exit(io, 'Missing required argument "'
				.. spec(self, name) .. '"')
		end
	end
end

-- CommandLineUtils.checkInvalidArgs
function Jopt:check_invalid(io, set, used, ...)
	if not set:has(used) then
		return
	end
	for _, name in ipairs({ ... }) do
		if set:has(name) then
			self:usage_exit(io, 'Option "' .. spec(self, used)
				.. "\" can't be used with option \""
				.. spec(self, name) .. '"')
		end
	end
end

-- CommandLineUtils.maybePrintHelpOrVersion: with nothing or --help.
function Jopt:help_or_version(io, argv, set, message, version)
	if #argv == 0 or set:has("help") then
		self:usage_exit(io, message)
	end
	if self.by_name.version and set:has("version") then
		io:write(version, "\n")
		io:exit(0)
	end
end

-- getopt_long ---------------------------------------------------------------

local Gnu = {}
Gnu.__index = Gnu

-- args.gnu{ usage = "wc [-l] [FILE]...", options = {...} } -> parser.
-- `number = "n"`: -5 stands for -n 5, as head has it.  `status` is what a bad
-- command line ends with (1; grep has 2).  `stop = true`: options end at the
-- first operand, as for echo.
function args.gnu(tool)
	return setmetatable({
		tool = tool, by_name = named(tool.options or {}),
		status = tool.status or 1,
	}, Gnu)
end

-- Raised by a refusal, caught by parse.
local function refuse(text)
	return nil, text
end

local function gnu_find(self, name)
	if self.by_name[name] and #name > 1 then
		return self.by_name[name]
	end
	local found
	for full, option in pairs(self.by_name) do
		if #full > 1 and full:sub(1, #name) == name then
			if found and found ~= option then
				return nil
			end
			found = option
		end
	end
	return found
end

local function gnu_set(opts, option, value)
	local key = option[1]
	for _, name in ipairs(option) do
		if name ~= "all" and name ~= "rest" then	-- ls -a, --all
			opts[name] = value
		end
	end
	opts.all[key] = opts.all[key] or {}
	table.insert(opts.all[key], value)
end

local function gnu_long(self, argv, at, opts)
	local name, value = argv[at]:sub(3):match("^([^=]*)=(.*)$")
	name = name or argv[at]:sub(3)
	local option = gnu_find(self, name)
	if not option then
		return refuse("unrecognized option '--" .. name .. "'")
	end
	if not option.arg and value then
		return refuse("option '--" .. name
			.. "' doesn't allow an argument")
	end
	if option.arg and not value then
		at = at + 1
		value = argv[at]
		if not value then
			return refuse("option '--" .. name
				.. "' requires an argument")
		end
	end
	gnu_set(opts, option, value or true)
	return at
end

local function gnu_short(self, argv, at, opts)
	local word = argv[at]
	for i = 2, #word do
		local c = word:sub(i, i)
		local option = self.by_name[c]
		if not option then
			return refuse("invalid option -- '" .. letter(word, i)
				.. "'")
		end
		if option.arg then
			local value = word:sub(i + 1)
			if value == "" then
				at = at + 1
				value = argv[at]
			end
			if not value then
				return refuse("option requires an argument -- '"
					.. c .. "'")
			end
			gnu_set(opts, option, value)
			return at
		end
		gnu_set(opts, option, true)
	end
	return at
end

local function gnu_word(self, argv, at, opts, state)
	local word = argv[at]
	local number = self.tool.number
	if state.only_rest or not looks_like_option(word) then
		opts.rest[#opts.rest + 1] = word
		state.only_rest = state.only_rest or self.tool.stop
		return at
	end
	if word == "--" then
		state.only_rest = true
		return at
	end
	if number and word:find("^%-%d+$") then
		gnu_set(opts, self.by_name[number], word:sub(2))
		return at
	end
	if word:sub(1, 2) == "--" then
		return gnu_long(self, argv, at, opts)
	end
	return gnu_short(self, argv, at, opts)
end

-- parser:parse(io, argv) -> opts: opts.n or opts.lines, true or the last
-- argument; opts.all.n, all of them; opts.rest, the operands.  A bad command
-- line ends the tool; --help prints the usage and ends it too.
function Gnu:parse(io, argv)
	local opts, state = { rest = {}, all = {} }, {}
	local at = 1
	while argv[at] do
		if argv[at] == "--help" and not state.only_rest
				and not self.by_name.help then
			io:write("Usage: ", self.tool.usage, "\n")
			io:exit(0)
		end
		local last, why = gnu_word(self, argv, at, opts, state)
		if not last then
			self:refuse(io, why)
		end
		at = last + 1
	end
	return opts
end

function Gnu:refuse(io, why)
	io:err(io.name, ": ", why, "\n", "Usage: ", self.tool.usage, "\n")
	io:exit(self.status)
end

-- A whole number not below `min` out of an option's text, or the tool ends.
function args.count(io, text, what, min)
	local n = text:find("^%+?%d+$") and math.tointeger(tonumber(text))
	if not n or n < (min or 0) then
		io:err(io.name, ": invalid ", what, ": '", text, "'\n")
		io:exit(1)
	end
	return n
end

return args
