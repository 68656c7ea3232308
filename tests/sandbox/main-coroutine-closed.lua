-- expect: error cannot close a normal coroutine
local main = coroutine.running()
coroutine.wrap(function() coroutine.close(main) end)()
