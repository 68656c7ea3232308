-- expect: limit more than its 32768 KiB
local t
while true do t = {t, 1, 2, 3} end
