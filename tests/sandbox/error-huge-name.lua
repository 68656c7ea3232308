-- expect: error table expected
-- __name gets into messages
rawset(setmetatable({}, {}), 1, 2)
ipairs(setmetatable({}, {__name = ('n'):rep(1e6)}))
table.insert(('x'):rep(1000), 1)
