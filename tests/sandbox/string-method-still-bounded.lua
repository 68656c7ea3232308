-- expect: error resulting string too large
local s = string
rawset(_G, 'string', nil)
return ('x'):rep(1 << 30)
