-- expect: error too many elements
table.move({}, 1, 1 << 40, 2)
