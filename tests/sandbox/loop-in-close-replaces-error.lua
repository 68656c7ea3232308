-- expect: limit used its budget
local mt = {__close = function() error("nothing happened") end}
while true do
	pcall(function()
		local x <close> = setmetatable({}, mt)
		while true do end
	end)
end
