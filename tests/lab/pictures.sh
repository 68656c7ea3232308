#!/bin/sh
# The pictures of the documents are what the program draws, byte for byte.
# Gets MILLRACE; GOLDEN=1 (`make pictures`) writes them instead.
. tests/lab/expect.lib.sh
folder=docs/pictures

mkdir "$work/new"
sed -e '/^#/d' -e '/^$/d' "$folder/list" >"$work/list"
while read -r name scene size keys; do
	new=$work/new/$name.svg
	if ! "$MILLRACE" shot "$scene" --size "$size" --keys "$keys" \
		--svg "$new" </dev/null; then
		fail "$name cannot be drawn"
	elif [ "${GOLDEN:-}" = 1 ]; then
		cp "$new" "$folder/$name.svg" && echo "drawn: $folder/$name.svg"
	elif cmp -s "$new" "$folder/$name.svg"; then
		echo "ok: $name"
	else
		fail "$folder/$name.svg is not what the program draws;" \
			"\`make pictures\` draws it anew"
	fi
	grep -q "pictures/$name\.svg" README.md docs/*.md ||
		fail "no page shows $folder/$name.svg"
done <"$work/list"

[ -s "$work/list" ] || fail "$folder/list is empty"
for file in "$folder"/*.svg; do
	name=${file##*/}
	[ -f "$work/new/$name" ] || fail "$file is not in $folder/list"
done
grep -o 'pictures/[a-z-]*\.svg' README.md docs/*.md | sed 's,.*/,,' |
	sort -u | while read -r name; do
	[ -f "$work/new/$name" ] || echo "$name"
done >"$work/absent"
[ ! -s "$work/absent" ] || fail "shown and not drawn:" $(cat "$work/absent")

exit $failed
