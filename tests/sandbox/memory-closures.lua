-- expect: limit more than its 32768 KiB
local f
while true do local g = f; f = function() return g end end
