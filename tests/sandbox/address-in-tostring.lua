-- expect: ok table: #1 function: #2 thread: #3 table: #1
local t = {}
return table.concat({tostring(t), tostring(print), tostring(coroutine.create(print)), ("%s"):format(t)}, " ")
