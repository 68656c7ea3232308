-- expect: error table expected, got nil
for k in pairs(nil) do end
