#!/bin/sh
# Who may include and call whom, checked rather than promised.
# Usage: layers.sh build/libsim.a        (in the top folder of the tree)
#
#   lab -> lua -> sim, one way.  Inside sim/, everything may use core, and each
#   part what the first table grants it; likewise the folders of lab/.  Each
#   foreign header has one home.  And sim/ asks the host nothing: neither by a
#   header nor by a call.
set -u
lib=${1:?usage: layers.sh build/libsim.a}
fail=0

# --- include lines ----------------------------------------------------------

rules='
# part       may include (a folder of sim/, or files of it); core goes without saying
host
telemetry    host
kube         host telemetry
broker       host telemetry
stream       host telemetry broker/client*.h broker/producer*.h broker/consumer*.h broker/record*.h
tsdb         host telemetry
monitor      host telemetry tsdb
device       host telemetry broker/client*.h broker/producer*.h broker/consumer*.h broker/record*.h broker/murmur.h broker/audit.h
app          host telemetry broker/client*.h broker/producer*.h broker/consumer*.h broker/record*.h
model        host telemetry
connect      host telemetry
store        host telemetry
cloud        host telemetry
fault        host broker device/ingest.h
face         host telemetry kube broker stream tsdb monitor device app model connect store cloud
stack        *
'
# The same for lab/: what stands directly in it may include every folder.
lab_rules='
# part       may include (a folder of lab/, or files of it)
author       course cli.h paths.h version.h
bench        tui
course       author/names.h text cli.h paths.h run_file.h version.h
play         course text cli.h run_file.h
progress     course paths.h version.h
study        course progress paths.h
tui          play/topo.h text paths.h
views        author course play progress study text tui drawer.h keep.h paths.h
'
# A foreign header and the only files that may include it.
homes='
lua.h        lua/*
lauxlib.h    lua/*
lualib.h     lua/*
jansson.h    lab/*
curses.h     lab/tui/term.c
ncurses.h    lab/tui/term.c
term.h       lab/tui/term.c
sqlite3.h    lab/progress/*
curl/*       lab/net/fetch.c
microhttpd.h lab/net/http.c
md4c.h       lab/tui/markdown.c
vterm.h      tests/lab/tui/*
cmocka.h     tests/test.h
'
# C11 without the host, the locale and the mathematics library (math.h is there
# for INFINITY and NAN; a call into libm is found below).
c_headers='assert errno float inttypes limits math stdalign stdarg stdbool stddef stdint stdio stdlib stdnoreturn string'

includes() {	# every include line of the tree: FILE:LINE KIND PATH
	find sim lua lab tests -name '*.[ch]' 2>/dev/null | sort | xargs awk '
	/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
		kind = /</ ? "<" : "\""
		path = $0
		sub(/^[^<"]*[<"]/, "", path)
		sub(/[>"].*/, "", path)
		if (kind == "\"" && path !~ /\//) {	# a neighbour
			dir = FILENAME
			sub(/[^\/]*$/, "", dir)
			path = dir path
		}
		print FILENAME ":" FNR, kind, path
	}' /dev/null
}

