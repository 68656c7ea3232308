/* question.c - an item put to somebody: drawn, asked, answered, explained */
#include "lab/study/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/progress.h"
#include "sim/core/luck.h"
#include "sim/core/mem.h"

/* --- drawing -------------------------------------------------------------- */

/* A field the item's function returned, or else one that is written down. */
static const json_t *field(const struct question *q, const char *name)
{
	const json_t *v = json_object_get(q->made, name);

	return v ? v : json_object_get(q->item->json, name);
}

static const char *string_field(const struct question *q, const char *name)
{
	return json_string_value(field(q, name));
}

static const char *string_of(const json_t *t, const char *name)
{
	return json_string_value(json_object_get(t, name));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void fill_options(struct question *q, const json_t *list)
{
	q->listed = json_array_size(list);
	q->count = least(q->listed, ITEM_OPTIONS_MAX);
	for (size_t i = 0; i < q->count; i++) {
		const json_t *t = json_array_get(list, i);
		const char *left = string_of(t, "left");

		q->options[i] = (struct question_option){
			.text = left ? left : string_of(t, "text"),
			.why = string_of(t, "why"),
			.belief = string_of(t, "belief"),
			.right = json_is_true(json_object_get(t, "right")),
			.place = i,
		};
		q->mates[i] = string_of(t, "right");
	}
}

/* Fisher and Yates.  Order of options is luck's alone, whatever an author
 * wrote first. */
static void shuffle_options(struct question *q, struct luck *luck)
{
	for (size_t i = q->count; i > 1; i--) {
		size_t k = luck_below(luck, i);
		struct question_option t = q->options[i - 1];

		q->options[i - 1] = q->options[k];
		q->options[k] = t;
	}
}

static void shuffle_mates(struct question *q, struct luck *luck)
{
	const char *from[ITEM_OPTIONS_MAX];
	size_t at[ITEM_OPTIONS_MAX], to[ITEM_OPTIONS_MAX];

	for (size_t i = 0; i < q->count; i++) {
		from[i] = q->mates[i];
		at[i] = i;
	}
	for (size_t i = q->count; i > 1; i--) {
		size_t k = luck_below(luck, i), t = at[i - 1];

		at[i - 1] = at[k];
		at[k] = t;
	}
	for (size_t i = 0; i < q->count; i++) {
		q->mates[i] = from[at[i]];
		to[at[i]] = i;
	}
	for (size_t i = 0; i < q->count; i++)
		q->options[i].place = to[q->options[i].place];
}

static bool is_sorted(const struct question *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->options[i].place != i)
			return false;
	return true;
}

static void shuffle(struct question *q)
{
	struct luck luck;

	luck_init(&luck, q->variant, q->item->id, "options");
	shuffle_options(q, &luck);
	/* Things to be put in order never stand in it already. */
	while (q->item->kind == ITEM_ORDER && q->count > 1 && is_sorted(q))
		shuffle_options(q, &luck);
	if (q->item->kind == ITEM_MATCH)
		shuffle_mates(q, &luck);
}

static void fill_misses(struct question *q, const json_t *list)
{
	q->misses_listed = json_array_size(list);
	q->miss_count = least(q->misses_listed, ITEM_OPTIONS_MAX);
	for (size_t i = 0; i < q->miss_count; i++) {
		const json_t *t = json_array_get(list, i);

		q->misses[i] = (struct question_miss){
			.value = json_number_value(json_object_get(t,
								   "value")),
			.belief = string_of(t, "belief"),
			.why = string_of(t, "why"),
		};
	}
}

static void fill(struct question *q)
{
	static const char *const lists[ITEM_KIND_COUNT] = {
		[ITEM_PREDICT] = "options", [ITEM_RECALL] = "options",
		[ITEM_CHOOSE] = "options", [ITEM_MANY] = "options",
		[ITEM_ORDER] = "order", [ITEM_MATCH] = "pairs",
	};
	const char *list = lists[q->item->kind];

	q->stem = string_field(q, "stem");
	q->screen = string_field(q, "screen");
	q->explain = string_field(q, "explain");
	q->unit = string_field(q, "unit");
	if (!q->unit)
		q->unit = "";
	q->number = json_number_value(field(q, "answer"));
	q->tolerance = json_number_value(field(q, "tolerance"));
	fill_misses(q, field(q, "misses"));
	if (list)
		fill_options(q, field(q, list));
	shuffle(q);
}

