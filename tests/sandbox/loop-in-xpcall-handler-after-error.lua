-- expect: limit used its budget
xpcall(error, function() while true do end end)
