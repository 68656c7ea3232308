/* verbs_review.c - review: what is due, and why
 *
 *	review				the list, and what fits the minutes
 *	review next			one of them
 *	review calendar			when, four weeks ahead
 *	review postpone CARD [DAYS]
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/progress.h"
#include "lab/study/review.h"
#include "lab/tui/markdown.h"
#include "lab/verbs_study.h"
#include "lab/version.h"
#include "lab/views/calendar.h"
#include "lab/wall.h"
#include "sim/core/mem.h"

enum { DAYS_MAX = 365 };

static void due_json(const struct due *d, bool picked, struct text *out)
{
	struct text why = {0};

	due_why(d, &why);
	text_add(out, "{\"card\":");
	text_json(out, d->card);
	text_add(out, ",\"title\":");
	text_json(out, d->title);
	text_add(out, ",\"competency\":");
	text_json(out, d->competency);
	text_addf(out, ",\"minutes\":%" PRId64 ",\"late_days\":%" PRId64
		  ",\"recall\":%.3f,\"picked\":%s,\"why\":", d->minutes,
		  d->late_days, d->recall, picked ? "true" : "false");
	text_json(out, text_cstr(&why));
	text_char(out, '}');
	text_free(&why);
}

static void due_text(const struct due *d, struct text *out)
{
	text_addf(out, "\n  %s   %s, %" PRId64 " min\n    ", d->card, d->title,
		  d->minutes);
	due_why(d, out);
	text_char(out, '\n');
}

struct today {
	struct dues dues;
	bool *picked;
	size_t picked_count;
	int minutes;		/* that the picked ones take */
	uint64_t at_hand;	/* 0: nobody said */
};

static void list_json(const struct today *t, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"minutes\":%" PRId64
		  ",\"due\":[", MILLRACE_SCHEMA, t->dues.minutes);
	for (size_t i = 0; i < t->dues.count; i++) {
		text_add(out, i ? "," : "");
		due_json(&t->dues.at[i], t->picked[i], out);
	}
	text_add(out, "]}\n");
}

static void list_text(const struct today *t, struct text *out)
{
	size_t left = t->dues.count - t->picked_count;

	if (t->dues.count == 0) {
		text_add(out, "Nothing is due today.\n");
		return;
	}
	text_addf(out, "%zu due, about %" PRId64 " min", t->dues.count,
		  t->dues.minutes);
	if (t->at_hand)
		text_addf(out, "; for %" PRIu64 " min: %zu of them, %d min",
			  t->at_hand, t->picked_count, t->minutes);
	text_char(out, '\n');
	for (size_t i = 0; i < t->dues.count; i++)
		if (t->picked[i])
			due_text(&t->dues.at[i], out);
	if (left && t->picked_count)
		text_addf(out, "\n%zu more can wait for another day.\n", left);
	else if (left)
		text_add(out, "\nNone of them fits into that time.\n");
	if (t->picked_count)
		text_add(out, "\nmillrace review next   begins with the "
			 "first\n");
}

/* Not picked for a number of minutes: all are. */
static bool look_today(struct cli *c, struct store *s,
		       const struct catalog *catalog, struct today *t,
		       int *status)
{
	struct err err;

	*t = (struct today){0};
	if (!cli_number(c, "minutes", 0, &t->at_hand)) {
		*status = CLI_USAGE;
		return false;
	}
	if (!progress_due(s, catalog, wall_ms(), 0, &t->dues, &err)) {
		*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
		return false;
	}
	t->picked = mem_zeroed(t->dues.count + 1, sizeof(*t->picked));
	if (t->at_hand)
		t->minutes = review_pick(&t->dues,
					 t->at_hand < REVIEW_MINUTES_MAX ?
					 (int)t->at_hand : REVIEW_MINUTES_MAX,
					 t->picked);
	for (size_t i = 0; i < t->dues.count; i++) {
		t->picked[i] = t->picked[i] || !t->at_hand;
		t->picked_count += t->picked[i];
	}
	return true;
}

/* --- review next ------------------------------------------------------------ */

static int tell_exercise(struct cli *c, struct store *s, const struct due *d)
{
	uint64_t seed;
	struct err err;

	if (!progress_new_seed(s, d->exercise, &seed, &err))
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	fprintf(c->out, "%s, about %" PRId64 " min, on a seed you have not "
		"seen:\n\n  millrace start %s --plain --seed %" PRIu64 "\n",
		d->title, d->minutes, d->exercise, seed);
	return CLI_DONE;
}

static void card_text(const struct card *card, const struct card_grade *g,
		      struct text *out)
{
	text_char(out, '\n');
	study_hanging(out, "The card says: ", card->answer);
	if (g->was_checked && g->recalled)
		text_add(out, "Yours holds what was looked for.\n");
	else if (g->was_checked && !g->missing.len)
		text_add(out, "It comes back in a few days.\n");
	else if (g->was_checked)
		text_addf(out, "Looked for, and not found in yours: %s.\nIt "
			  "comes back in a few days.\n",
			  text_cstr(&g->missing));
	else
		text_add(out, "Compare it with yours. Nothing was checked, so "
			 "it proves nothing; it comes back in a week.\n");
	text_addf(out, "From: millrace show %s\n", card->exercise);
}

