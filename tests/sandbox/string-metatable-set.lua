-- expect: error table expected
setmetatable('', {})
