#!/bin/sh
# docs/authoring.md is followed to the letter: every block marked `console` is
# typed, every block marked `diff` is made in its file, and what is printed has
# to be what the page shows (but for seconds, which differ).
# Gets MILLRACE; GOLDEN=1 writes what was printed into the page.
set -u
: "${MILLRACE:?}"
page=$PWD/docs/authoring.md
MILLRACE_CONTENT=$PWD
work=$(mktemp -d)
MILLRACE_HOME=$work/home
PATH=$work/bin:$PATH
export MILLRACE_CONTENT MILLRACE_HOME PATH
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/here"
ln -s "$MILLRACE" "$work/bin/millrace"
cd "$work/here" || exit 3

# The block in $work/block: its first line is `--- FILE`; lines with ' ' or '-'
# are found there once, in this order, and become those with ' ' or '+'.
change() {
	file=$(sed -n '1s/^--- //p' "$work/block")
	sed 1d "$work/block" | awk '
	NR == FNR { if (/^[ -]/) old = old substr($0, 2) "\n"
		if (/^[ +]/) new = new substr($0, 2) "\n"; next }
	{ all = all $0 "\n" }
	END {
		at = index(all, old)
		if (!at || index(substr(all, at + 1), old)) exit 1
		printf "%s", substr(all, 1, at - 1) new substr(all, at + length(old))
	}' - "$file" > "$work/changed" && cp "$work/changed" "$file" ||
		echo "FAILED: $file: the lines of the page are not in it just once" >> "$work/failed"
}

# Each `$ ` line of the block is typed.
type_lines() {
	while IFS= read -r typed; do
		case $typed in
		'$ '*)	printf '%s\n' "$typed"
			sh -c "${typed#$ }" </dev/null 2>&1 ;;
		esac
	done < "$work/block"
}

blocks=0 kind= n=0
: > "$work/failed"
: > "$work/page"
while IFS= read -r line; do
	n=$((n + 1))
	case $kind$line in
	'```console' | '```diff')
		kind=${line#???}: start=$n
		: > "$work/block"
		printf '%s\n' "$line" >> "$work/page" ;;
	'console:```')
		type_lines > "$work/got"
		cat "$work/got" >> "$work/page"
		sed 's/[0-9.]* s)$/N s)/' "$work/got" > "$work/got.n"
		sed 's/[0-9.]* s)$/N s)/' "$work/block" > "$work/want.n"
		if ! cmp -s "$work/want.n" "$work/got.n"; then
			echo "FAILED: docs/authoring.md:$start: prints something else:" >> "$work/failed"
			diff "$work/want.n" "$work/got.n" >> "$work/failed"
		fi
		blocks=$((blocks + 1)) kind=
		printf '%s\n' "$line" >> "$work/page" ;;
	'diff:```')
		change
		cat "$work/block" >> "$work/page"
		blocks=$((blocks + 1)) kind=
		printf '%s\n' "$line" >> "$work/page" ;;
	console:* | diff:*)
		printf '%s\n' "$line" >> "$work/block" ;;
	*)	printf '%s\n' "$line" >> "$work/page" ;;
	esac
done < "$page"

if [ -n "${GOLDEN:-}" ]; then
	cp "$work/page" "$page"
	grep FAILED "$work/failed" | grep -v 'something else'
	exit 0
fi
cat "$work/failed"
[ ! -s "$work/failed" ] || exit 1
[ $blocks -ge 11 ] || { echo "FAILED: only $blocks blocks were found"; exit 1; }
echo "$blocks blocks of docs/authoring.md are as they print"
