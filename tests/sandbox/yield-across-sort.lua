-- expect: error attempt to yield
coroutine.wrap(function() table.sort({1, 2}, coroutine.yield) end)()
