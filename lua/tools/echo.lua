-- echo.lua - write the arguments
local escapes = { n = "\n", t = "\t", r = "\r", ["\\"] = "\\", a = "\a",
		  ["0"] = "\0" }

return {
	name = "echo",
	summary = "write its arguments as one line",
	usage = "echo [-neE] [WORD]...",
	run = function(argv, io)
		local at, newline, escaped = 1, true, false
		-- Not getopt: bash takes for an option only what could be one.
		while argv[at] and argv[at]:find("^%-[neE]+$") do
			for flag in argv[at]:sub(2):gmatch(".") do
				newline = newline and flag ~= "n"
				if flag ~= "n" then
					escaped = flag == "e"
				end
			end
			at = at + 1
		end
		local text = table.concat(argv, " ", at)
		if escaped then
			text = text:gsub("\\(.)", function(c)
				return escapes[c] or "\\" .. c
			end)
		end
		io:write(text, newline and "\n" or "")
		return 0
	end,
}
