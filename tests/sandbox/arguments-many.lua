-- expect: limit stopped
local function grow(n, ...)
	if n > 0 then return grow(n - 1, 1, 1, 1, 1, 1, 1, 1, 1, ...) end
	while true do local n = select('#', ...) end
end
grow(1000)
