-- expect: limit more than its 32768 KiB
local t = {}
for i = 1, 1e9 do t[i] = i end
