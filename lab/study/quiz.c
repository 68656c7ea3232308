/* quiz.c - which questions are put together, and in what order */
#include "lab/study/quiz.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/luck.h"
#include "sim/core/mem.h"

struct deck {
	const struct bank_item **at;
	size_t count;
};

static void gather(const struct bank *b, const char *about, struct deck *d)
{
	d->at = mem_zeroed(b->count + 1, sizeof(*d->at));
	for (size_t i = 0; i < b->count; i++)
		if (bank_item_is_about(&b->items[i], about))
			d->at[d->count++] = &b->items[i];
}

static void shuffle(struct deck *d, uint64_t seed)
{
	struct luck luck;

	luck_init(&luck, seed, "quiz", "order");
	for (size_t i = d->count; i > 1; i--) {
		size_t k = luck_below(&luck, i);
		const struct bank_item *t = d->at[i - 1];

		d->at[i - 1] = d->at[k];
		d->at[k] = t;
	}
}

/* How many of the first n are about the same competency? */
static size_t same_before(const struct deck *d, size_t n,
			  const char *competency)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		same += strcmp(d->at[i]->competency, competency) == 0;
	return same;
}

/* Take turns: always the first item left of the competency asked least. */
static void take_turns(struct deck *d)
{
	for (size_t i = 0; i < d->count; i++) {
		size_t best = i, least = d->count;
		const struct bank_item *t;

		for (size_t k = i; k < d->count; k++) {
			size_t n = same_before(d, i, d->at[k]->competency);

			if (n < least) {
				least = n;
				best = k;
			}
		}
		t = d->at[best];
		memmove(&d->at[i + 1], &d->at[i],
			(best - i) * sizeof(d->at[0]));
		d->at[i] = t;
	}
}

/* A variant of ten digits at most: it is shown, and typed again. */
static uint64_t variant_of(const struct bank_item *item, uint64_t seed)
{
	struct luck luck;

	luck_init(&luck, seed, item->id, "variant");
	return 1 + luck_below(&luck, INT32_MAX);
}

bool quiz_draw(const struct bank *b, const char *about, uint64_t seed,
	       size_t count, struct quiz *out, struct err *err)
{
	struct deck d = {0};
	bool good;

	*out = (struct quiz){0};
	gather(b, about, &d);
	shuffle(&d, seed);
	take_turns(&d);
	if (count == 0 || count > d.count)
		count = d.count;
	out->at = mem_zeroed(count + 1, sizeof(*out->at));
	good = count > 0 || err_set(err, "there are no questions about %s yet",
				    about ? about : "anything");
	for (size_t i = 0; good && i < count; i++) {
		out->at[i] = question_new(d.at[i], variant_of(d.at[i], seed),
					  err);
		good = out->at[i] != NULL;
		out->count += good;
	}
	free(d.at);
	if (!good)
		quiz_release(out);
	return good;
}

void quiz_release(struct quiz *q)
{
	for (size_t i = 0; i < q->count; i++)
		question_free(q->at[i]);
	free(q->at);
	*q = (struct quiz){0};
}

size_t quiz_size(const struct bank *b, const char *about)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++)
		n += bank_item_is_about(&b->items[i], about);
	return n;
}
