-- expect: limit more than its 32768 KiB
while true do coroutine.resume(coroutine.create(function() local t
	while true do t = {t} end end)) end
