-- expect: limit used its budget
local function loop() while true do end end
while true do coroutine.resume(coroutine.create(loop)) end
