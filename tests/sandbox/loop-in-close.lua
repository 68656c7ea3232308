-- expect: limit used its budget
-- __close handlers run while the error goes up
local x <close> = setmetatable({}, {__close = function() while true do end end})
while true do end
