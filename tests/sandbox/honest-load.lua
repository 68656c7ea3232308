-- expect: ok 3
return tostring(load('local a, b = ... return a + b', 'sum')(1, 2))
