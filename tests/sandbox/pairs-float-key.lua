-- expect: error float as a key
for k in pairs{[1.5] = 1} do end
