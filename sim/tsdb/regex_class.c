/* regex_class.c - characters, and sets of them
 *
 * A text is UTF-8 and is read a character at a time.  What one instruction
 * accepts is always a set, also a single letter: sorted ranges, found in by
 * halving.
 */
#include "sim/tsdb/regex_inside.h"

#include <string.h>

#define BAD_RUNE	0xfffdu

/* The next character; a byte that is no UTF-8 counts as one U+FFFD. */
size_t regex_rune(const char *s, const char *end, uint32_t *rune)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = u[0] < 0x80 ? 1 : u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 :
		     u[0] >= 0xc2 ? 2 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

	if (len == 1) {
		*rune = u[0];
		return 1;
	}
	*rune = BAD_RUNE;
	if (len == 0 || u[0] > 0xf4 || (size_t)(end - s) < len)
		return 1;
	uint32_t r = u[0] & (0x7fu >> len);

	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 1;
		r = r << 6 | (u[i] & 0x3f);
	}
	if (r < least[len] || r > LAST_RUNE || (r >= 0xd800 && r < 0xe000))
		return 1;
	*rune = r;
	return len;
}

bool regex_class_has(const struct class *c, uint32_t rune)
{
	uint32_t low = 0, high = c->count;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (rune > c->ranges[mid].high)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->count && rune >= c->ranges[low].low;
}

/* -- a class while it is being written ---------------------------------- */

void regex_set_add(struct set *s, uint32_t low, uint32_t high)
{
	if (s->count < sizeof(s->ranges) / sizeof(s->ranges[0]))
		s->ranges[s->count++] = (struct range){ low, high };
	else
		s->full = true;
}

/* ASCII letters in the range also in their other case. */
void regex_set_add_folded(struct set *s, uint32_t low, uint32_t high)
{
	static const struct range cases[] = { { 'a', 'z' }, { 'A', 'Z' } };

	regex_set_add(s, low, high);
	for (int i = 0; i < 2; i++) {
		uint32_t l = low > cases[i].low ? low : cases[i].low;
		uint32_t h = high < cases[i].high ? high : cases[i].high;

		if (l <= h)
			regex_set_add(s, l ^ 0x20, h ^ 0x20);
	}
}

static void set_sort(struct set *s)
{
	uint32_t kept = 0;

	for (uint32_t i = 1; i < s->count; i++) {
		struct range moving = s->ranges[i];
		uint32_t k = i;

		for (; k && moving.low < s->ranges[k - 1].low; k--)
			s->ranges[k] = s->ranges[k - 1];
		s->ranges[k] = moving;
	}
	for (uint32_t i = 0; i < s->count; i++) {
		if (kept && s->ranges[i].low <= s->ranges[kept - 1].high + 1) {
			if (s->ranges[i].high > s->ranges[kept - 1].high)
				s->ranges[kept - 1].high = s->ranges[i].high;
		} else
			s->ranges[kept++] = s->ranges[i];
	}
	s->count = kept;
}

void regex_set_negate(struct set *s)
{
	struct set old = *s;
	uint32_t next = 0;

	set_sort(&old);
	s->count = 0;
	for (uint32_t i = 0; i < old.count; i++) {
		if (old.ranges[i].low > next)
			regex_set_add(s, next, old.ranges[i].low - 1);
		next = old.ranges[i].high + 1;
	}
	if (next <= LAST_RUNE)
		regex_set_add(s, next, LAST_RUNE);
}

const struct class *regex_class(struct pool *pool, struct set *s)
{
	struct class *c = pool_new(pool, struct class);

	set_sort(s);
	c->count = s->count;
	c->ranges = pool_array(pool, struct range, s->count);
	if (s->count)
		memcpy(c->ranges, s->ranges, s->count * sizeof(*s->ranges));
	return c;
}
