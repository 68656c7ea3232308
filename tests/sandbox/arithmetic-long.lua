-- expect: error attempt to perform arithmetic on a string value
local s = ('1'):rep(1e6)
return s + 1
