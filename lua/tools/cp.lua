-- cp.lua - copy a file
local args, lines = use "args", use "lines"

local usage = "cp FROM TO"
local parser = args.gnu{ usage = usage, options = {} }

return {
	name = "cp",
	summary = "copy a file",
	usage = usage,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		if #opts.rest ~= 2 then
			parser:refuse(io, "a file and the name of its copy "
				.. "are needed")
		end
		local text = lines.whole(io, opts.rest[1])
		if not text then
			return 1
		end
		local ok, why = files.write(opts.rest[2], text)
		if not ok then
			io:err("cp: ", why, "\n")
			return 1
		end
		return 0
	end,
}
