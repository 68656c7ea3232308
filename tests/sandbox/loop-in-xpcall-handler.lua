-- expect: limit used its budget
-- liblua would run the handler inside the hook, with hooks off
xpcall(function() while true do end end, function() while true do end end)
