-- expect: limit used its budget
local s = ('1'):rep(1e6)
while true do tonumber(s, 36) end
