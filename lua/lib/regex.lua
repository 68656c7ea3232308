-- regex.lua - POSIX regular expressions, in time linear in the text
--
-- A pattern becomes a nondeterministic automaton (Thompson 1968); matching
-- walks sets of its states and remembers each step it has taken, so that the
-- second line is matched by table look-ups (a lazy DFA, as grep and RE2 do).
-- There is no backtracking: no pattern can hang the console.
--
-- Understood: . [abc] [^a-z] [[:digit:]] * + ? {m,n} | () ^ $ \d \w \s and
-- their capitals.  Basic syntax (grep without -E) has \+ \? \| \( \) \{ \} for
-- the operators, as GNU grep has.
-- Refused, with a sentence: back-references, \b \< \>, (?...).
--
-- Bytes are what is matched: . is one byte, so a letter beyond ASCII counts
-- as several; patterns of plain text are not affected.
local regex = {}

local REPEAT_MAX = 255		-- RE_DUP_MAX of POSIX
local NODES_MAX = 4000
local STEPS_MAX = 2000		-- remembered sets; then they start anew

-- Sets of bytes: a table byte -> true.

local function range(set, from, to)
	for b = from, to do
		set[b] = true
	end
	return set
end

local classes = {
	digit = range({}, 48, 57),
	lower = range({}, 97, 122),
	upper = range({}, 65, 90),
	alpha = range(range({}, 97, 122), 65, 90),
	alnum = range(range(range({}, 97, 122), 65, 90), 48, 57),
	space = { [32] = true, [9] = true, [10] = true, [11] = true,
		  [12] = true, [13] = true },
	blank = { [32] = true, [9] = true },
	xdigit = range(range(range({}, 48, 57), 65, 70), 97, 102),
	punct = range(range(range(range({}, 33, 47), 58, 64), 91, 96),
		      123, 126),
	print = range({}, 32, 126),
	graph = range({}, 33, 126),
	cntrl = range({ [127] = true }, 0, 31),
	word = range(range(range({ [95] = true }, 97, 122), 65, 90), 48, 57),
}

local function inverse(set)
	local out = {}
	for b = 0, 255 do
		if not set[b] then
			out[b] = true
		end
	end
	return out
end

local escapes = {
	d = classes.digit, D = inverse(classes.digit),
	w = classes.word, W = inverse(classes.word),
	s = classes.space, S = inverse(classes.space),
}

local any = inverse({ [10] = true })

-- Both cases of each letter.
local function folded(set)
	local out = {}
	for b in pairs(set) do
		out[b] = true
		if classes.lower[b] then
			out[b - 32] = true
		elseif classes.upper[b] then
			out[b + 32] = true
		end
	end
	return out
end

-- Reading: a pattern becomes a tree.
--	{"set", set} {"cat", a, b} {"alt", a, b} {"rep", a, min, max}
--	{"none"} {"start"} {"end"}

local Reader = {}
Reader.__index = Reader

local function fail(text)
	error({ regex = text }, 0)
end

function Reader:peek()
	return self.text:sub(self.at, self.at)
end

-- The operator here, whichever way this syntax writes it, or nil.
function Reader:operator()
	local c = self:peek()
	if self.extended then
		return c:find("^[|()?+{]") and c or nil, 1
	end
	local after = self.text:sub(self.at + 1, self.at + 1)
	if c == "\\" and after:find("^[|()?+{]") then
		return after, 2
	end
	return nil, 0
end

function Reader:take(operator)
	local found, len = self:operator()
	if found ~= operator then
		return false
	end
	self.at = self.at + len
	return true
end

-- A name such as [:digit:] inside brackets.
function Reader:class(set)
	local name = self.text:match("^%[:(%a+):%]", self.at)
	if not name then
		return false
	end
	if not classes[name] then
		fail("Invalid character class name [:" .. name .. ":]")
	end
	for b in pairs(classes[name]) do
		set[b] = true
	end
	self.at = self.at + #name + 4
	return true
end

function Reader:bracket_item(set)
	local from = self.text:byte(self.at)
	local to = self.text:match("^%-([^%]])", self.at + 1)
	if to then
		if to:byte() < from then
			fail("Invalid range end")
		end
		range(set, from, to:byte())
		self.at = self.at + 3
	else
		set[from] = true
		self.at = self.at + 1
	end
end

function Reader:bracket()
	local set, first = {}, true
	local negated = self:peek() == "^"
	if negated then
		self.at = self.at + 1
	end
	while first or self:peek() ~= "]" do
		if self.at > #self.text then
			fail("Unmatched [, [^, [:, [., or [=")
		end
		if not self:class(set) then
			self:bracket_item(set)
		end
		first = false
	end
	self.at = self.at + 1
	if negated then
		set = inverse(self.fold and folded(set) or set)
		set[10] = nil
	end
	return { "set", set }
end

