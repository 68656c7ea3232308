-- expect: error resulting string too large
return ('xxxxxxxx'):rep(math.maxinteger // 4)
