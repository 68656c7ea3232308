-- expect: error not available
return ('%p'):format({})
