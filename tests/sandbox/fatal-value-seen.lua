-- expect: limit used its budget
-- what is raised at a limit must not get into the hands of a script
local x <close> = setmetatable({}, {__close = function(_, e) print(e) end})
while true do end
