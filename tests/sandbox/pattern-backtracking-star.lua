-- expect: limit used its budget
return (('a'):rep(3e4)):match('a*a*a*a*a*b')
