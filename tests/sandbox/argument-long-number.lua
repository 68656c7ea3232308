-- expect: limit stopped
local s = ('1'):rep(1e6)
while true do math.floor(s) end
