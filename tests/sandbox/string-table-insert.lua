-- expect: error read-only
table.insert(string, 'x')
