-- ls.lua - the learner's files
local args = use "args"

local options = { { "l" }, { "1" }, { "a", "all" }, { "h", "human-readable" } }
local usage = "ls [-l] [FILE]..."
local parser = args.gnu{ usage = usage, options = options, status = 2 }

-- One level of folders: what `name` shows, relative to it.
local function inside(all, folder)
	local found = {}
	for _, file in ipairs(all) do
		if file.name:sub(1, #folder + 1) == folder .. "/" then
			found[#found + 1] = { name = file.name:sub(#folder + 2),
					      size = file.size }
		end
	end
	return found
end

local function top(all)
	local found, seen = {}, {}
	for _, file in ipairs(all) do
		local folder = file.name:match("^(.-)/")
		if not folder then
			found[#found + 1] = file
		elseif not seen[folder] then
			seen[folder] = true
			found[#found + 1] = { name = folder .. "/", size = 0 }
		end
	end
	return found
end

local function named(all, name)
	name = name:gsub("^%./", ""):gsub("/$", "")
	if name == "." or name == "" then
		return top(all)
	end
	for _, file in ipairs(all) do
		if file.name == name then
			return { file }
		end
	end
	local found = inside(all, name)
	return #found > 0 and found or nil
end

local function letters(name)
	return utf8.len(name) or #name
end

-- How wide each column is when there are `rows` rows, and all together.
local function widths_of(found, rows)
	local widths, sum = {}, 0
	for column = 1, (#found + rows - 1) // rows do
		local width = 0
		for i = (column - 1) * rows + 1, math.min(column * rows, #found) do
			width = math.max(width, letters(found[i].name))
		end
		widths[column] = width + 2
		sum = sum + width + 2
	end
	return widths, sum - 2
end

-- In columns on the console, in as few rows as fit, as ls does.
local function show_columns(io, found)
	local rows = 1
	local widths, sum = widths_of(found, rows)
	while sum > io.columns and rows < #found do
		rows = rows + 1
		widths, sum = widths_of(found, rows)
	end
	for row = 1, math.min(rows, #found) do
		local line = ""
		for i = row, #found, rows do
			local name = found[i].name
			local pad = widths[(i - row) // rows + 1] - letters(name)
			line = line .. name .. (" "):rep(pad)
		end
		io:write((line:gsub(" +$", "")), "\n")
	end
end

local function show(io, found, opts)
	if not opts.l and not opts["1"] and io.tty then
		return show_columns(io, found)
	end
	for _, file in ipairs(found) do
		if opts.l then
			io:write(("%8d  %s\n"):format(file.size, file.name))
		else
			io:write(file.name, "\n")
		end
	end
end

return {
	name = "ls",
	summary = "list your files",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, status = parser:parse(io, argv), 0
		local all, why = files.list()
		if not all then
			io:err("ls: ", why, "\n")
			return 2
		end
		if #opts.rest == 0 then
			show(io, top(all), opts)
		end
		for _, name in ipairs(opts.rest) do
			local found = named(all, name)
			if found then
				show(io, found, opts)
			else
				io:err("ls: cannot access '", name,
					"': No such file or directory\n")
				status = 2
			end
		end
		return status
	end,
}
