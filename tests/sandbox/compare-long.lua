-- expect: limit stopped
local a = ('x'):rep(1e6)
local b = a .. 'y'
while true do local c = a < b end
