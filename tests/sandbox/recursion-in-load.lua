-- expect: limit used its budget
local s = 'return load(...)(...)'
return load(s)(s)
