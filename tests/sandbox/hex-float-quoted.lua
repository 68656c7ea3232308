-- expect: error not available
return ('%q'):format(1.5)
