-- expect: ok done
local s = (''):rep(1 << 40)
assert(s == '')
return 'done'
