-- expect: ok 1 4 9 16
local function squares(n)
	return coroutine.wrap(function() for i = 1, n do coroutine.yield(i * i) end end)
end
local s = {}
for x in squares(4) do s[#s + 1] = x end
return table.concat(s, " ")
