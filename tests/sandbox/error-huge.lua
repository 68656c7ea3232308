-- expect: error xxxxxxxx
error(('x'):rep(1e6))
