/* verbs_assess.c - assess: the rubric, and the question bank's own proof
 *
 *	assess				the rubric, and what the runs say
 *	assess rate STATEMENT 1-5	rate oneself
 *	assess quiz [ABOUT]		verbs_quiz.c
 *	assess lint [FILE...]		the question bank proves its form
 *
 * These are also the --plain twins of the screens of the same names.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/progress/progress.h"
#include "lab/study/bank.h"
#include "lab/study/rubric.h"
#include "lab/verbs_study.h"
#include "lab/version.h"
#include "lab/wall.h"

enum { LINT_SEEDS = 50 };

/* --- assess: the rubric ------------------------------------------------------ */

static void row_text(const struct rubric_row *row, struct text *out)
{
	static const char *const gaps[] = {
		[GAP_NONE] = "", [GAP_AGREES] = "",
		[GAP_OVER] = "  you say more than the runs",
		[GAP_UNDER] = "  the runs say more than you",
	};
	struct text says = {0};
	char rating[8] = "-";

	if (row->rating)
		snprintf(rating, sizeof(rating), "%d", (int)row->rating);
	rubric_says_text(&row->says, &says);
	text_addf(out, "  %-3s %-38s %3s   %s%s\n", row->statement->id,
		  row->statement->text, rating, text_cstr(&says),
		  gaps[rubric_compare(row->rating, &row->says)]);
	text_free(&says);
}

static void page_text(const struct rubric_page *p, struct text *out)
{
	const char *group = "";

	text_addf(out, "%zu of %zu rated, 1 to 5\n", p->rated, p->count);
	for (size_t i = 0; i < p->count; i++) {
		const struct rubric_statement *s = p->at[i].statement;

		if (strcmp(s->group, group) != 0)
			text_addf(out, "\n%-42s %5s   %s\n", s->group, "you",
				  "your runs say");
		group = s->group;
		row_text(&p->at[i], out);
	}
	text_add(out, "\nYour rating is yours; the runs never overwrite it.\n"
		 "millrace assess show T2       what the numbers mean\n"
		 "millrace assess rate T2 3     rate yourself\n"
		 "millrace assess quiz bigdata  questions\n");
}

static void row_json(const struct rubric_row *row, struct text *out)
{
	static const char *const voices[] = { "unmeasured", "too-few", "say" };
	const struct rubric_statement *s = row->statement;

	text_add(out, "{\"statement\":");
	text_json(out, s->id);
	text_add(out, ",\"group\":");
	text_json(out, s->group);
	text_add(out, ",\"text\":");
	text_json(out, s->text);
	if (row->rating)
		text_addf(out, ",\"rating\":%d", (int)row->rating);
	text_addf(out, ",\"runs\":%zu,\"passed\":%zu,\"helped\":%zu,"
		  "\"failed\":%zu,\"voice\":\"%s\"", row->says.runs,
		  row->says.passed, row->says.helped, row->says.failed,
		  voices[row->says.voice]);
	if (row->says.voice == RUNS_SAY)
		text_addf(out, ",\"says\":%.2f", row->says.says);
	text_char(out, '}');
}

static void page_json(const struct rubric_page *p, struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"rated\":%zu,\"statements\":[",
		  MILLRACE_SCHEMA, p->rated);
	for (size_t i = 0; i < p->count; i++) {
		text_add(out, i ? "," : "");
		row_json(&p->at[i], out);
	}
	text_add(out, "]}\n");
}

static void statement_text(const struct rubric_row *row, struct text *out)
{
	const struct rubric_statement *s = row->statement;
	struct text line = {0};

	text_addf(out, "%s  %s: %s\n\n", s->id, s->group, s->text);
	for (int i = 0; i < RUBRIC_RATINGS; i++)
		study_option(out, (char)('1' + i), s->anchors[i]);
	text_add(out, "\nYou: ");
	if (row->rating)
		text_addf(out, "%d", (int)row->rating);
	else
		text_add(out, "not rated");
	text_add(out, "   Your runs: ");
	rubric_says_text(&row->says, out);
	text_char(out, '\n');
	rubric_evidence_text(s, &row->says, &line);
	study_paragraph(out, text_cstr(&line));
	text_free(&line);
}

static const struct rubric_row *row_of(const struct rubric_page *p,
				       const struct rubric_statement *s)
{
	size_t i = 0;

	while (p->at[i].statement != s)
		i++;
	return &p->at[i];
}

