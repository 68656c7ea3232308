-- expect: limit used its budget
for _ in function() return 1 end do end
