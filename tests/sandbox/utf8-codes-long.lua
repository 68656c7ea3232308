-- expect: limit stopped
-- an iterator that has a megabyte of continuation bytes to skip
local s = 'a' .. ('\x80'):rep(1e6)
local f = utf8.codes('x')
while true do pcall(f, s, 1) end
