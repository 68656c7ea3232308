-- expect: limit used its budget
for _ in (('a'):rep(3e4)):gmatch('.-.-.-b') do end
