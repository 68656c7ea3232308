-- expect: ok overflow
return select(2, load(('return function() '):rep(300)))