/* The rubric, or one statement of it. */
static int show_rubric(struct cli *c, const struct rubric *r,
		       const struct catalog *catalog, struct store *s,
		       const struct rubric_statement *one)
{
	struct rubric_page page;
	struct text out = {0};
	struct err err;

	if (!rubric_look(r, s, catalog, wall_ms(), &page, &err))
		return cli_fail_err(c, CLI_ENVIRONMENT, &err);
	if (cli_has(c, "json"))
		page_json(&page, &out);
	else if (one)
		statement_text(row_of(&page, one), &out);
	else
		page_text(&page, &out);
	verb_print(c, &out);
	return CLI_DONE;
}

static int rate(struct cli *c, struct store *s,
		const struct rubric_statement *statement)
{
	const char *word = c->arguments[2];
	struct text body = {0};

	if (strlen(word) != 1 || word[0] < '1' || word[0] > '5')
		return cli_fail(c, CLI_USAGE, "a rating is 1 to 5, not %s; "
				"`millrace assess show %s` says what each "
				"means", word, statement->id);
	rubric_event(statement, word[0] - '0', &body);
	if (!study_keep(c, s, EVENT_RUBRIC_RATED, &body))
		return CLI_ENVIRONMENT;
	fprintf(c->out, "%s, %s: %s\n  \"%s\"\n", statement->id,
		statement->text, word, statement->anchors[word[0] - '1']);
	return CLI_DONE;
}

static int with_rubric(struct cli *c, const struct rubric *r,
		       const struct catalog *catalog, struct store *s)
{
	const struct rubric_statement *one = NULL;
	bool rates = c->argument_count > 0 &&
		     strcmp(c->arguments[0], "rate") == 0;

	if (c->argument_count > 1) {
		one = rubric_find(r, c->arguments[1]);
		if (!one)
			return cli_fail(c, CLI_USAGE, "there is no statement "
					"%s; `millrace assess` lists them",
					c->arguments[1]);
	}
	if (!rates)
		return show_rubric(c, r, catalog, s, one);
	if (c->argument_count != 3)
		return cli_fail(c, CLI_USAGE, "millrace assess rate STATEMENT "
				"1-5, such as: millrace assess rate T2 3");
	return rate(c, s, one);
}

static int assess_rubric(struct cli *c)
{
	int status = CLI_DONE;
	struct catalog *catalog = verb_catalog(c, &status);
	struct rubric *r;
	struct store *s;
	struct err err;

	if (!catalog)
		return status;
	r = rubric_load(catalog->root, &err);
	if (!r) {
		status = cli_fail_err(c, CLI_CONTENT, &err);
	} else if ((s = verb_record(c, &status)) != NULL) {
		status = with_rubric(c, r, catalog, s);
		store_close(s);
	}
	rubric_free(r);
	catalog_free(catalog);
	return status;
}

/* --- assess: lint ---------------------------------------------------------- */

static size_t lint_bank(struct cli *c, struct bank *b,
			const struct catalog *catalog)
{
	size_t errors;

	bank_lint(b, catalog, LINT_SEEDS);
	for (size_t i = 0; i < b->problems.count; i++) {
		struct text t = {0};

		problem_text(&b->problems.at[i], &t);
		fprintf(c->out, "%s\n", text_cstr(&t));
		text_free(&t);
	}
	errors = b->problems.errors;
	fprintf(c->out, "%zu errors in %zu items\n", errors, b->count);
	return errors;
}

static int assess_lint(struct cli *c)
{
	int status = CLI_DONE;
	struct catalog *catalog = verb_catalog(c, &status);
	struct bank *b;
	struct err err;

	for (int i = 1; catalog && i < c->argument_count; i++) {
		b = bank_open(c->arguments[i]);
		if (lint_bank(c, b, catalog))
			status = CLI_CONTENT;
		bank_free(b);
	}
	if (catalog && c->argument_count == 1) {
		b = bank_load(catalog->root, &err);
		if (!b)
			status = cli_fail_err(c, CLI_CONTENT, &err);
		else if (lint_bank(c, b, catalog))
			status = CLI_CONTENT;
		bank_free(b);
	}
	catalog_free(catalog);
	return status;
}

int verb_assess(struct cli *c)
{
	static const struct {
		const char *word;
		int (*run)(struct cli *c);
	} words[] = {
		{ "show", assess_rubric }, { "rate", assess_rubric },
		{ "quiz", assess_quiz }, { "lint", assess_lint },
	};

	if (c->argument_count == 0)
		return assess_rubric(c);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(c->arguments[0], words[i].word) == 0)
			return words[i].run(c);
	return cli_fail(c, CLI_USAGE, "%s is no word of assess; there are "
			"show, rate, quiz, lint", c->arguments[0]);
}
