-- expect: ok -5 1 2 10 Z a ab b
local t = {b = 1, a = 2, ab = 3, Z = 4, [10] = 5, [2] = 6, [1] = 7, [-5] = 8}
local keys = {}
for k in pairs(t) do keys[#keys + 1] = tostring(k) end
return table.concat(keys, " ")
