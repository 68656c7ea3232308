-- expect: limit nested too deep
-- each step shifts the whole stack, in one instruction, until it is full
local t = {}
setmetatable(t, {__call = t})
t()
