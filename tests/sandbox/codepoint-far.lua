-- expect: error string slice too long
return utf8.codepoint(('x'):rep(1e6), 1, -1)
