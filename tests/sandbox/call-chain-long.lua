-- expect: limit stopped
-- the same with an end, so that it can be done again and again
local f = function() end
for i = 1, 12000 do
	local mt = {}
	local t = setmetatable({}, mt)
	mt.__call = f
	f = t
end
while true do f() end
