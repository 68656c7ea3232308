-- expect: ok overflow
return select(2, load('return ' .. ('a..'):rep(1e5) .. 'a'))
