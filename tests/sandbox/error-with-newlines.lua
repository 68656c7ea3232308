-- expect: error one two
error('one\ntwo\27[31m\r\nthree')
