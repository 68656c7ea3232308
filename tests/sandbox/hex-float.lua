-- expect: error not available
return ('%a'):format(1.5)
