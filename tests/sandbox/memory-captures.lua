-- expect: limit stopped
while true do local t = {}
	for i = 1, 1e6 do t[i] = ('abcdefgh'):match('(a)(b)(c)(d)') .. i end end
