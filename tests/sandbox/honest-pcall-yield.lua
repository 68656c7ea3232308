-- expect: ok true 42 false oops
local co = coroutine.wrap(function()
	local ok, v = pcall(function() return coroutine.yield() end)
	local ok2, e = pcall(function() coroutine.yield(); error("oops", 0) end)
	return tostring(ok) .. " " .. v .. " " .. tostring(ok2) .. " " .. e
end)
co() co(42)
return co()
