-- expect: limit used its budget
(("x"):rep(1000)):gsub(".", function() while true do pcall(error) end end)
