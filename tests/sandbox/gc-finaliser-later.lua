-- expect: ok done
-- too late: liblua looks for __gc when the metatable is set
local mt = {}
for i = 1, 1000 do setmetatable({}, mt) end
mt.__gc = function() while true do end end
for i = 1, 100000 do local t = {} end
return 'done'
