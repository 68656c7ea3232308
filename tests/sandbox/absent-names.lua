-- expect: ok nothing
local found = {}
for _, name in ipairs{"io", "os", "debug", "package", "require", "dofile", "loadfile",
		"collectgarbage", "next", "loadstring", "setfenv", "getfenv", "module",
		"newproxy", "unpack", "warn", "jit", "ffi", "bit32", "arg"} do
	if _G[name] ~= nil then found[#found + 1] = name end
end
if string.dump then found[#found + 1] = "string.dump" end
if math.random then found[#found + 1] = "math.random" end
return #found == 0 and "nothing" or table.concat(found, " ")