struct question *question_new(const struct bank_item *item, uint64_t variant,
			      struct err *err)
{
	struct question *q = mem_zeroed(1, sizeof(*q));

	q->item = item;
	q->variant = variant;
	if (item->generated) {
		q->made = bank_make(item, variant, err);
		if (!q->made) {
			free(q);
			return NULL;
		}
	}
	fill(q);
	return q;
}

void question_free(struct question *q)
{
	if (!q)
		return;
	json_decref(q->made);
	free(q);
}

/* --- asking --------------------------------------------------------------- */

int question_guesses(const struct question *q)
{
	int orders = 1;

	for (size_t i = 2; i <= q->count; i++)
		orders *= (int)i;
	switch (q->item->kind) {
	case ITEM_MANY:
		return (1 << q->count) - 1;	/* any set but none */
	case ITEM_ORDER:
		return orders - 1;		/* not as it stands */
	case ITEM_MATCH:
		return orders;
	default:
		return (int)q->count;
	}
}

void question_hint(const struct question *q, struct text *out)
{
	int n = (int)q->count;

	switch (q->item->kind) {
	case ITEM_MANY:
		text_addf(out, "all that are right, such as 1 %d", n);
		break;
	case ITEM_ORDER:
		text_add(out, "the numbers, first one first, such as");
		for (int i = n; i > 0; i--)
			text_addf(out, " %d", i);
		break;
	case ITEM_MATCH:
		text_add(out, "a letter for each number, such as");
		for (int i = 1; i <= n; i++)
			text_addf(out, " %d%c", i, 'a' + n - i);
		break;
	case ITEM_NUMBER:
		text_addf(out, "a number%s%s; within %g %%",
			  *q->unit ? " in " : "", q->unit,
			  100 * q->tolerance);
		break;
	default:
		text_addf(out, "one of 1 to %d", n);
	}
}

static void add_field(struct text *out, const char *name, const char *value)
{
	text_addf(out, ",\"%s\":", name);
	text_json(out, value);
}

static void add_list(struct text *out, const char *name,
		     const struct question *q, bool mates)
{
	text_addf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < q->count; i++) {
		text_add(out, i ? "," : "");
		text_json(out, mates ? q->mates[i] : q->options[i].text);
	}
	text_char(out, ']');
}

void question_json(const struct question *q, struct text *out)
{
	struct text hint = {0};

	text_addf(out, "{\"variant\":%llu", (unsigned long long)q->variant);
	add_field(out, "item", q->item->id);
	add_field(out, "kind", item_kind_names[q->item->kind]);
	add_field(out, "competency", q->item->competency);
	add_field(out, "stem", q->stem);
	if (q->screen)
		add_field(out, "screen", q->screen);
	if (q->count)
		add_list(out, "options", q, false);
	if (q->item->kind == ITEM_MATCH)
		add_list(out, "mates", q, true);
	if (q->item->kind == ITEM_NUMBER)
		add_field(out, "unit", q->unit);
	question_hint(q, &hint);
	add_field(out, "hint", text_cstr(&hint));
	text_char(out, '}');
	text_free(&hint);
}

/* --- grading -------------------------------------------------------------- */

static void add_sentence(struct text *out, const char *label, const char *why)
{
	if (out->len)
		text_char(out, '\n');
	text_addf(out, "%s%s", label, why);
}

static void grade_single(const struct question *q, struct grade *g)
{
	const struct question_option *o = &q->options[g->reply.picks[0]];

	g->right = o->right;
	if (!o->right)
		g->belief = o->belief;
	add_sentence(&g->chosen, "", o->why);
}

static bool was_picked(const struct reply *a, size_t option)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->picks[i] == option)
			return true;
	return false;
}

static void grade_many(const struct question *q, struct grade *g)
{
	char label[64];

	g->right = true;
	for (size_t i = 0; i < q->count; i++) {
		const struct question_option *o = &q->options[i];
		bool picked = was_picked(&g->reply, i);

		if (picked == o->right)
			continue;
		g->right = false;
		if (picked && !g->belief)
			g->belief = o->belief;
		snprintf(label, sizeof(label), "%zu %s: ", i + 1,
			 picked ? "is not right" : "is right, too");
		add_sentence(&g->chosen, label, o->why);
	}
}

