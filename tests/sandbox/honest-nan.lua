-- expect: ok nan nan
local n = 0/0
return tostring(n) .. ' ' .. ('%.1f'):format(-n)
