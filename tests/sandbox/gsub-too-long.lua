-- expect: error resulting string too large
return (('x'):rep(2000):gsub('x', ('y'):rep(1000)))
