-- expect: error too many captures
return ('x'):find(('()'):rep(100))
