-- expect: ok 1 2 abc
local s = string.pack('>I2I4s1', 1, 2, 'abc')
local a, b, c = string.unpack('>I2I4s1', s)
return a .. ' ' .. b .. ' ' .. c
