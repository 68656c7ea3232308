-- ping.lua - does a machine answer, and how fast (iputils)
local args, kafka, ops = use "args", use "kafka", use "ops"

local options = { { "c", "count", arg = "N" }, { "i", arg = "SECONDS" },
		  { "W", arg = "SECONDS" } }
local usage = "ping [-c N] [-i SECONDS] HOST"
local parser = args.gnu{ usage = usage, options = options, status = 2 }

-- iputils shows three digits that count.
local function ms(value)
	if value < 1 then
		return ("%.3f"):format(value)
	elseif value < 10 then
		return ("%.2f"):format(value)
	elseif value < 100 then
		return ("%.1f"):format(value)
	end
	return ("%.0f"):format(value)
end

local function statistics(io, host, sent, times, began)
	io:write("\n--- ", host, " ping statistics ---\n", sent,
		" packets transmitted, ", #times, " received, ",
		sent == 0 and 0 or math.floor(100 * (sent - #times) / sent),
		"% packet loss, time ", (sim.now() - began) // 1000000, "ms\n")
	if #times == 0 then
		return
	end
	local low, high, sum, squares = math.huge, 0, 0, 0
	for _, t in ipairs(times) do
		low, high = math.min(low, t), math.max(high, t)
		sum, squares = sum + t, squares + t * t
	end
	local mean = sum / #times
	io:write(("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n"):format(low,
		mean, high, math.sqrt(math.max(0, squares / #times
			- mean * mean))))
end

return {
	name = "ping",
	summary = "ask a machine for a sign of life",
	usage = usage,
	options = options,
	complete = function()
		local out = {}
		for i, machine in ipairs(sim.machines()) do
			out[i] = machine.name
		end
		return out
	end,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local here, host = kafka.here(io), opts.rest[1]
		local count = opts.c and args.count(io, opts.c,
			"count of packets to transmit", 1) or math.maxinteger
		local pause = opts.i and ops.span(opts.i) or 1000000000
		if not host then
			io:err("ping: usage error: Destination address ",
				"required\n")
			return 1
		end
		local target = (host == "localhost" or host == "127.0.0.1")
			and here or host
		local _, number = ops.machine(target)
		if not number then
			io:err("ping: ", host, ": Name or service not known\n")
			return 2
		end
		local address = target == here and "127.0.0.1"
			or ops.address(number)
		local sent, times, began = 0, {}, sim.now()
		io:write("PING ", host, " (", address,
			") 56(84) bytes of data.\n")
		while sent < count do
			sent = sent + 1
			local rtt = sim.ping(here, target)
			if rtt then
				times[#times + 1] = rtt / 1e6
				io:write("64 bytes from ", host, " (", address,
					"): icmp_seq=", sent, " ttl=64 time=",
					ms(rtt / 1e6), " ms\n")
			end
			if sent < count or not rtt then
				if await("sleep", 0, sim.now() + pause)
						== "interrupted" then
					break
				end
			end
		end
		statistics(io, host, sent, times, began)
		return #times > 0 and 0 or 1
	end,
}
