-- expect: ok [string "x"]:1:
return select(2, load('x x', 'x'))
