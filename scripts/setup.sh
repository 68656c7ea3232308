#!/bin/sh
# Install what is missing to build and test.  Quick when nothing is.
# Usage: setup.sh [--look] [clang|fuzz|tidy]...
#   --look   install nothing: name what is missing, and fail
set -u
CC=${CC:-cc}

look=
tools=
for arg; do
	case $arg in
	--look) look=1 ;;
	clang|fuzz|tidy) tools="$tools $arg" ;;
	*) echo "setup.sh: '$arg' is none of --look clang fuzz tidy" >&2; exit 2 ;;
	esac
done

have() { command -v "$1" >/dev/null 2>&1; }
compiles() {	# compiles FLAG... < program
	dir=$(mktemp -d) || exit 3
	cat > "$dir/t.c"
	$CC "$@" "$dir/t.c" -o "$dir/t" >/dev/null 2>&1
	ok=$?
	rm -rf "$dir"
	return $ok
}
have_libc() { printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' | compiles; }
have_pc() { pkg-config --exists "$@" 2>/dev/null; }
have_lua() {
	for p in lua5.4 lua-5.4 lua54 lua; do
		have_pc "$p >= 5.4 $p < 5.5" && return 0
	done
	return 1
}
have_fuzzer() {
	printf '%s\n' '#include <stddef.h>' 'int LLVMFuzzerTestOneInput(const char *p, size_t n);' \
		'int LLVMFuzzerTestOneInput(const char *p, size_t n) { (void)p; (void)n; return 0; }' |
		compiles -fsanitize=fuzzer,address
}

# One need a line: its name, then its package for apt, dnf, pacman and brew.
missing=
need() { missing="$missing$*
"; }
find_missing() {
	missing=
	have "${CC%% *}" || case $CC in
	clang*) need clang clang clang clang llvm ;;
	*) need compiler gcc gcc gcc gcc ;;
	esac
	have "${CC%% *}" && { have_libc || need libc-headers libc6-dev glibc-devel glibc -; }
	have pkg-config || need pkg-config pkg-config pkgconf-pkg-config pkgconf pkgconf
	have_lua || need lua liblua5.4-dev lua-devel lua54 lua@5.4
	have_pc jansson || need jansson libjansson-dev jansson-devel jansson jansson
	have_pc sqlite3 || need sqlite libsqlite3-dev sqlite-devel sqlite sqlite
	have_pc ncursesw || need ncurses libncurses-dev ncurses-devel ncurses ncurses
	have_pc md4c || need md4c libmd4c-dev md4c-devel md4c md4c
	have_pc cmocka || need cmocka libcmocka-dev libcmocka-devel cmocka cmocka
	have_pc vterm || need vterm libvterm-dev libvterm-devel libvterm libvterm
	have tmux || need tmux tmux tmux tmux tmux
	have pgrep || need procps procps procps-ng procps-ng -
	for t in $tools; do
		case $t in
		clang) have clang || need clang clang clang clang llvm ;;
		fuzz) have_fuzzer || need libfuzzer 'clang|libclang-rt-dev' compiler-rt compiler-rt llvm ;;
		tidy) have "${TIDY:-clang-tidy}" || need clang-tidy clang-tidy clang-tools-extra clang llvm ;;
		esac
	done
}
packages() {	# packages COLUMN: the packages of what is missing
	printf '%s' "$missing" | awk -v c="$1" '$c != "-" { gsub(/\|/, " ", $c); print $c }' | sort -u | tr '\n' ' '
}
tell() {
	echo "Missing: $(packages 1)" >&2
	echo "  Debian, Ubuntu   apt-get install $(packages 2)" >&2
	echo "  Fedora           dnf install $(packages 3)" >&2
	echo "  Arch             pacman -S $(packages 4)" >&2
	echo "  macOS            brew install $(packages 5)" >&2
	[ "$(uname)" != Darwin ] ||
		echo '  (then: export PKG_CONFIG_PATH="$(brew --prefix lua@5.4)/lib/pkgconfig")' >&2
}

find_missing
[ -n "$missing" ] || exit 0
if [ -n "$look" ]; then
	tell
	echo "Or let 'make setup' install them." >&2
	exit 1
fi
if ! have apt-get; then
	tell
	echo "Install them and run this again." >&2
	exit 3
fi

root=
if [ "$(id -u)" != 0 ]; then
	have sudo || {
		tell
		echo "Not root, and there is no sudo: ask someone who may install packages." >&2
		exit 3
	}
	root=sudo
fi
install() {
	# shellcheck disable=SC2046
	$root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
		-o Acquire::Retries=3 -qq -y --no-install-recommends install $(packages 2) </dev/null
}
echo "  INSTALL $(packages 2)"
log=$(mktemp) || exit 3
# The package lists of a fresh machine are empty, or name what is gone.
if ! install >"$log" 2>&1 && { ! $root apt-get -qq update >>"$log" 2>&1 || ! install >>"$log" 2>&1; }; then
	cat "$log" >&2
	rm -f "$log"
	tell
	echo "apt-get could not install them (its words are above)." >&2
	exit 3
fi
rm -f "$log"
find_missing
[ -z "$missing" ] || { tell; echo "Still missing after the installation." >&2; exit 3; }
