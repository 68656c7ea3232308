#!/bin/sh
# `millrace module` from the outside: what it writes, what it leaves alone, and
# what editors read of it.  Gets MILLRACE; works in a folder of its own.
. tests/lab/expect.lib.sh
cd "$work" || exit 3


echo "-- new"
expect 0 "my/first/module.lua" "$m" module new my.first
[ ! -e millrace.d.lua ] || fail "annotations nobody asked for"
expect 0 "'her modules/my/first'" "$m" module new my.first --into 'her modules'
[ -s 'her modules/millrace.d.lua' ] && [ -s 'her modules/.luarc.json' ] ||
	fail "no annotations beside the module"
cksum my/first/module.lua >before
expect 2 "my/first is there already; nothing was changed" "$m" module new my.first
cksum my/first/module.lua | cmp -s - before || fail "it was changed"
: >file
expect 3 "file" "$m" module new my.first --into file/inside
expect 2 "UNIT.SLUG" "$m" module new first
expect 2 "usage: millrace module new" "$m" module new
expect 2 "did you mean" "$m" module annotation

echo "-- annotations"
expect 0 "there/millrace.d.lua" "$m" module annotations there
expect 0 "millrace.d.lua" "$m" module annotations
echo '{}' >there/.luarc.json
: >there/millrace.d.lua
expect 0 "was left as it is" "$m" module annotations there
[ "$(cat there/.luarc.json)" = '{}' ] || fail "settings were replaced"
grep -q '^---@class millrace.check$' there/millrace.d.lua ||
	fail "annotations were not written anew"

echo "-- lint"
expect 0 "0 errors in 1 module" "$m" module lint my/first
sed 's/  minutes = 5/  minuts = 5/' my/first/module.lua >x && mv x my/first/module.lua
line=$(grep -n minuts my/first/module.lua | cut -d: -f1)
sentence=":$line:3: error: minuts is no field here; did you mean \`minutes\`? [unknown-key]"
expect 4 "my/first/module.lua$sentence" "$m" module lint my/first
expect 4 "my/first/module.lua$sentence" "$m" module lint "$work/my/first"
expect 4 "my/first/module.lua$sentence" "$m" module lint ./my/first/text/create.md
expect 4 '"file":"my/first/module.lua","line":'"$line"',"column":3,"severity":"error"' \
	"$m" module lint "$work/my/first" --json
cd my/first/text || exit 3
expect 4 "../module.lua:$line:3: error:" "$m" module lint ..
cd "$work" || exit 3
sed 's/  minuts = 5/  minutes = 5/' my/first/module.lua >x && mv x my/first/module.lua
printf '# A page\n\n### Too deep\n' >my/first/text/create.md
expect 4 "my/first/text/create.md:3:1: error: skips a level of headings" \
	"$m" module lint my/first/module.lua my/first/text/create.md
expect 4 "1 error in 1 module" "$m" module lint my/first/module.lua my/first
expect 2 "no exercise nothing" "$m" module lint nothing

if command -v vim >/dev/null 2>&1; then
	"$m" module lint my/first >errors 2>&1
	vim -Nes -u NONE -c 'set errorformat=%f:%l:%c:\ %t%*[a-z]:\ %m' -c 'cgetfile errors' \
		-c 'call writefile([join(map(getqflist()[0:0], "bufname(v:val.bufnr).v:val.lnum.v:val.col.v:val.type"))], "seen")' \
		-c 'qa!' </dev/null >/dev/null 2>&1
	if [ -s seen ] && [ "$(cat seen)" != my/first/text/create.md31e ]; then
		fail "vim reads $(cat seen)"
	fi
fi

finish
