-- expect: limit stopped
-- live data just below the cap: every allocation collects all of it
local keep = {}
local ok = true
for i = 1, 195000 do keep[i] = {i} end
while true do local x = {1, 2, 3} end
