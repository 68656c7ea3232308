-- expect: limit used its budget
local s = ('('):rep(1e6)
return s:find('%b()')
