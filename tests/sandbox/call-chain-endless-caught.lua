-- expect: limit nested too deep
while true do
	local t = {}
	setmetatable(t, {__call = t})
	pcall(t)
end
