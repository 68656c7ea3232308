-- lines.lua - the lines of files and of stdin, for tools that take either
local lines = {}

-- An iterator over the lines of a text.  (Not find("\n"): the sandbox charges
-- a search for all that is left of the text.)
function lines.of_text(text)
	if text == "" then
		return function() return nil end
	end
	return text:gmatch("([^\n]*)\n?")
end

-- lines.open(io, name): an iterator over a file, or over stdin for "-".  nil
-- after telling why not.
function lines.open(io, name)
	if name == "-" or name == "/dev/stdin" then
		return function() return io:read() end
	end
	if name == "/dev/null" then
		return function() return nil end
	end
	local text, why = files.read(name)
	if not text then
		io:err(io.name, ": ", why, "\n")
		return nil
	end
	return lines.of_text(text)
end

-- lines.each(io, names, visit): visit(iterator, name) for each operand, or for
-- stdin when there is none.  Returns the exit status: 1 if one was missing.
function lines.each(io, names, visit)
	local status = 0
	for _, name in ipairs(#names > 0 and names or { "-" }) do
		local next_line = lines.open(io, name)
		if next_line then
			visit(next_line, name)
		else
			status = 1
		end
	end
	return status
end

-- All text of an operand at once; nil after telling why not.
function lines.whole(io, name)
	if name == "-" or name == "/dev/stdin" then
		return io:read_all()
	end
	if name == "/dev/null" then
		return ""
	end
	local text, why = files.read(name)
	if not text then
		io:err(io.name, ": ", why, "\n")
	end
	return text
end

-- Gathers output and hands it on in larger pieces, which a pipe likes better.
function lines.writer(io)
	local parts, size = {}, 0
	local function flush()
		if size > 0 then
			io:write(table.concat(parts))
			parts, size = {}, 0
		end
	end
	local function write(line)
		parts[#parts + 1] = line
		parts[#parts + 1] = "\n"
		size = size + #line + 1
		if size >= 4096 then
			flush()
		end
	end
	return write, flush
end

return lines
