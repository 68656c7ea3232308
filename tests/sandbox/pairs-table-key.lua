-- expect: error table as a key
for k in pairs{[{}] = 1} do end
