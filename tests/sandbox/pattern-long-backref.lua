-- expect: limit used its budget
return (('a'):rep(1e6)):find('(.-)%1b')
