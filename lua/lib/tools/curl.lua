-- curl.lua - one HTTP request
local args, http = use "args", use "http"

local options = { { "s", "silent" }, { "S", "show-error" }, { "f", "fail" },
		  { "X", "request", arg = "METHOD" }, { "d", "data",
		    arg = "DATA" }, { "G", "get" }, { "i", "include" },
		  { "data-urlencode", arg = "DATA" }, { "L", "location" } }
local usage = "curl [-sSfiG] [-X METHOD] [-d DATA] URL"
local parser = args.gnu{ usage = usage, options = options, status = 2 }

local function data_of(opts)
	local out = {}
	for _, text in ipairs(opts.all.d or {}) do
		out[#out + 1] = text
	end
	for _, text in ipairs(opts.all["data-urlencode"] or {}) do
		local key, value = text:match("^([^=]*)=(.*)$")
		out[#out + 1] = key and key .. "=" .. http.escape(value)
			or http.escape(text)
	end
	return #out > 0 and table.concat(out, "&") or nil
end

return {
	name = "curl",
	summary = "one HTTP request",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local url = opts.rest[1]
		if not url then
			io:err("curl: no URL specified!\ncurl: try 'curl ",
				"--help' for more information\n")
			return 2
		end
		local host, path = url:gsub("^http://", "")
			:match("^([^/?]+)(.*)$")
		if not host or url:find("^https:") then
			io:err("curl: (3) only http://HOST:PORT/PATH is ",
				"simulated here\n")
			return 3
		end
		path = path:sub(1, 1) == "/" and path or "/" .. path
		local body = data_of(opts)
		if body and opts.G then
			path = path .. (path:find("?", 1, true) and "&" or "?")
				.. body
			body = nil
		end
		local reply, why, code = http.request(io, opts.X
			or body and "POST" or "GET", host, path, body)
		if not reply then
			if not opts.s or opts.S then
				io:err("curl: (", code or 1, ") ", why, "\n")
			end
			return code or 1
		end
		if opts.f and reply.status >= 400 then
			io:err("curl: (22) The requested URL returned error: ",
				reply.status, "\n")
			return 22
		end
		if opts.i then
			io:write("HTTP/1.1 ", reply.status, "\r\nContent-Type: ",
				reply.content_type, "\r\n\r\n")
		end
		io:write(reply.body)
		return 0
	end,
}
