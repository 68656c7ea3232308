-- expect: ok string
return getmetatable('')
