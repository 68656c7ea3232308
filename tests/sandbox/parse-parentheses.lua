-- expect: ok overflow
return select(2, load(('('):rep(1e5)))
