-- expect: limit used its budget
local mt = {__close = function() while true do end end}
local function deep(n)
	local x <close> = setmetatable({}, mt)
	if n > 0 then deep(n - 1) end
	while true do end
end
deep(150)
