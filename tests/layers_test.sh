#!/bin/sh
# Does layers.sh see what it should?  Plants one sin at a time into a copy of
# the tree and demands that it is named; the copy without a sin must pass.
# Usage: B=build layers_test.sh
set -u
B=${B:-build}
CC=${CC:-cc}
tmp=$(mktemp -d) || exit 3
trap 'rm -rf "$tmp"' EXIT
fail=0

fresh() {
	rm -rf "$tmp/tree"
	mkdir -p "$tmp/tree/tests" "$tmp/tree/lua" "$tmp/tree/lab"
	cp -R sim lua lab "$tmp/tree/"
	cp tests/*.sh tests/*.h "$tmp/tree/tests/"
	cp "$B/libsim.a" "$tmp/tree/libsim.a"
}
layers() { (cd "$tmp/tree" && sh tests/layers.sh libsim.a 2>&1); }
plant() {	# plant FILE: stdin becomes a file of the tree
	mkdir -p "$tmp/tree/${1%/*}"
	cat > "$tmp/tree/$1"
}
compile() {	# compile FILE: add it to the library
	(cd "$tmp/tree" && $CC -std=c11 -I. -c "$1" -o planted.o && ar q libsim.a planted.o) || exit 3
}
demand() {	# demand WHAT WORD...: layers.sh fails, and one line has all words
	what=$1
	shift
	if out=$(layers); then
		echo "not ok: $what passed unseen"
		fail=1
		return
	fi
	for word; do
		out=$(printf '%s\n' "$out" | grep -F -- "$word")
	done
	if [ -n "$out" ]; then echo "ok: $what"; else echo "not ok: $what is not named"; fail=1; fi
}

fresh
if out=$(layers); then echo "ok: the tree as it is"; else printf 'not ok: the tree as it is\n%s\n' "$out"; fail=1; fi

fresh
plant sim/core/planted.c <<'X'
long time(long *);
long planted(void);
long planted(void) { return time(0); }
X
compile sim/core/planted.c
demand "a call of time()" planted.o "time()"

fresh
plant sim/core/planted.c <<'X'
double exp(double);
double planted(double x);
double planted(double x) { return exp(x); }
X
compile sim/core/planted.c
demand "a call into libm" planted.o "exp()"

fresh
printf '#include "lab/planted.h"\n' | plant sim/core/planted.c
demand "sim/ including lab/" sim/core/planted.c:1 lab/planted.h upward

fresh
printf '#include "lab/planted.h"\n' | plant lua/planted.c
demand "lua/ including lab/" lua/planted.c:1 lab/planted.h upward

fresh
printf '/* a */\n#include "sim/kube/planted.h"\n' | plant sim/broker/planted.c
demand "one service including another" sim/broker/planted.c:2 sim/kube/planted.h sideways

fresh
printf '#include "sim/broker/partition.h"\n' | plant sim/device/planted.c
demand "a device reaching past the client library" sim/device/planted.c:1 sideways

fresh
printf '#include "sim/host/planted.h"\n' | plant sim/core/planted.h
demand "core including what stands on it" sim/core/planted.h:1 sideways

fresh
printf '#include "sim/broker/client.h"\n' | plant sim/device/planted.c
if layers >/dev/null; then echo "ok: a device may use the client library"; else echo "not ok: a device may not use the client library"; fail=1; fi

fresh
printf '#include "lab/views/views.h"\n' | plant lab/tui/planted.c
demand "the widgets including a screen" lab/tui/planted.c:1 lab/views/views.h sideways

fresh
printf '#include "lab/progress/store.h"\n' | plant lab/play/planted.c
demand "a run that knows the record" lab/play/planted.c:1 lab/progress/store.h sideways

fresh
printf '#include "lab/tui/number.h"\n' | plant lab/progress/planted.c
demand "the record including the screen" lab/progress/planted.c:1 lab/tui/number.h sideways

fresh
printf '#include "lab/play/play.h"\n' | plant lab/course/planted.c
demand "the course including what plays it" lab/course/planted.c:1 lab/play/play.h sideways

fresh
printf '#include "lab/keep.h"\n' | plant lab/tui/planted.c
demand "a widget including a file of lab/" lab/tui/planted.c:1 lab/keep.h sideways

fresh
printf '#include "lab/paths.h"\n' | plant lab/nowhere/planted.c
demand "a folder of lab/ without a row" lab/nowhere/planted.c:1 sideways

fresh
printf '#include "lab/progress/progress.h"\n' | plant lab/views/planted.c
printf '#include "lab/views/views.h"\n' | plant lab/planted.c
if layers >/dev/null; then echo "ok: a screen may use the record, a verb a screen"; else echo "not ok: a screen may not use the record, or a verb a screen"; fail=1; fi

fresh
printf '#  include <time.h>\n' | plant sim/core/planted.c
demand "a header of the host in sim/" sim/core/planted.c:1 "<time.h>"

fresh
printf '#include <lua5.4/lua.h>\n#include <jansson.h>\n' | plant lua/planted.c
demand "a foreign header away from home" lua/planted.c:2 "<jansson.h>" "lab/*"

fresh
printf '#include <lua5.4/lauxlib.h>\n' | plant lab/planted.c
demand "a foreign header by a longer path" lab/planted.c:1 "lauxlib.h" "lua/*"

exit $fail
