-- expect: ok done
local function f() return pcall(f) end
f()
return 'done'
