-- expect: ok closed in order: b a
local log = {}
local function closing(name)
	return setmetatable({}, {__close = function() log[#log + 1] = name end})
end
pcall(function()
	local a <close> = closing("a")
	local b <close> = closing("b")
	error("x")
end)
return "closed in order: " .. table.concat(log, " ")
