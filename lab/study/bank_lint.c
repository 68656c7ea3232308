/* bank_lint.c - rules for items that the form of the fields cannot say
 *
 * One right answer, and reasons for all of them; names that exist; nothing
 * asked twice.  Generated items are drawn often: a rule has to hold for every
 * seed, so the first seed that breaks it is told.
 */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/study/bank_inside.h"
#include "lab/study/question.h"

enum {
	STEM_MAX = 700,		/* bytes: five lines of a screen and a few */
	OPTION_MAX = 220,
	SCREEN_COLUMNS = 78,
};

struct look {
	struct bank *bank;
	const struct bank_item *item;
	int seed;		/* of a generated item, or 0 */
};

static void complain(const struct look *l, const char *rule,
		     const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void complain(const struct look *l, const char *rule,
		     const char *field, const char *fmt, ...)
{
	struct text path = {0}, what = {0};
	struct place at;
	va_list args;

	text_addf(&path, "items[%zu]%s%s", l->item->index + 1,
		  *field ? "." : "", field);
	at = places_find(&l->item->file->places, text_cstr(&path));
	text_addf(&what, "%s: ", l->item->id);
	va_start(args, fmt);
	text_vaddf(&what, fmt, args);
	va_end(args);
	if (l->seed)
		text_addf(&what, " (seed %d)", l->seed);
	problems_add(&l->bank->problems, l->item->file->name, at.line,
		     at.column, rule, "%s", text_cstr(&what));
	text_free(&what);
	text_free(&path);
}

/* --- identity ------------------------------------------------------------ */

static bool is_day(const char *s)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i])
				   : s[i] != form[i])
			return false;
	return s[sizeof(form) - 1] == '\0';
}

static void lint_competencies(const struct look *l,
			      const struct catalog *catalog)
{
	json_t *v, *t = (json_t *)l->item->competencies;
	const char *name;
	double sum = 0;

	json_object_foreach(t, name, v) {
		sum += json_number_value(v);
		if (catalog && !catalog_competency(catalog, name))
			complain(l, "unknown-competency", "competencies",
				 "there is no competency %s", name);
	}
	if (fabs(sum - 1) > 1e-6)
		complain(l, "weights", "competencies",
			 "the weights add up to %g, not to 1", sum);
}

static void lint_identity(const struct look *l, const struct catalog *catalog)
{
	const struct bank_item *item = l->item;
	size_t len = strspn(item->id, "abcdefghijklmnopqrstuvwxyz0123456789"
				      ".-");

	if (item->id[len] || !strchr(item->id, '.'))
		complain(l, "id", "id", "an id is COMPETENCY.NAME in "
			 "[a-z0-9.-]");
	if (item->level < 1 || item->level > 4)
		complain(l, "range", "level", "the level has to be 1 to 4");
	if (!is_day(item->checked_on))
		complain(l, "checked-on", "checked_on", "\"%s\" is no day, "
			 "YYYY-MM-DD", item->checked_on);
	if (catalog && !catalog_lesson(catalog, item->lesson, NULL))
		complain(l, "unknown-lesson", "lesson", "there is no lesson "
			 "%s", item->lesson);
	lint_competencies(l, catalog);
}

static void lint_twice(const struct look *l)
{
	for (const struct bank_item *k = l->bank->items; k < l->item; k++) {
		const char *stem = catalog_text(k->json, "stem");

		if (strcmp(k->id, l->item->id) == 0)
			complain(l, "duplicate-id", "id", "there is another "
				 "item of this id");
		if (*stem && strcmp(stem, catalog_text(l->item->json,
						       "stem")) == 0 &&
		    json_equal(json_object_get(k->json, "screen"),
			       json_object_get(l->item->json, "screen")))
			complain(l, "duplicate-stem", "stem", "asks the same "
				 "as %s", k->id);
	}
}

/* --- what is asked ----------------------------------------------------------- */

static void lint_belief(const struct look *l, const char *field,
			const char *belief)
{
	if (!belief)
		complain(l, "no-belief", field, "a wrong answer has to name "
			 "the belief it betrays");
	else if (!bank_belief(l->item, belief))
		complain(l, "unknown-belief", field, "there is no belief %s in "
			 "this file", belief);
}

static void lint_texts(const struct look *l, const struct question *q)
{
	size_t column = 0;

	if (!q->stem || strlen(q->stem) > STEM_MAX)
		complain(l, "stem", "stem", "needs a stem of at most %d bytes",
			 STEM_MAX);
	if (!q->explain)
		complain(l, "explain", "", "does not say why the right answer "
			 "is right");
	if (!q->screen != !l->item->has_screen)
		complain(l, "screen", "", "screen and reads_screen say "
			 "different things");
	for (const char *s = q->screen; s && *s; s++) {
		column = *s == '\n' ? 0 : column + 1;
		if (column == SCREEN_COLUMNS + 1)
			complain(l, "width", "screen", "a line of the screen "
				 "is longer than %d columns", SCREEN_COLUMNS);
	}
}

