-- expect: ok environment
return getmetatable(_G)
