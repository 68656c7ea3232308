-- expect: error too many elements
table.concat({}, '', 1, 1 << 40)
