/* review.c - what to ask again today, and the cards of the exercises */
#include "lab/study/review.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/card_word.h"
#include "sim/core/mem.h"

/* --- choosing ------------------------------------------------------------ */

/* In thousandths: what is likely forgotten, at least one. */
static int64_t worth(const struct due *d)
{
	int64_t lost = (int64_t)(1000 * (1 - d->recall));

	return lost > 1 ? lost : 1;
}

static int cost(const struct due *d)
{
	return d->minutes > 1 ? (int)d->minutes : 1;
}

/*
 * The knapsack by minutes: best[i][m] is what the first i bring at most in m
 * minutes.  Of equal choices the one without the later review is kept, so the
 * order of the list, which is that of progress_due, decides.
 */
int review_pick(const struct dues *dues, int minutes, bool *picked)
{
	size_t n = dues->count, wide;
	int64_t *best;
	int used = 0;

	memset(picked, 0, n * sizeof(*picked));
	if (minutes <= 0)
		return 0;
	if (minutes > REVIEW_MINUTES_MAX)
		minutes = REVIEW_MINUTES_MAX;
	wide = (size_t)minutes + 1;
	best = mem_zeroed((n + 1) * wide, sizeof(*best));
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < wide; m++) {
			const struct due *d = &dues->at[i];
			size_t c = (size_t)cost(d);
			int64_t with = m >= c ? best[i * wide + m - c] +
						worth(d) : 0;
			int64_t without = best[i * wide + m];

			best[(i + 1) * wide + m] = with > without ? with :
						   without;
		}
	for (size_t i = n, m = wide - 1; i > 0; i--) {
		if (best[i * wide + m] == best[(i - 1) * wide + m])
			continue;
		picked[i - 1] = true;
		m -= (size_t)cost(&dues->at[i - 1]);
		used += cost(&dues->at[i - 1]);
	}
	free(best);
	return used;
}

/* --- cards ---------------------------------------------------------------- */

size_t card_count(const struct exercise *m)
{
	return json_array_size(json_object_get(m->json, "cards"));
}

void card_name(const char *exercise, size_t number, struct text *out)
{
	text_addf(out, "card:%s/%zu", exercise, number);
}

static void fill(struct card *card, const struct exercise *m, const char *id,
		 size_t number)
{
	const json_t *t = json_array_get(json_object_get(m->json, "cards"),
					 number - 1);

	*card = (struct card){
		.id = mem_copy(id), .exercise = mem_copy(m->id),
		.title = mem_copy(m->title),
		.competency = mem_copy(catalog_text(t, "competency")),
		.question = mem_copy(catalog_text(t, "q")),
		.answer = mem_copy(catalog_text(t, "a")),
		.expect = json_incref(json_object_get(t, "expect")),
		.number = number,
	};
}

/* card:EXERCISE/N taken apart; the exercise's name is the caller's to free. */
static char *split(const char *id, size_t *number)
{
	const char *slash = strrchr(id, '/');
	char *name, *end;

	if (strncmp(id, "card:", 5) != 0 || !slash || slash < id + 6 ||
	    !isdigit((unsigned char)slash[1]))
		return NULL;
	*number = strtoul(slash + 1, &end, 10);
	if (*end)
		return NULL;
	name = mem_copy(id + 5);
	name[slash - id - 5] = '\0';
	return name;
}

bool card_load(const struct catalog *c, const char *id, struct card *out,
	       struct err *err)
{
	size_t number = 0;
	char *name = split(id, &number);
	struct text folder = {0};
	struct exercise *m = NULL;
	bool good = false;

	*out = (struct card){0};
	if (!name) {
		err_set(err, "%s is no card; one is named card:EXERCISE/N",
			id);
	} else if (!catalog_has_module(c, name)) {
		err_set(err, "%s: there is no exercise %s (any more)", id,
			name);
	} else {
		catalog_folder(c, name, &folder);
		m = exercise_load(text_cstr(&folder));
		if (!exercise_good(m))
			exercise_refuse(m, err);
		else if (number < 1 || number > card_count(m))
			err_set(err, "%s: the exercise has %zu cards", id,
				card_count(m));
		else
			good = true;
	}
	if (good)
		fill(out, m, id, number);
	exercise_free(m);
	text_free(&folder);
	free(name);
	return good;
}

void card_release(struct card *card)
{
	free(card->id);
	free(card->exercise);
	free(card->title);
	free(card->competency);
	free(card->question);
	free(card->answer);
	json_decref(card->expect);
	*card = (struct card){0};
}

/* --- comparing ------------------------------------------------------------- */

static bool is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

void card_grade(const struct card *card, const char *typed,
		struct card_grade *g)
{
	*g = (struct card_grade){ .was_checked = card->expect != NULL ||
						 is_blank(typed) };
	for (size_t i = 0; !is_blank(typed) &&
			   i < json_array_size(card->expect); i++) {
		const char *wanted = json_string_value(
			json_array_get(card->expect, i));

		if (card_has_word(typed, wanted))
			continue;
		text_addf(&g->missing, "%s%.*s", g->missing.len ? ", " : "",
			  (int)strcspn(wanted, "|"), wanted);
	}
	g->recalled = !is_blank(typed) && g->missing.len == 0;
}

void card_grade_release(struct card_grade *g)
{
	text_free(&g->missing);
	*g = (struct card_grade){0};
}

void card_event(const struct card *card, const char *typed,
		const struct card_grade *g, int sure, struct text *out)
{
	text_add(out, "{\"item\":");
	text_json(out, card->id);
	text_add(out, ",\"variant\":0,\"competencies\":{");
	text_json(out, card->competency);
	text_add(out, ":1},\"options\":0,\"answer\":");
	text_json(out, typed);
	text_addf(out, ",\"right\":%s,\"sure\":\"%s\",\"looked\":%s}",
		  g->recalled ? "true" : "false", sure_words[sure],
		  g->was_checked ? "false" : "true");
}

void card_postponed_event(const struct card *card, int days,
			  struct text *out)
{
	text_add(out, "{\"card\":");
	text_json(out, card->id);
	text_addf(out, ",\"days\":%d}", days);
}

void card_added_event(const struct exercise *m, size_t number,
		      struct text *out)
{
	const json_t *t = json_array_get(json_object_get(m->json, "cards"),
					 number - 1);
	struct text id = {0};

	card_name(m->id, number, &id);
	text_add(out, "{\"card\":");
	text_json(out, text_cstr(&id));
	text_add(out, ",\"exercise\":");
	text_json(out, m->id);
	text_add(out, ",\"competency\":");
	text_json(out, catalog_text(t, "competency"));
	text_char(out, '}');
	text_free(&id);
}
