-- printf.lua - write by a format
local escapes = { n = "\n", t = "\t", r = "\r", a = "\a", ["\\"] = "\\",
		  ['"'] = '"' }
local usage = "printf FORMAT [WORD]..."

local function unescaped(text)
	return (text:gsub("\\(.)", function(c)
		return escapes[c] or "\\" .. c
	end))
end

-- One conversion and its argument ("" and 0 when there is none left), or nil
-- and what is wrong.
local function converted(flags, letter, word)
	if letter == "s" then
		return ("%" .. flags .. "s"):format(word or "")
	elseif letter == "b" then
		return unescaped(word or "")
	elseif letter == "c" then
		return (word or ""):sub(1, 1)
	end
	local number = tonumber(word or "0")
	if letter:find("[dixXo]") then
		number = number and math.tointeger(number)
		letter = letter == "i" and "d" or letter
	elseif not letter:find("[feEgG]") then
		return nil, "%" .. flags .. letter
			.. ": this conversion is not supported here"
	end
	if not number then
		return nil, word .. ": a number is needed"
	end
	return ("%" .. flags .. letter):format(number)
end

return {
	name = "printf",
	summary = "write words by a format",
	usage = usage,
	run = function(argv, io)
		if not argv[1] then
			io:err("printf: usage: ", usage, "\n")
			return 2
		end
		local format, at, status = unescaped(argv[1]), 2, 0
		local function convert(flags, letter)
			if letter == "%" then
				return "%"
			end
			at = at + 1
			local text, why = converted(#flags <= 8 and flags or "",
				letter, argv[at - 1])
			if why then
				io:err("printf: ", why, "\n")
				status = 1
			end
			return text or ""
		end
		-- The format is used again until all words are used up.
		repeat
			local used = at
			local text = format:gsub("%%([-+ 0#]*%d*%.?%d*)(.)",
				convert)
			io:write(text)
		until at == used or at > #argv
		return status
	end,
}
