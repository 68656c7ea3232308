-- expect: limit used its budget
-- each thread ends before its first hook
while true do coroutine.wrap(function() for i = 1, 300 do end end)() end