function Reader:escape()
	local c = self.text:sub(self.at + 1, self.at + 1)
	self.at = self.at + 2
	if c == "" then
		fail("Trailing backslash")
	end
	if c:find("[1-9]") then
		fail("back-references (\\" .. c .. ") are not supported here")
	end
	if c:find("[bB<>`']") then
		fail("\\" .. c .. " is not supported here; grep -w finds "
			.. "whole words")
	end
	if escapes[c] then
		return { "set", escapes[c] }
	end
	return { "set", { [c:byte()] = true } }
end

function Reader:atom()
	local c = self:peek()
	if self:take("(") then
		if self.extended and self:peek() == "?" then
			fail("(?…) is not supported here")
		end
		local inner = self:alternatives()
		if not self:take(")") then
			fail("Unmatched ( or \\(")
		end
		return inner
	end
	if c == "\\" then
		return self:escape()
	end
	self.at = self.at + 1
	if c == "." then
		return { "set", any }
	elseif c == "[" then
		return self:bracket()
	elseif c == "^" and (self.extended or self.fresh) then
		return { "start" }
	elseif c == "$" and (self.extended or self:ends_here()) then
		return { "end" }
	end
	return { "set", { [c:byte()] = true } }
end

-- Basic syntax: $ is an anchor only at the end of a branch.
function Reader:ends_here()
	local operator = self:operator()
	return self.at > #self.text or operator == ")" or operator == "|"
end

function Reader:bounds()
	local min, comma, max, close = self.text:match(
		"^(%d*)(,?)(%d*)(\\?)}", self.at)
	if not min or (close == "\\") == self.extended
			or (min == "" and max == "") then
		fail("Invalid content of \\{\\}")
	end
	self.at = self.at + #min + #comma + #max + #close + 1
	local low = tonumber(min) or 0
	local high = comma == "" and low or tonumber(max)
	if low > REPEAT_MAX or (high or 0) > REPEAT_MAX then
		fail("Regular expression too big")
	end
	if high and high < low then
		fail("Invalid content of \\{\\}")
	end
	return low, high
end

function Reader:repeats(atom)
	while true do
		if self:peek() == "*" and self.at <= #self.text then
			self.at = self.at + 1
			atom = { "rep", atom, 0 }
		elseif self:take("+") then
			atom = { "rep", atom, 1 }
		elseif self:take("?") then
			atom = { "rep", atom, 0, 1 }
		elseif self:take("{") then
			local low, high = self:bounds()
			atom = { "rep", atom, low, high }
		else
			return atom
		end
	end
end

-- A * with nothing before it stands for itself, as in POSIX basic syntax.
function Reader:branch()
	local out = { "none" }
	self.fresh = true
	while not self:ends_here() do
		local atom
		if self:peek() == "*" and self.fresh then
			self.at = self.at + 1
			atom = { "set", { [42] = true } }
		else
			atom = self:atom()
		end
		self.fresh = atom[1] == "start" and not self.extended
		out = { "cat", out, self:repeats(atom) }
	end
	return out
end

function Reader:alternatives()
	self.depth = self.depth + 1
	if self.depth > 50 then
		fail("Regular expression too big")
	end
	local out = self:branch()
	while self:take("|") do
		out = { "alt", out, self:branch() }
	end
	self.depth = self.depth - 1
	return out
end

-- Building: the tree becomes nodes.  A node is {set, next} or {split, a, b}
-- or an anchor; node 1 accepts.

local Builder = {}
Builder.__index = Builder

