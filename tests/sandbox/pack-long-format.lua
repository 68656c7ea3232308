-- expect: error format too long
return string.pack(('x'):rep(100000))
