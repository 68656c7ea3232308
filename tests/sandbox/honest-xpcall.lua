-- expect: ok false handled: oops true 1 2
local a, b = xpcall(error, function(e) return "handled: " .. e end, "oops")
local c, d, e = xpcall(function(...) return ... end, print, 1, 2)
return table.concat({tostring(a), b, tostring(c), d, e}, " ")
