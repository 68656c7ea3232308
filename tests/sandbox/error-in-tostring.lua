-- expect: error could not be shown
error(setmetatable({}, {__tostring = function() error('again') end}))
