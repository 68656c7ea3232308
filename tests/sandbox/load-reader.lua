-- expect: error string expected
return load(function() return 'return 1' end)
