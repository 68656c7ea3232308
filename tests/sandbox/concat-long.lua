-- expect: limit stopped
local s = ('x'):rep(5e5)
while true do local t = s .. s end
