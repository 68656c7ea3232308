-- expect: limit used its budget
while true do load('return 1 + 1') end
