-- expect: limit used its budget
while true do pcall(string.find, ('a'):rep(3e4), '.-.-.-.-b') end