static void lint_same(const struct look *l, const char *a, const char *b)
{
	if (a && b && strcmp(a, b) == 0)
		complain(l, "same-option", "", "two options say \"%.60s\"", a);
}

static void lint_count(const struct look *l, const struct question *q)
{
	if (q->listed < ITEM_OPTIONS_MIN || q->listed > ITEM_OPTIONS_MAX)
		complain(l, "options", "", "has %zu options; it has to be %d "
			 "to %d", q->listed, ITEM_OPTIONS_MIN,
			 ITEM_OPTIONS_MAX);
	for (size_t i = 0; i < q->count; i++) {
		if (strlen(q->options[i].text) > OPTION_MAX)
			complain(l, "options", "", "option \"%.40s...\" is "
				 "longer than %d bytes", q->options[i].text,
				 OPTION_MAX);
		for (size_t k = 0; k < i; k++)
			lint_same(l, q->options[k].text, q->options[i].text);
	}
}

static void lint_choice(const struct look *l, const struct question *q)
{
	bool many = l->item->kind == ITEM_MANY;
	size_t right = 0;

	for (size_t i = 0; i < q->count; i++) {
		right += q->options[i].right;
		if (!q->options[i].right)
			lint_belief(l, "options", q->options[i].belief);
	}
	if (many ? right < 2 || right == q->count : right != 1)
		complain(l, "one-right", "options", "%zu of %zu options are "
			 "right; it has to be %s", right, q->count,
			 many ? "2 or more, and not all" : "1");
}

static void lint_mates(const struct look *l, const struct question *q)
{
	for (size_t i = 0; i < q->count; i++)
		for (size_t k = 0; k < i; k++)
			lint_same(l, q->mates[k], q->mates[i]);
}

static bool near(const struct question *q, double a, double b)
{
	return fabs(a - b) <= 2 * q->tolerance * fmax(fabs(a), fabs(b));
}

/* A miss within reach of the right answer would be called right. */
static void lint_number(const struct look *l, const struct question *q)
{
	struct reply r;
	struct text t = {0};

	if (!(q->tolerance > 0 && q->tolerance <= 0.2) || !(q->number > 0) ||
	    !isfinite(q->number))
		complain(l, "tolerance", "", "needs an answer above 0 and a "
			 "tolerance above 0, at most 0.2");
	if (q->misses_listed == 0 || q->misses_listed > ITEM_OPTIONS_MAX)
		complain(l, "misses", "", "names %zu numbers that a usual slip "
			 "leads to; it has to be 1 to %d", q->misses_listed,
			 ITEM_OPTIONS_MAX);
	for (size_t i = 0; i < q->miss_count; i++) {
		lint_belief(l, "misses", q->misses[i].belief);
		if (near(q, q->misses[i].value, q->number))
			complain(l, "misses", "misses", "%g lies so near the "
				 "answer %g that it counts as right",
				 q->misses[i].value, q->number);
	}
	text_addf(&t, "1 %s", q->unit);
	if (!reply_read(q, text_cstr(&t), &r, NULL))
		complain(l, "unit", "unit", "\"%s\" is no unit that an answer "
			 "can be read in", q->unit);
	text_free(&t);
}

static void lint_question(const struct look *l, const struct question *q)
{
	lint_texts(l, q);
	if (l->item->kind == ITEM_NUMBER) {
		lint_number(l, q);
		return;
	}
	lint_count(l, q);
	if (l->item->kind == ITEM_MATCH)
		lint_mates(l, q);
	else if (l->item->kind != ITEM_ORDER)
		lint_choice(l, q);
}

static bool lint_made(const struct look *l, const json_t *made)
{
	struct places nowhere = {0};
	struct problems found = {0};
	struct schema_file f = { "make", &nowhere, &found };
	bool good;

	schema_check(&f, made, "", bank_made_fields);
	good = found.errors == 0;
	if (!good)
		complain(l, "make", "make", "what it returns is not in form: "
			 "%s", found.at[0].message);
	problems_release(&found);
	return good;
}

static bool lint_seed(const struct look *l)
{
	struct err err;
	struct question *q = question_new(l->item, (uint64_t)l->seed, &err);
	size_t before = l->bank->problems.count;

	if (!q)
		complain(l, "make", "make", "%s", err.what);
	else if (!q->made || lint_made(l, q->made))
		lint_question(l, q);
	question_free(q);
	return l->bank->problems.count == before;
}

void bank_lint(struct bank *b, const struct catalog *catalog, int seeds)
{
	if (b->problems.errors)
		return;		/* fields cannot be relied on */
	for (size_t i = 0; i < b->count; i++) {
		struct look l = { b, &b->items[i], 0 };

		lint_identity(&l, catalog);
		lint_twice(&l);
		if (!l.item->generated)
			lint_seed(&l);
		for (int s = 1; l.item->generated && s <= seeds; s++) {
			l.seed = s;
			if (!lint_seed(&l))
				break;
		}
	}
}
