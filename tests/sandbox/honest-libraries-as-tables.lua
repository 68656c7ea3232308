-- expect: ok 13
local n = 0
for name, f in pairs(table) do
	assert(table[name] == f)
	n = n + 1
end
return tostring(n + #table + 6)
