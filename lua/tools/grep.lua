-- grep.lua - the lines that match
local args, lines, regex = use "args", use "lines", use "regex"

local options = {
	{ "e", "regexp", arg = "PATTERN" }, { "E", "extended-regexp" },
	{ "F", "fixed-strings" }, { "G", "basic-regexp" },
	{ "i", "ignore-case" }, { "v", "invert-match" }, { "c", "count" },
	{ "n", "line-number" }, { "w", "word-regexp" }, { "x", "line-regexp" },
	{ "q", "quiet", "silent" }, { "o", "only-matching" },
	{ "l", "files-with-matches" }, { "h", "no-filename" },
	{ "H", "with-filename" }, { "m", "max-count", arg = "N" },
	{ "A", "after-context", arg = "N" },
	{ "B", "before-context", arg = "N" }, { "C", "context", arg = "N" },
	{ "color", "colour" }, { "line-buffered" }, { "P", "perl-regexp" },
}
local usage = "grep [-EFcinvwxoqlhH] [-m N] [-A N] [-B N] PATTERN [FILE]..."
local parser = args.gnu{ usage = usage, options = options, status = 2,
			 number = "C" }

-- A pattern of several lines is several patterns.
local function compile(io, opts, texts)
	local found = {}
	for _, text in ipairs(texts) do
		for one in (text .. "\n"):gmatch("(.-)\n") do
			local re, why = regex.new(one, {
				extended = opts.E, fixed = opts.F,
				fold = opts.i, word = opts.w, line = opts.x })
			if not re then
				io:err("grep: ", why, "\n")
				io:exit(2)
			end
			found[#found + 1] = re
		end
	end
	return found
end

-- One file's worth of grepping.
local Search = {}
Search.__index = Search

function Search:matches(line)
	for _, re in ipairs(self.patterns) do
		if re:test(line) then
			return true
		end
	end
	return false
end

function Search:write(number, line, sign)
	self.io:write(self.name and self.name .. sign or "",
		self.opts.n and number .. sign or "", line, "\n")
end

function Search:write_parts(number, line)
	for _, re in ipairs(self.patterns) do
		local from = 1
		while true do
			local first, last = re:find(line, from)
			if not first then
				break
			end
			if last >= first then
				self:write(number, line:sub(first, last), ":")
			end
			from = math.max(last, first) + 1
		end
	end
end

-- -- between groups of lines that do not touch, as grep -A and -B print it.
function Search:separate(number)
	if (self.before > 0 or self.after > 0) and self.last > 0
			and number > self.last + 1 then
		self.io:write("--\n")
	end
end

function Search:hit(number, line)
	self.count = self.count + 1
	if self.opts.c or self.opts.q or self.opts.l then
		return
	end
	if self.opts.o then
		return self:write_parts(number, line)
	end
	self:separate(number - #self.held)
	for i, held in ipairs(self.held) do
		self:write(number - #self.held - 1 + i, held, "-")
	end
	self.held = {}
	self:write(number, line, ":")
	self.last = number
	self.follow = self.after
end

function Search:miss(number, line)
	if self.follow > 0 then
		self.follow = self.follow - 1
		self.last = number
		self:write(number, line, "-")
	elseif self.before > 0 then
		self.held[#self.held + 1] = line
		if #self.held > self.before then
			table.remove(self.held, 1)
		end
	end
end

function Search:run(next_line)
	local number = 0
	for line in next_line do
		number = number + 1
		if self.count >= self.most then
			if self.follow == 0 then
				break
			end
			self:miss(number, line)
		elseif self:matches(line) ~= (self.opts.v or false) then
			self:hit(number, line)
			if self.opts.q or self.opts.l then
				break
			end
		else
			self:miss(number, line)
		end
	end
end

function Search:finish(shown)
	if self.opts.l and not self.opts.q then
		if self.count > 0 then
			self.io:write(shown, "\n")
		end
	elseif self.opts.c and not self.opts.q then
		self.io:write(self.name and self.name .. ":" or "",
			self.count, "\n")
	end
end

local function number_of(io, text)
	return text and args.count(io, text, "context length argument") or 0
end

local function check(io, opts)
	if opts.P then
		io:err("grep: -P (Perl patterns) is not supported here; ",
			"-E is\n")
		io:exit(2)
	end
	if opts.o and (opts.w or opts.v) then
		io:err("grep: -o together with -w or -v is not supported ",
			"here\n")
		io:exit(2)
	end
end

return {
	name = "grep",
	summary = "the lines that match a pattern",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		check(io, opts)
		local texts = opts.all.e
		if not texts then
			if not opts.rest[1] then
				parser:refuse(io, "the pattern is missing")
			end
			texts = { table.remove(opts.rest, 1) }
		end
		local patterns = compile(io, opts, texts)
		local many = (#opts.rest > 1 or opts.H) and not opts.h
		local total = 0
		local status = lines.each(io, opts.rest, function(next_line, name)
			local shown = name == "-" and "(standard input)" or name
			local search = setmetatable({
				io = io, opts = opts, patterns = patterns,
				name = many and shown or nil,
				count = 0, last = 0, follow = 0, held = {},
				most = opts.m and number_of(io, opts.m)
					or math.maxinteger,
				before = number_of(io, opts.B or opts.C),
				after = number_of(io, opts.A or opts.C),
			}, Search)
			search:run(next_line)
			search:finish(shown)
			total = total + search.count
		end)
		if opts.q and total > 0 then
			return 0
		end
		return status ~= 0 and 2 or total > 0 and 0 or 1
	end,
}
