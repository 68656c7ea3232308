-- expect: limit used its budget
local t = {}
for i = 1, 10000 do t['k' .. i] = i end
while true do pairs(t) end
