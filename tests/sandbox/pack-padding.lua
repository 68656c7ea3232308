-- expect: error size too large
return string.pack('c2000000000', 'x')
