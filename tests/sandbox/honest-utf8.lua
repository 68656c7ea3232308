-- expect: ok 3 228 97,228,98
local t = {}
for _, c in utf8.codes("aäb") do t[#t + 1] = c end
return utf8.len("aäb") .. " " .. utf8.codepoint("aäb", 2) .. " " .. table.concat(t, ",")
