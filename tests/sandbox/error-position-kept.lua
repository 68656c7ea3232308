-- expect: error error-position-kept.lua:3: plain
local function f()
	error("plain")
end
f()
