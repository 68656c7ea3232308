-- expect: ok overflow
return select(2, load('return ' .. ('{'):rep(250) .. ('}'):rep(250)))
