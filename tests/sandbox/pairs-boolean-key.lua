-- expect: error boolean as a key
for k in pairs{[true] = 1} do end
