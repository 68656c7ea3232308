-- expect: limit used its budget
local function loop() while true do pcall(loop) end end
loop()
