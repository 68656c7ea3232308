-- expect: ok done
-- CVE-2025-49844 (Redis, Lua 5.1): the name was collected while parsing
for i = 1, 200 do
	load('local a = ' .. ('{'):rep(50) .. ('}'):rep(50), '=' .. ('n'):rep(1000) .. i)
end
return 'done'
