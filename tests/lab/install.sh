#!/bin/sh
# What `make install` brings is all the program needs: the course, and a card
# for every part that `F` can ask about.  Gets MILLRACE and B.
set -eu
: "${MILLRACE:?}" "${B:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# -o all: what was built is what is tested, whatever it was built with.
MAKEFLAGS= ${MAKE:-make} -s -o all install B="$B" DESTDIR="$work" PREFIX=/usr >"$work/said"
data=$work/usr/share/millrace
MILLRACE_HOME=$work/home "$work/usr/bin/millrace" --content "$data" list \
	>"$work/list"
grep -q bigdata "$work/list"
sed -n 's/^	{ "[a-z]*", "\([a-z]*\)", ".*/\1/p' lab/views/fidelity.c >"$work/parts"
[ "$(wc -l <"$work/parts")" -ge 10 ]
while read -r part; do
	grep -q '^#* *Fidelity card' "$data/sim/$part/README.md" || {
		echo "FAILED: no fidelity card of $part is installed"
		exit 1
	}
done <"$work/parts"
[ -z "$(find "$data" -name '*.[cho]')" ]
echo "ok: $(find "$data" -type f | wc -l) files, $(wc -l <"$work/parts") cards"