function Builder:node(node)
	if #self.nodes >= NODES_MAX then
		fail("Regular expression too big")
	end
	self.nodes[#self.nodes + 1] = node
	return #self.nodes
end

local build = {}

-- Each returns the node to start at, given the one to go on to.
function Builder:go(tree, next_node)
	return build[tree[1]](self, tree, next_node)
end

function build.none(_, _, next_node)
	return next_node
end

function build.set(self, tree, next_node)
	local set = self.fold and folded(tree[2]) or tree[2]
	return self:node({ set = set, to = next_node })
end

function build.start(self, _, next_node)
	return self:node({ anchor = "start", to = next_node })
end

build["end"] = function(self, _, next_node)
	return self:node({ anchor = "end", to = next_node })
end

function build.cat(self, tree, next_node)
	return self:go(tree[2], self:go(tree[3], next_node))
end

function build.alt(self, tree, next_node)
	return self:node({ split = { self:go(tree[2], next_node),
				     self:go(tree[3], next_node) } })
end

function build.rep(self, tree, next_node)
	local inner, min, max = tree[2], tree[3], tree[4]
	local start = next_node
	if not max then
		local loop = self:node({ split = { next_node } })
		self.nodes[loop].split[2] = self:go(inner, loop)
		start = loop
	else
		for _ = min + 1, max do
			start = self:node({ split = { next_node,
				self:go(inner, start) } })
		end
	end
	for _ = 1, min do
		start = self:go(inner, start)
	end
	return start
end

-- Matching.

local Regex = {}
Regex.__index = Regex

-- Add node and all that is reached without a byte.
local function close_over(nodes, seen, at, at_start, at_end)
	if seen[at] then
		return
	end
	seen[at] = true
	local node = nodes[at]
	if node.split then
		for _, to in ipairs(node.split) do
			close_over(nodes, seen, to, at_start, at_end)
		end
	elseif node.anchor == "start" and at_start
			or node.anchor == "end" and at_end then
		close_over(nodes, seen, node.to, at_start, at_end)
	end
end

-- A set of nodes as one remembered state.
function Regex:state(seen)
	local list = {}
	for at in pairs(seen) do
		list[#list + 1] = at
	end
	table.sort(list)
	local key = table.concat(list, ",")
	local state = self.states[key]
	if state then
		return state
	end
	if self.state_count >= STEPS_MAX then
		self.states, self.state_count = {}, 0
		self.first_start, self.first_inside = nil, nil
	end
	state = { list = list, accepts = seen[1] or false, steps = {} }
	self.states[key] = state
	self.state_count = self.state_count + 1
	return state
end

function Regex:first(at_start)
	local name = at_start and "first_start" or "first_inside"
	if not self[name] then
		local seen = {}
		close_over(self.nodes, seen, self.start, at_start, false)
		self[name] = self:state(seen)
	end
	return self[name]
end

function Regex:step(state, byte, again)
	local seen = {}
	for _, at in ipairs(state.list) do
		local node = self.nodes[at]
		if node.set and node.set[byte] then
			close_over(self.nodes, seen, node.to, false, false)
		end
	end
	if again then	-- a match may begin behind this byte too
		close_over(self.nodes, seen, self.start, false, false)
	end
	local to = self:state(seen)
	state.steps[again and byte or byte + 256] = to
	return to
end

-- Does the state accept if the text ends here?
function Regex:accepts_at_end(state, at_start)
	local name = at_start and "ends_at_start" or "ends_inside"
	if state[name] == nil then
		local seen = {}
		for _, at in ipairs(state.list) do
			close_over(self.nodes, seen, at, at_start, true)
		end
		state[name] = seen[1] or false
	end
	return state[name]
end

-- Is there a match anywhere in the line?
function Regex:test(line)
	if self.literal then
		return line:find(self.literal, 1, true) ~= nil
	end
	local state = self:first(true)
	if #line == 0 then
		return state.accepts or self:accepts_at_end(state, true)
	end
	for i = 1, #line do
		if state.accepts then
			return true
		end
		local byte = line:byte(i)
		state = state.steps[byte] or self:step(state, byte, true)
	end
	return state.accepts or self:accepts_at_end(state, false)
end

-- The leftmost match at `from` or later, the longest there: first and last
-- byte; nil when there is none.
function Regex:find(line, from)
	for start = from, #line + 1 do
		local state, found = self:first(start == 1), nil
		for i = start, #line do
			if state.accepts then
				found = i - 1
			end
			if #state.list == 0 then
				break
			end
			local byte = line:byte(i)
			state = state.steps[byte + 256]
				or self:step(state, byte, false)
			if i == #line and (state.accepts
					or self:accepts_at_end(state, false)) then
				found = i
			end
		end
		if start > #line and (state.accepts
				or self:accepts_at_end(state, #line == 0)) then
			found = #line
		end
		if found then
			return start, found
		end
	end
end

local function compile(text, options)
	local reader = setmetatable({ text = text, at = 1, depth = 0,
		fold = options.fold, extended = options.extended or false },
		Reader)
	local tree = reader:alternatives()
	if reader.at <= #text then
		fail("Unmatched ) or \\)")
	end
	if options.word then
		local edge = { "set", escapes.W }
		tree = { "cat", { "alt", { "start" }, edge },
			 { "cat", tree, { "alt", { "end" }, edge } } }
	end
	if options.line then
		tree = { "cat", { "start" }, { "cat", tree, { "end" } } }
	end
	local builder = setmetatable({ nodes = { {} }, fold = options.fold },
		Builder)
	local start = builder:go(tree, 1)
	return setmetatable({ nodes = builder.nodes, start = start,
		states = {}, state_count = 0 }, Regex)
end

-- regex.new(text, {extended=, fold=, word=, line=, fixed=}) -> a matcher with
-- :test(line) and :find(line, from); or nil and why not.
function regex.new(text, options)
	options = options or {}
	if options.fixed or not text:find("[][.*+?{}()|^$\\]") then
		if not (options.fold or options.word or options.line) then
			return setmetatable({ literal = text }, {
				__index = { test = Regex.test,
					find = function(self, line, from)
						return line:find(self.literal,
							from, true)
					end } })
		end
		options = { extended = false, fold = options.fold,
			    word = options.word, line = options.line }
		text = text:gsub("[][.*^$\\]", "\\%0")
	end
	local ok, result = pcall(compile, text, options)
	if ok then
		return result
	end
	if type(result) == "table" and result.regex then
		return nil, result.regex
	end
	error(result, 0)
end

return regex
