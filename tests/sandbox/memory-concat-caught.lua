-- expect: limit a string would be longer
local s = 'x'
while true do pcall(function() s = s .. s end) end
