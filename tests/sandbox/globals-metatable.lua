-- expect: error protected metatable
assert(getmetatable(_G) == 'environment')
setmetatable(_G, {})
