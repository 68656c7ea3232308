-- df.lua - how full the disks are
--
-- A real df shows one machine; this one stands for df on each of them.
local args, kafka, ops = use "args", use "kafka", use "ops"

local options = { { "h", "human-readable" }, { "H", "host", arg = "HOST" } }
local usage = "df [-h] [-H HOST]"
local parser = args.gnu{ usage = usage, options = options }

local function is_broker(name)
	for _, p in ipairs(sim.processes()) do
		if p.machine == name and p.command:find("server.properties",
				1, true) then
			return true
		end
	end
end

return {
	name = "df",
	summary = "show how full the disks are",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		if opts.host then
			ops.login(io, kafka.here(io), opts.host)
		end
		local size = opts.h and ops.human or function(bytes)
			return tostring(math.ceil(bytes / 1024))
		end
		local rows = { { "HOST", "Filesystem",
			opts.h and "Size" or "1K-blocks", "Used",
			opts.h and "Avail" or "Available", "Use%",
			"Mounted on" } }
		for _, m in ipairs(sim.machines()) do
			if not opts.host or m.name == opts.host then
				local free = m.disk_free_bytes
					or m.disk_bytes - m.disk_used_bytes
				local used = m.disk_bytes - free
				local percent = math.ceil(100 * used
					/ math.max(1, m.disk_bytes))
				rows[#rows + 1] = { m.name, "/dev/nvme1n1",
					size(m.disk_bytes), size(used),
					size(free), percent .. "%",
					is_broker(m.name)
					and "/var/lib/kafka/data" or "/" }
			end
		end
		ops.table(io, rows, { [3] = true, [4] = true, [5] = true,
				      [6] = true })
		return 0
	end,
}
