-- expect: limit used its budget
-- liblua's wrap closes a coroutine that died in its hook with hooks still off
coroutine.wrap(function()
	local x <close> = setmetatable({}, {__close = function() while true do end end})
	while true do end
end)()
