-- expect: ok mine
return getmetatable(setmetatable({}, {__metatable = 'mine'}))
