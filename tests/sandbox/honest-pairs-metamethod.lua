-- expect: ok abc
local t = setmetatable({}, {__pairs = function()
	local i = 0
	return function() i = i + 1; if i < 4 then return ("abc"):sub(i, i) end end
end})
local s = ""
for c in pairs(t) do s = s .. c end
return s
