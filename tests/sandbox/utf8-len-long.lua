-- expect: limit used its budget
local s = ('x'):rep(1e6)
while true do utf8.len(s) end
