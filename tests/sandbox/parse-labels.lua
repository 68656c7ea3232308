-- expect: ok done
local t = {}
for i = 1, 12000 do t[i] = 'goto z ' end
for i = 1, 12000 do t[#t + 1] = '::a' .. i .. ':: ' end
load(table.concat(t) .. '::z::')
return 'done'
