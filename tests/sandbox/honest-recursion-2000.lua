-- expect: ok 2000
local function f(n) return n == 0 and 0 or 1 + f(n - 1) end
return tostring(f(2000))
