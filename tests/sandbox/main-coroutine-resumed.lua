-- expect: ok cannot resume the main coroutine
local main = coroutine.running()
local co = coroutine.wrap(function() return select(2, coroutine.resume(main, 1)) end)
return co()
