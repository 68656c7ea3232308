-- tee.lua - pass stdin on, and keep it in files
local args = use "args"

local options = { { "a", "append" } }
local usage = "tee [-a] FILE..."
local parser = args.gnu{ usage = usage, options = options }

return {
	name = "tee",
	summary = "pass lines on and keep them in files",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, status = parser:parse(io, argv), 0
		local function told(ok, why)
			if not ok then
				io:err("tee: ", why, "\n")
				status = 1
			end
			return ok
		end
		local open = {}
		for _, name in ipairs(opts.rest) do
			local change = opts.a and files.append or files.write
			if told(change(name, "")) then
				open[#open + 1] = name
			end
		end
		for line in io:lines() do
			io:write(line, "\n")
			for i = #open, 1, -1 do
				if not told(files.append(open[i],
						line .. "\n")) then
					table.remove(open, i)
				end
			end
		end
		return status
	end,
}
