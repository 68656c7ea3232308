-- expect: limit used its budget
-- pcall itself as the handler: called with the object, which is callable
local x <close> = setmetatable({}, {__close = pcall,
	__call = function() while true do end end})
while true do end
