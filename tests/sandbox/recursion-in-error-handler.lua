-- expect: ok done
-- CVE-2022-33099: an error while handling a C stack overflow
local function loop() assert(pcall(loop)) end
xpcall(loop, loop)
return 'done'
