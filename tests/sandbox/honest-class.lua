-- expect: ok 3
local Stack = {}
Stack.__index = Stack
function Stack.new() return setmetatable({}, Stack) end
function Stack:push(v) table.insert(self, v) end
local s = Stack.new()
for i = 1, 3 do s:push(i) end
return tostring(#s)
