-- expect: error __mode
setmetatable({}, {__mode = 'k'})
