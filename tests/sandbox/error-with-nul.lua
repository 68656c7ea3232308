-- expect: error one
error('one\0two')
