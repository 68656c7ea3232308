-- expect: error resulting string too large
local s = ('x'):rep(600000)
return ('%s%s'):format(s, s)
