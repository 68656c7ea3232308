-- expect: ok yes
mine = 'yes'
assert(load('return _G')() == _G)
return load('return mine')()
