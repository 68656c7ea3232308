-- expect: error overflow
-- CVE-2021-43519: resume in resume in resume
local function f() coroutine.wrap(f)() end
f()
