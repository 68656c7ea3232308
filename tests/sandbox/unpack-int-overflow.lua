-- expect: error too many elements
return table.unpack({}, 0, 2147483647)
