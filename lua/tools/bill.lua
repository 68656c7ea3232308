-- bill.lua - what the cloud asks for this platform, so far
--
-- The question of `aws ce get-cost-and-usage --group-by`, with an answer of
-- today: a real bill is hours late.
local args, ops = use "args", use "ops"

local options = { { "by", arg = "machine|resource|zone" }, { "json" } }
local usage = "bill [--by machine|resource|zone] [--json]"
local parser = args.gnu{ usage = usage, options = options }

local HOURS = 730	-- of a month, as AWS counts

-- Down to a hundredth of a cent, as everywhere.
local function dollars(nano)
	return ("$%d.%04d"):format(nano // 10^9, nano % 10^9 // 10^5)
end

local function used(item)
	if item.unit == "seconds" then
		return ("%.2f h"):format(item.used // 36 / 100)
	elseif item.unit == "bytes" then
		return ("%.3f GiB"):format(item.used / 2^30)
	end
	return ""
end

local function by_resource(bill)
	local rows = { { "RESOURCE", "USED", "COST", "PRICE" } }
	for _, item in ipairs(bill.items) do
		rows[#rows + 1] = { item.name, used(item),
			dollars(item.cost_nano), item.price }
	end
	rows[#rows + 1] = { "in all", "", dollars(bill.total_nano) }
	return rows, { [2] = true, [3] = true }
end

-- What is rented, what is moved, and the sum: of a machine or a zone.
local function columns(row, sums)
	local traffic = 0
	for i = 4, 6 do
		traffic = traffic + sums[i]
	end
	for _, nano in ipairs({ sums[1], sums[2] + sums[3], traffic,
			sums[1] + sums[2] + sums[3] + traffic }) do
		row[#row + 1] = dollars(nano)
	end
	return row
end

local function add(sums, items)
	for i, item in ipairs(items) do
		sums[i] = (sums[i] or 0) + item.cost_nano
	end
	return sums
end

local function place(machine)
	return machine.region and machine.region .. " " .. machine.zone
		or machine.zone
end

local function by_machine(bill)
	local rows = { { "MACHINE", "TYPE", "ZONE", "COMPUTE", "VOLUMES",
		"TRAFFIC", "TOTAL" } }
	for _, m in ipairs(bill.machines) do
		rows[#rows + 1] = columns({ m.name, m.profile, place(m) },
			add({}, m.items))
	end
	rows[#rows + 1] = columns({ "in all", "", "" }, add({}, bill.items))
	return rows, { [4] = true, [5] = true, [6] = true, [7] = true }
end

local function by_zone(bill)
	local rows = { { "ZONE", "MACHINES", "COMPUTE", "VOLUMES", "TRAFFIC",
		"TOTAL" } }
	local sums, counts = {}, {}
	for _, m in ipairs(bill.machines) do
		local zone = place(m)
		sums[zone] = add(sums[zone] or {}, m.items)
		counts[zone] = (counts[zone] or 0) + 1
	end
	for zone, of in pairs(sums) do
		rows[#rows + 1] = columns({ zone, counts[zone] }, of)
	end
	rows[#rows + 1] = columns({ "in all", #bill.machines },
		add({}, bill.items))
	return rows, { [2] = true, [3] = true, [4] = true, [5] = true,
		       [6] = true }
end

local ways = { machine = by_machine, resource = by_resource, zone = by_zone }

return {
	name = "bill",
	summary = "show what the platform has cost so far",
	usage = usage,
	options = options,
	run = function(argv, io)
		local opts = parser:parse(io, argv)
		local way = ways[opts.by or "resource"]
		if not way then
			parser:refuse(io, "--by " .. opts.by
				.. ": write machine, resource or zone")
		elseif #opts.rest > 0 then
			parser:refuse(io, "unexpected '" .. opts.rest[1] .. "'")
		end
		local bill = sim.bill()
		if opts.json then
			io:write(json.encode(bill), "\n")
			return 0
		end
		ops.table(io, way(bill))
		io:write("What is rented costs ", dollars(bill.hourly_nano),
			" an hour, used or not: ",
			dollars(bill.hourly_nano * HOURS), " a month.\n")
		return 0
	end,
}