includes | rules=$rules lab_rules=$lab_rules homes=$homes c_headers=$c_headers awk '
function glob(s) {	# a shell pattern as a regular expression
	gsub(/\./, "\\.", s)
	gsub(/\*/, ".*", s)
	return "^" s "$"
}
function bad(why) {
	print where ": includes " (kind == "<" ? "<" path ">" : "\"" path "\"") ", " why
	failed = 1
}
function granted(layer, from, path,	n, i, words) {
	if (from == "" || !((layer "/" from) in may))
		return 0
	n = split(may[layer "/" from], words, " ")
	for (i = 1; i <= n; i++)
		if (words[i] == "*" || path ~ glob(layer "/" words[i] (words[i] ~ /[\/.]/ ? "" : "/*")))
			return 1
	return 0
}
function read_rules(layer, table,	n, i, line, part, rest) {
	n = split(table, line, "\n")
	for (i = 1; i <= n; i++)
		if (line[i] != "" && line[i] !~ /^#/) {
			part = rest = line[i]
			sub(/[ \t].*/, "", part)
			sub(/^[^ \t]*[ \t]*/, "", rest)
			may[layer "/" part] = rest
		}
}
BEGIN {
	read_rules("sim", ENVIRON["rules"])
	read_rules("lab", ENVIRON["lab_rules"])
	n = split(ENVIRON["homes"], line, "\n")
	for (i = 1; i <= n; i++)
		if (split(line[i], word, " ") == 2) {
			header[++headers] = word[1]
			home[headers] = word[2]
		}
	n = split(ENVIRON["c_headers"], word, " ")
	for (i = 1; i <= n; i++)
		plain[word[i] ".h"] = 1
}
{
	where = $1; kind = $2; path = $3
	file = where
	sub(/:[0-9]+$/, "", file)
	split(file, f, "/")
	n_path = split(path, p, "/")

	if (kind == "<") {
		for (i = 1; i <= headers; i++)
			if ((path ~ glob(header[i]) || p[n_path] == header[i]) && file !~ glob(home[i]) && file !~ /^tests\//)
				bad("which only " home[i] " may")
		if (path == "cmocka.h" && file ~ /^tests\// && file != "tests/test.h")
			bad("include \"tests/test.h\" instead")
		if (f[1] == "sim" && !(path in plain))
			bad("but sim/ is plain C11 and may not ask the host")
		next
	}
	if (f[1] == "tests")
		next
	if (p[1] == "tests")
		bad("but only tests may")
	if (f[1] == "sim" && (p[1] == "lua" || p[1] == "lab"))
		bad("upward: sim/ knows neither lua/ nor lab/")
	if (f[1] == "lua" && p[1] == "lab")
		bad("upward: lua/ does not know lab/")
	if (f[1] == "sim" && p[1] == "sim" && f[2] != p[2] && p[2] != "core" && !granted("sim", f[2], path))
		bad("sideways: sim/" f[2] " may not use it (table in tests/layers.sh)")
	if (f[1] == "lab" && 3 in f && p[1] == "lab" && f[2] != p[2] && !granted("lab", f[2], path))
		bad("sideways: lab/" f[2] " may not use it (table in tests/layers.sh)")
}
END { exit failed }
' || fail=1

# --- calls ------------------------------------------------------------------

# All that libsim.a may want from outside; what is not here is a host call, or
# answers differently on another machine (qsort, libm, the locale).
allowed='
malloc calloc realloc free aligned_alloc abort
memcpy memmove memset memcmp memchr bcmp
strlen strnlen strcmp strncmp strchr strrchr strstr strspn strcspn strpbrk
strcpy strncpy strcat strncat strtol strtoll strtoul strtoull strtod
__isoc23_strtol __isoc23_strtoll __isoc23_strtoul __isoc23_strtoull
snprintf vsnprintf bsearch __errno_location __error
__assert_fail __assert_rtn __stack_chk_fail __stack_chk_guard _GLOBAL_OFFSET_TABLE_
'
nm "$lib" 2>/dev/null | allowed=$allowed system=$(uname) awk '
function plain(s) { if (ENVIRON["system"] == "Darwin") sub(/^_/, "", s); return s }
BEGIN { n = split(ENVIRON["allowed"], word); for (i = 1; i <= n; i++) ok[word[i]] = 1 }
/:$/ { member = $0; sub(/:$/, "", member); sub(/.*[(\/]/, "", member); sub(/\)$/, "", member) }
NF == 3 { ours[plain($3)] = 1 }
NF == 2 && ($1 == "U" || $1 == "w") { wants[++n_wants] = plain($2); by[n_wants] = member }
END {
	for (i = 1; i <= n_wants; i++) {
		s = wants[i]
		bare = s		# __memcpy_chk is memcpy, fortified
		if (s ~ /^__.*_chk$/) { sub(/^__/, "", bare); sub(/_chk$/, "", bare) }
		if (s in ours || bare in ok)
			continue
		# what compilers add by themselves: sanitizers, coverage, wide integers
		if (s ~ /^(__(asan|ubsan|sanitizer|sancov|gcov|llvm|start___|stop___)|__[a-z]+[dt]i[0-9]$)/)
			continue
		print by[i] ": calls " s "(), out of bounds for sim/ (list in tests/layers.sh)"
		failed = 1
	}
	exit failed
}' || fail=1
[ -f "$lib" ] || { echo "layers.sh: no $lib: build it first"; fail=1; }

exit $fail
