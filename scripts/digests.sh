#!/bin/sh
# One run, one digest, whatever built it: compares tests/golden/local-kafka.digest
# with what the compilers and machines at hand make of the same sources.
# Usage: digests.sh [FOLDER]      (in the top folder of the tree)
#
# What is not installed is said and left out.  Debian: gcc-i686-linux-gnu for 32 bits,
# gcc-aarch64-linux-gnu and qemu-user-static for ARM.
set -u
into=${1:-build/digests}
want=tests/golden/local-kafka.digest
fail=0
mkdir -p "$into"

one() {		# NAME RUNNER COMPILER FLAGS...
	name=$1 runner=$2
	shift 2
	if ! command -v "$1" >/dev/null || { [ -n "$runner" ] && ! command -v "$runner" >/dev/null; }; then
		echo "none  $name: $1${runner:+ or $runner} is not installed"
		return
	fi
	if ! "$@" -std=c11 -ffp-contract=off -w -I. scripts/digest.c sim/*/*.c -o "$into/$name" 2>"$into/$name.log"; then
		echo "none  $name: it cannot be built here ($into/$name.log)"
		return
	fi
	if $runner "$into/$name" >"$into/$name.digest" && cmp -s "$into/$name.digest" "$want"; then
		echo "same  $name"
	else
		echo "OTHER $name: $(tr '\n' ';' <"$into/$name.digest")"
		fail=1
	fi
}

one gcc-O0 '' gcc -O0
one gcc-O2 '' gcc -O2
one gcc-O3-native '' gcc -O3 -march=native
one clang-O2 '' clang -O2
one gcc-asan '' gcc -O1 -fsanitize=address,undefined
one i686 '' i686-linux-gnu-gcc -static -O2 -msse2 -mfpmath=sse
one aarch64 qemu-aarch64-static aarch64-linux-gnu-gcc -static -O2
exit $fail
