/* names.c - every text once: names become small numbers */
#include "sim/core/names.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);	/* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* The slot value is the text itself; equal hashes of unequal texts are told
 * apart by trying the next key. */
static const char *find(const struct names *n, const char *s, size_t len,
			uint64_t *key)
{
	const char *text;

	for (*key = hash_bytes(s, len);; (*key)++) {
		text = map_get(&n->by_hash, *key);
		if (!text || (strlen(text) == len && !memcmp(text, s, len)))
			return text;
	}
}

/* A text is stored behind its number. */
static name_id id_of(const char *text)
{
	name_id id;

	memcpy(&id, text - sizeof(id), sizeof(id));
	return id;
}

name_id names_intern_bytes(struct names *n, struct arena *arena,
			   const char *s, size_t len)
{
	const char *known;
	uint64_t key;
	name_id id;
	char *block;

	if (len == 0)
		return 0;
	assert(!memchr(s, '\0', len));
	known = find(n, s, len, &key);
	if (known)
		return id_of(known);
	if (!n->texts.count)
		*vec_add(arena, &n->texts) = NULL;	/* id 0 */
	id = n->texts.count;
	block = arena_take(arena, sizeof(id) + len + 1);
	memcpy(block, &id, sizeof(id));
	memcpy(block + sizeof(id), s, len);
	*vec_add(arena, &n->texts) = block + sizeof(id);
	map_put(&n->by_hash, arena, key, block + sizeof(id));
	return id;
}

name_id names_intern(struct names *n, struct arena *arena, const char *text)
{
	return names_intern_bytes(n, arena, text, strlen(text));
}

name_id names_find(const struct names *n, const char *text)
{
	uint64_t key;
	const char *known = find(n, text, strlen(text), &key);

	return known ? id_of(known) : 0;
}

const char *names_text(const struct names *n, name_id id)
{
	assert(id == 0 || id < n->texts.count);
	return id ? n->texts.at[id] : "";
}
