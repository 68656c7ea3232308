-- expect: error not available
return ('%d %s %5.2f %-20p'):format(1, 'x', 2, print)