/* Only the first that is out of place: the rest follows from it. */
static void grade_order(const struct question *q, struct grade *g)
{
	size_t i = 0;
	char label[64];

	while (i < q->count && q->options[g->reply.picks[i]].place == i)
		i++;
	g->right = i == q->count;
	for (size_t k = 0; !g->right && k < q->count; k++) {
		if (q->options[k].place != i)
			continue;
		snprintf(label, sizeof(label), "Number %zu in order is %zu: ",
			 i + 1, k + 1);
		add_sentence(&g->chosen, label, q->options[k].why);
	}
}

static void grade_match(const struct question *q, struct grade *g)
{
	char label[64];

	g->right = true;
	for (size_t i = 0; i < q->count; i++) {
		const struct question_option *o = &q->options[i];

		if (g->reply.picks[i] == o->place)
			continue;
		g->right = false;
		snprintf(label, sizeof(label), "%zu belongs to %c: ", i + 1,
			 'a' + (int)o->place);
		add_sentence(&g->chosen, label, o->why);
	}
}

static bool is_near(double x, double of, double share)
{
	return fabs(x - of) <= share * fabs(of) + 1e-9;
}

static void grade_number(const struct question *q, struct grade *g)
{
	const struct question_miss *best = NULL;
	double n = g->reply.number;

	g->right = is_near(n, q->number, q->tolerance);
	for (size_t i = 0; !g->right && i < q->miss_count; i++) {
		const struct question_miss *m = &q->misses[i];

		if (is_near(n, m->value, q->tolerance) &&
		    (!best || fabs(n - m->value) < fabs(n - best->value)))
			best = m;
	}
	if (best) {
		g->belief = best->belief;
		add_sentence(&g->chosen, "", best->why);
	} else if (!g->right) {
		text_addf(&g->chosen, "The number is too %s.",
			  n < q->number ? "small" : "large");
	}
}

/* What was said about being sure, beside what came out of it. */
static const char *remark_of(bool right, int sure)
{
	if (right && sure == SURE_GUESS)
		return "A guess that hit. Read why, so that the next one need "
		       "not be a guess.";
	if (!right && sure == SURE_SURE)
		return "You were sure. That is the kind of belief worth "
		       "finding.";
	return NULL;
}

void question_grade(const struct question *q, const char *typed, int sure,
		    struct grade *g)
{
	static void (*const graders[ITEM_KIND_COUNT])(const struct question *,
						      struct grade *) = {
		[ITEM_PREDICT] = grade_single, [ITEM_RECALL] = grade_single,
		[ITEM_CHOOSE] = grade_single, [ITEM_MANY] = grade_many,
		[ITEM_ORDER] = grade_order, [ITEM_MATCH] = grade_match,
		[ITEM_NUMBER] = grade_number,
	};
	struct reply wanted;

	*g = (struct grade){ .explain = q->explain };
	g->understood = reply_read(q, typed, &g->reply, &g->trouble);
	if (!g->understood)
		return;
	graders[q->item->kind](q, g);
	g->belief_text = bank_belief(q->item, g->belief);
	g->remark = remark_of(g->right, sure);
	reply_text(q, &g->reply, &g->given);
	reply_right(q, &wanted);
	reply_text(q, &wanted, &g->wanted);
}

void grade_release(struct grade *g)
{
	text_free(&g->given);
	text_free(&g->wanted);
	text_free(&g->chosen);
	*g = (struct grade){0};
}

void question_event(const struct question *q, const struct grade *g, int sure,
		    bool looked, struct text *out)
{
	char *weights = json_dumps(q->item->competencies,
				   JSON_COMPACT | JSON_SORT_KEYS);

	if (!weights)
		abort();
	text_add(out, "{\"item\":");
	text_json(out, q->item->id);
	text_addf(out, ",\"variant\":%llu,\"competencies\":%s,"
		  "\"options\":%d,\"answer\":",
		  (unsigned long long)q->variant, weights,
		  question_guesses(q));
	text_json(out, text_cstr(&g->given));
	text_addf(out, ",\"right\":%s,\"sure\":\"%s\",\"looked\":%s}",
		  g->right ? "true" : "false", sure_words[sure],
		  looked ? "true" : "false");
	free(weights);
}
