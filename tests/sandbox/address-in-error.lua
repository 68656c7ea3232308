-- expect: error table: #1
error({})
