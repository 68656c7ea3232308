-- sleep.lua - let virtual time pass
local units = { [""] = 1, ms = 0.001, s = 1, m = 60, h = 3600, d = 86400 }
local usage = "sleep NUMBER[smhd]..."

local function seconds_of(word)
	local number, unit = word:match("^(%d*%.?%d+)(%a*)$")
	return number and units[unit] and tonumber(number) * units[unit]
end

return {
	name = "sleep",
	summary = "let time pass: 5, 90s, 5m, 2h, 1d",
	usage = usage,
	run = function(argv, io)
		local sum = 0
		if #argv == 0 then
			io:err("sleep: missing operand\nUsage: ", usage, "\n")
			return 1
		end
		for _, word in ipairs(argv) do
			local seconds = seconds_of(word)
			if not seconds then
				io:err("sleep: invalid time interval '", word,
					"'\n")
				return 1
			end
			sum = sum + seconds
		end
		local ns = math.tointeger(math.floor(sum * 1e9))
		if not ns or ns > 1 << 61 then
			io:err("sleep: that is longer than any world lasts\n")
			return 1
		end
		if ns > 0 and await("sleep", 0, io:now_ns() + ns)
				== "interrupted" then
			return 130
		end
		return 0
	end,
}
