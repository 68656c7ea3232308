-- expect: error read-only
rawset(string, 'rep', nil)
