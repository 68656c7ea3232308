-- expect: limit stopped
-- a full table is rebuilt for each new key when another was removed
local t, n = {}, 1 << 17
for i = 1, n do t["k" .. i] = i end
local i = 0
while true do
	i = i + 1
	t["k" .. i] = nil
	t["x" .. i] = i
end