static int ask_card(struct cli *c, struct store *s, const struct card *card)
{
	struct text out = {0}, line = {0}, body = {0};
	const char *given = cli_value(c, "answer");
	struct card_grade g;
	bool kept;
	int sure;

	text_addf(&out, "%s   %s\n\n", card->id, card->title);
	study_paragraph(&out, card->question);
	text_add(&out, "\nWrite your answer; an empty line shows it.\n");
	study_say(c, &out);
	if (given) {
		text_add(&line, given);
	} else {
		fputs("> ", c->out);
		fflush(c->out);
		if (!study_read_line(c, &line)) {
			text_free(&out);
			text_free(&line);
			return CLI_DONE;	/* later: nothing was asked */
		}
	}
	sure = study_take_sure(&line);
	card_grade(card, text_cstr(&line), &g);
	card_event(card, text_cstr(&line), &g, sure, &body);
	kept = study_keep(c, s, EVENT_ITEM_ANSWERED, &body);
	if (kept && !g.was_checked) {
		card_postponed_event(card, CARD_UNCHECKED_DAYS, &body);
		kept = study_keep(c, s, EVENT_REVIEW_POSTPONED, &body);
	}
	card_text(card, &g, &out);
	study_say(c, &out);
	card_grade_release(&g);
	text_free(&out);
	text_free(&line);
	return kept ? CLI_DONE : CLI_ENVIRONMENT;
}

static int review_next(struct cli *c, struct store *s,
		       const struct catalog *catalog, const struct today *t)
{
	struct card card;
	struct err err;
	size_t i = 0;
	int status;

	while (i < t->dues.count && !t->picked[i])
		i++;
	if (i == t->dues.count) {
		fputs(t->dues.count ? "Nothing that is due fits into that "
		      "time.\n" : "Nothing is due today.\n", c->out);
		return CLI_DONE;
	}
	if (t->dues.at[i].is_recheck)
		return tell_exercise(c, s, &t->dues.at[i]);
	if (!card_load(catalog, t->dues.at[i].card, &card, &err))
		return cli_fail_err(c, CLI_CONTENT, &err);
	status = ask_card(c, s, &card);
	card_release(&card);
	return status;
}

static int review_postpone(struct cli *c, struct store *s,
			   const struct today *t)
{
	const char *card = c->argument_count > 1 ? c->arguments[1] : "";
	const char *word = c->argument_count > 2 ? c->arguments[2] : "1";
	char *end;
	long days = strtol(word, &end, 10);
	struct text body = {0};
	size_t i = 0;

	if (*end || days < 1 || days > DAYS_MAX)
		return cli_fail(c, CLI_USAGE, "a number of days is 1 to %d, "
				"not %s", DAYS_MAX, word);
	while (i < t->dues.count && strcmp(t->dues.at[i].card, card) != 0)
		i++;
	if (i == t->dues.count)
		return cli_fail(c, CLI_USAGE, "%s is not due; `millrace "
				"review` lists what is", *card ? card :
				"nothing");
	text_add(&body, "{\"card\":");
	text_json(&body, card);
	text_addf(&body, ",\"days\":%ld}", days);
	if (!study_keep(c, s, EVENT_REVIEW_POSTPONED, &body))
		return CLI_ENVIRONMENT;
	fprintf(c->out, "%s: asked again in %ld %s\n", card, days,
		days == 1 ? "day" : "days");
	return CLI_DONE;
}

static int print_calendar(struct cli *c, struct store *s,
			  const struct catalog *catalog)
{
	struct text page = {0}, out = {0};
	struct err err;
	int status = CLI_DONE;

	if (review_calendar(s, catalog, wall_ms(), &page, &err)) {
		markdown_plain(text_cstr(&page), page.len, &out);
		verb_print(c, &out);
	} else {
		status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	}
	text_free(&page);
	return status;
}

static int with_today(struct cli *c, struct store *s,
		      const struct catalog *catalog, const struct today *t)
{
	const char *word = c->argument_count ? c->arguments[0] : "";
	struct text out = {0};

	if (strcmp(word, "next") == 0)
		return review_next(c, s, catalog, t);
	if (strcmp(word, "postpone") == 0)
		return review_postpone(c, s, t);
	if (strcmp(word, "calendar") == 0)
		return print_calendar(c, s, catalog);
	if (*word)
		return cli_fail(c, CLI_USAGE, "%s is no word of review; there "
				"are next, calendar and postpone", word);
	if (cli_has(c, "json"))
		list_json(t, &out);
	else
		list_text(t, &out);
	verb_print(c, &out);
	return CLI_DONE;
}

int verb_review(struct cli *c)
{
	int status = CLI_DONE;
	struct catalog *catalog = verb_catalog(c, &status);
	struct store *s;
	struct today t;

	if (!catalog)
		return status;
	s = verb_record(c, &status);
	if (s && look_today(c, s, catalog, &t, &status)) {
		status = with_today(c, s, catalog, &t);
		free(t.picked);
		dues_free(&t.dues);
	}
	store_close(s);
	catalog_free(catalog);
	return status;
}
