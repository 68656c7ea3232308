-- expect: error __len
return table.unpack(setmetatable({}, {__len = function() return 1 << 40 end}))
