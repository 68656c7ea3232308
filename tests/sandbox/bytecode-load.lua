-- expect: ok attempt to load a binary chunk
return select(2, load('\27Lua\x54\x00\x19\x93\r\n\x1a\n'))
