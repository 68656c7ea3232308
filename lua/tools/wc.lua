-- wc.lua - count lines, words, bytes
local args, lines = use "args", use "lines"

local options = { { "l", "lines" }, { "w", "words" }, { "c", "bytes" },
		  { "m", "chars" } }
local usage = "wc [-lwcm] [FILE]..."
local parser = args.gnu{ usage = usage, options = options }

local function count(text)
	local _, newlines = text:gsub("\n", "")
	local _, words = text:gsub("%S+", "")
	return { l = newlines, w = words, c = #text,
		 m = utf8.len(text) or #text }
end

-- stdin line by line: it may be longer than one string can be.
local function count_stdin(io)
	local sum = { l = 0, w = 0, c = 0, m = 0 }
	for line in io:lines() do
		local _, words = line:gsub("%S+", "")
		sum.l = sum.l + 1
		sum.w = sum.w + words
		sum.c = sum.c + #line + 1
		sum.m = sum.m + (utf8.len(line) or #line) + 1
	end
	return sum
end

local function show(io, counts, name, opts, width)
	local out = {}
	for _, key in ipairs({ "l", "w", "m", "c" }) do
		local wanted = opts[key]
		if not (opts.l or opts.w or opts.c or opts.m) then
			wanted = key ~= "m"
		end
		if wanted then
			out[#out + 1] = ("%" .. width .. "d"):format(counts[key])
		end
	end
	io:write(table.concat(out, " "), name and " " .. name or "", "\n")
end

-- GNU wc: as wide as the largest number; 7 where it cannot know that before.
local function width_of(results, opts)
	local kinds = 0
	for _, key in ipairs({ "l", "w", "c", "m" }) do
		kinds = kinds + (opts[key] and 1 or 0)
	end
	if #results == 1 and kinds == 1 then
		return 1
	end
	local width = 1
	for _, result in ipairs(results) do
		width = math.max(width, not result.name and 7
			or #tostring(result.counts.c))
	end
	return width
end

return {
	name = "wc",
	summary = "count lines, words and bytes",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts, status, results = parser:parse(io, argv), 0, {}
		local total = { l = 0, w = 0, c = 0, m = 0 }
		if #opts.rest == 0 then
			results[1] = { counts = count_stdin(io) }
		end
		for _, name in ipairs(opts.rest) do
			local text = lines.whole(io, name)
			if text then
				results[#results + 1] = { name = name,
							  counts = count(text) }
			else
				status = 1
			end
		end
		for _, result in ipairs(results) do
			for key in pairs(total) do
				total[key] = total[key] + result.counts[key]
			end
		end
		if #opts.rest > 1 then
			results[#results + 1] = { name = "total",
						  counts = total }
		end
		local width = width_of(results, opts)
		for _, result in ipairs(results) do
			show(io, result.counts, result.name, opts, width)
		end
		return status
	end,
}
