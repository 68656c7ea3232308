-- expect: limit stopped
local s = '0x' .. ('1'):rep(1e6)
while true do pcall(function() return s | 1 end) end
