-- expect: limit a string would be longer than 1024 KiB
local s = 'x'
while true do s = s .. s end
