-- expect: limit stopped
local a = ('x'):rep(1e6) .. 'y'
local b = ('x'):rep(1e6) .. 'z'
while true do local c = a == b end
