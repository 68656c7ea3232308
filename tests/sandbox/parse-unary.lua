-- expect: ok overflow
return select(2, load('return ' .. ('- '):rep(1e5) .. '1'))
