-- expect: limit used its budget of 20000000 steps
while true do end
