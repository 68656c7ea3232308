-- expect: error __index
table.sort(setmetatable({}, {__index = function() return 1 end}))
