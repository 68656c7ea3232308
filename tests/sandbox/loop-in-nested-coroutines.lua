-- expect: limit used its budget
local function nest()
	while true do pcall(coroutine.wrap(nest)) end
end
nest()
