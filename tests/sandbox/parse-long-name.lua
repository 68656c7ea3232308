-- expect: limit stopped
return load(('a'):rep(1 << 20) .. ' = 1')
