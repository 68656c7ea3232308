-- expect: limit used its budget
return (('a'):rep(3e4)):find('.-.-.-.-b')
