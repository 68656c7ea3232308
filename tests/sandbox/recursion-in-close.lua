-- expect: error too deep
-- each __close closes the next coroutine; liblua does not count these calls
local function chain(n)
	local next = n > 0 and chain(n - 1)
	local co = coroutine.create(function()
		local x <close> = setmetatable({}, {__close = function()
			if next then assert(coroutine.close(next)) end
		end})
		coroutine.yield()
	end)
	coroutine.resume(co)
	return co
end
assert(coroutine.close(chain(1000)))
