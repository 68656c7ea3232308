-- expect: error only text can be loaded
return load('return 1', 'x', 'b')
