-- expect: error too many elements
return table.unpack({}, 1, 1e7)
