-- rm.lua - remove files
local args = use "args"

local options = { { "f", "force" } }
local usage = "rm [-f] FILE..."
local parser = args.gnu{ usage = usage, options = options }

return {
	name = "rm",
	summary = "remove files",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, status = parser:parse(io, argv), 0
		if #opts.rest == 0 and not opts.f then
			parser:refuse(io, "missing operand")
		end
		for _, name in ipairs(opts.rest) do
			local ok, why = files.remove(name)
			if not ok and not opts.f then
				io:err("rm: cannot remove ", why, "\n")
				status = 1
			end
		end
		return status
	end,
}
