-- expect: ok 150
local function depth(t) return t and 1 + depth(t[1]) or 0 end
local t
for i = 1, 150 do t = {t} end
return tostring(depth(t))
