-- expect: error read-only
table.sort(string)
