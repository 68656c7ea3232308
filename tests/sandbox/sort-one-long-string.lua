-- expect: limit used its budget
-- 100000 times the same object: each comparison reads a megabyte
local s, t = ('x'):rep(1e6), {}
for i = 1, 100000 do t[i] = s end
table.sort(t)
