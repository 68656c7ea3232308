-- expect: limit stopped
return load('return ' .. ('a and '):rep(170000) .. 'a')
