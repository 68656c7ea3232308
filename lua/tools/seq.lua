-- seq.lua - numbers in a row
local args, lines = use "args", use "lines"

local usage = "seq [-w] [-s TEXT] [FIRST [STEP]] LAST"
local options = { { "s", "separator", arg = "TEXT" }, { "w", "equal-width" } }
local parser = args.gnu{ usage = usage, options = options }

-- Not getopt's: -1 is a number here.
local function split_words(argv)
	local words, numbers = {}, {}
	for i, word in ipairs(argv) do
		if word:find("^-?%d+$") and argv[i - 1] ~= "-s" then
			numbers[#numbers + 1] = word
		else
			words[#words + 1] = word
		end
	end
	return words, numbers
end

return {
	name = "seq",
	summary = "numbers in a row, one a line",
	usage = usage,
	options = options,
	run = function(argv, io)
		local words, numbers = split_words(argv)
		local opts = parser:parse(io, words)
		if opts.rest[1] then
			parser:refuse(io, "'" .. opts.rest[1]
				.. "' is not a whole number")
		end
		if #numbers < 1 or #numbers > 3 then
			parser:refuse(io, "one to three numbers are needed")
		end
		local last = math.tointeger(tonumber(numbers[#numbers]))
		local first = #numbers > 1 and math.tointeger(
			tonumber(numbers[1])) or 1
		local step = #numbers > 2 and math.tointeger(
			tonumber(numbers[2])) or 1
		if not last or not first or not step or step == 0 then
			parser:refuse(io, "the numbers are too large, or the "
				.. "step is 0")
		end
		local width = opts.w and math.max(#tostring(first),
			#tostring(last)) or 1
		local format = "%0" .. width .. "d"
		if opts.s then
			local between = ""
			for n = first, last, step do
				io:write(between, format:format(n))
				between = opts.s
			end
			io:write("\n")
			return 0
		end
		local write, flush = lines.writer(io)
		for n = first, last, step do
			write(format:format(n))
		end
		flush()
		return 0
	end,
}
