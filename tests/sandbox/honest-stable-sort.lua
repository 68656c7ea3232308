-- expect: ok b1 b2 b3 a4 a5
local t = {{1, "b1"}, {1, "b2"}, {2, "a4"}, {1, "b3"}, {2, "a5"}}
table.sort(t, function(x, y) return x[1] < y[1] end)
local s = {}
for i, v in ipairs(t) do s[i] = v[2] end
return table.concat(s, " ")
