/* verbs_study.c - assess and review: what one knows, line by line
 *
 *	assess				the rubric, and what the runs say
 *	assess rate STATEMENT 1-5	rate oneself
 *	assess quiz [ABOUT]		questions, asked on standard input
 *	assess lint [FILE...]		the question bank proves its form
 *	review				what is due, and why
 *	review next			one of them
 *	review postpone CARD [DAYS]
 *
 * These are also the --plain twins of the screens of the same names.  Answers
 * and ratings go into the record of the learner (lab/progress).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/progress/progress.h"
#include "lab/study/quiz.h"
#include "lab/study/review.h"
#include "lab/study/rubric.h"
#include "lab/tui/wrap.h"
#include "lab/verbs.h"
#include "lab/wall.h"
#include "lab/version.h"

enum {
	COLUMNS = 76,
	QUIZ_COUNT = 8,
	LINT_SEEDS = 50,
	DAYS_MAX = 365,
};

/* --- shared --------------------------------------------------------------- */

/* Add an event whose body is in *body, and free that. */
static bool keep(struct cli *c, struct store *s, enum event_kind kind,
		 struct text *body)
{
	struct err err;
	bool good = store_append(s, kind, text_cstr(body), wall_ms(), &err);

	if (!good)
		cli_fail_err(c, CLI_ENVIRONMENT, &err);
	text_free(body);
	return good;
}

/* The folder of content/, exercises/ and assessments/. */
static bool find_root(struct cli *c, struct text *root, int *status)
{
	struct err err;

	if (path_content(c->content, c->program, root, &err))
		return true;
	*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	return false;
}

/* A text broken into lines that all stand behind the label's end. */
static void add_hanging(struct text *out, const char *label, const char *s)
{
	int indent = (int)strlen(label);
	size_t len = strlen(s), skip;

	text_add(out, label);
	while (len) {
		size_t n = wrap_line(s, len, COLUMNS - indent, &skip);

		text_bytes(out, s, n);
		text_char(out, '\n');
		s += skip;
		len -= skip;
		if (len)
			text_addf(out, "%*s", indent, "");
	}
}

static void add_option(struct text *out, char mark, const char *s)
{
	char label[] = { ' ', ' ', mark, ' ', ' ', '\0' };

	add_hanging(out, label, s);
}

static void add_paragraph(struct text *out, const char *s)
{
	wrap_text(out, s, strlen(s), COLUMNS, "");
}

static void say(struct cli *c, struct text *t)
{
	fwrite(text_cstr(t), 1, t->len, c->out);
	fflush(c->out);
	text_clear(t);
}

/* One line of standard input, without its end.  False: there is none. */
static bool read_line(struct cli *c, struct text *line)
{
	char *at = NULL;
	size_t cap = 0;
	ssize_t n = getline(&at, &cap, c->in);

	text_clear(line);
	if (n >= 0)
		text_bytes(line, at, strcspn(at, "\r\n"));
	free(at);
	return n >= 0;
}

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
		add_option(out, (char)('1' + i), s->anchors[i]);
	text_add(out, "\nYou: ");
	if (row->rating)
		text_addf(out, "%d", (int)row->rating);
	else
		text_add(out, "not rated");
	text_add(out, "   Your runs: ");
	rubric_says_text(&row->says, out);
	text_char(out, '\n');
	rubric_evidence_text(s, &row->says, &line);
	add_paragraph(out, text_cstr(&line));
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
	if (!keep(c, s, EVENT_RUBRIC_RATED, &body))
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

/* --- assess: quiz --------------------------------------------------------- */

static void question_text(const struct question *q, size_t number,
			  size_t count, struct text *out)
{
	text_addf(out, "\nQuestion %zu of %zu   %s\n\n", number, count,
		  q->item->competency);
	add_paragraph(out, q->stem);
	for (const char *s = q->screen; s && *s;) {
		size_t len = strcspn(s, "\n");

		text_add(out, s == q->screen ? "\n  " : "  ");
		text_bytes(out, s, len);
		text_char(out, '\n');
		s += len + (s[len] == '\n');
	}
	text_add(out, q->count ? "\n" : "");
	for (size_t i = 0; i < q->count; i++)
		add_option(out, (char)('1' + i), q->options[i].text);
	if (q->item->kind == ITEM_MATCH)
		text_char(out, '\n');
	for (size_t i = 0; q->item->kind == ITEM_MATCH && i < q->count; i++)
		add_option(out, (char)('a' + i), q->mates[i]);
	text_add(out, "\nAnswer: ");
	question_hint(q, out);
	text_add(out, ".  A guess ends in ?, what is sure in !; quit leaves\n");
}

static void grade_text(const struct question *q, const struct grade *g,
		       struct text *out)
{
	text_add(out, g->right ? "\nRight.\n" : "\nNot right.");
	if (!g->right)
		text_addf(out, "  The answer is %s.\n", text_cstr(&g->wanted));
	if (g->chosen.len)
		add_paragraph(out, text_cstr(&g->chosen));
	if (!g->right && g->belief_text)
		add_hanging(out, "Behind it: ", g->belief_text);
	add_paragraph(out, g->explain);
	if (g->remark)
		add_paragraph(out, g->remark);
	text_addf(out, "Read on: millrace show %s\n", q->item->lesson);
}

static void grade_json(const struct question *q, const struct grade *g,
		       int sure, struct text *out)
{
	text_add(out, "{\"question\":");
	question_json(q, out);
	text_add(out, ",\"given\":");
	text_json(out, text_cstr(&g->given));
	text_add(out, ",\"wanted\":");
	text_json(out, text_cstr(&g->wanted));
	text_addf(out, ",\"right\":%s,\"sure\":\"%s\",\"said\":",
		  g->right ? "true" : "false", sure_words[sure]);
	text_json(out, text_cstr(&g->chosen));
	text_add(out, ",\"explain\":");
	text_json(out, g->explain);
	if (g->belief) {
		text_add(out, ",\"belief\":");
		text_json(out, g->belief);
	}
	text_char(out, '}');
}

/* "3?" is a guess, "3!" is sure; the mark is taken off. */
static int take_sure(struct text *line)
{
	char last;

	while (line->len && strchr(" \t", line->at[line->len - 1]))
		line->at[--line->len] = '\0';
	last = line->len ? line->at[line->len - 1] : ' ';
	if (last != '?' && last != '!')
		return SURE_LIKELY;
	line->at[--line->len] = '\0';
	return last == '?' ? SURE_GUESS : SURE_SURE;
}

struct sitting {
	struct cli *c;
	struct store *store;
	const char *answers;	/* what is left of --answers, or NULL */
	char joint;		/* between them */
	struct text line, out;
	size_t asked, right;
};

/* The next answer; false: there are no more. */
static bool next_answer(struct sitting *s)
{
	size_t len;

	if (!s->answers) {
		fputs("> ", s->c->out);
		fflush(s->c->out);
		return read_line(s->c, &s->line);
	}
	if (!*s->answers)
		return false;
	len = strcspn(s->answers, (char[]){ s->joint, '\0' });
	text_clear(&s->line);
	text_bytes(&s->line, s->answers, len);
	s->answers += len + (s->answers[len] != '\0');
	return true;
}

enum asked { ASKED, ASKED_ENDED, ASKED_REFUSED, ASKED_NOT_KEPT };

static bool is_word(const struct text *line, const char *word)
{
	return strcmp(text_cstr(line), word) == 0;
}

/* Ask until an answer is understood; --answers gets one chance. */
static enum asked ask(struct sitting *s, const struct question *q,
		      struct grade *g, int *sure)
{
	while (next_answer(s)) {
		if (is_word(&s->line, "quit"))
			return ASKED_ENDED;
		*sure = take_sure(&s->line);
		question_grade(q, text_cstr(&s->line), *sure, g);
		if (g->understood)
			return ASKED;
		if (s->answers)
			return ASKED_REFUSED;
		fprintf(s->c->out, "%s\n", g->trouble.what);
	}
	return ASKED_ENDED;
}

static enum asked ask_one(struct sitting *s, const struct question *q)
{
	bool json = cli_has(s->c, "json");
	struct text body = {0};
	struct grade g = {0};
	int sure = SURE_LIKELY;
	enum asked how = ask(s, q, &g, &sure);

	if (how == ASKED_REFUSED)
		cli_fail(s->c, CLI_USAGE, "answer %zu: %s", s->asked + 1,
			 g.trouble.what);
	if (how == ASKED) {
		question_event(q, &g, sure, false, &body);
		if (!keep(s->c, s->store, EVENT_ITEM_ANSWERED, &body))
			how = ASKED_NOT_KEPT;
		s->right += g.right;
		if (json)
			text_add(&s->out, s->asked ? "," : "");
		s->asked++;
		if (json)
			grade_json(q, &g, sure, &s->out);
		else
			grade_text(q, &g, &s->out);
	}
	grade_release(&g);
	return how;
}

/* Only the questions, for somebody else to ask. */
static void questions_json(const struct quiz *z, uint64_t seed,
			   struct text *out)
{
	text_addf(out, "{\"schema_version\":%d,\"seed\":%" PRIu64
		  ",\"questions\":[", MILLRACE_SCHEMA, seed);
	for (size_t i = 0; i < z->count; i++) {
		text_add(out, i ? "," : "");
		question_json(z->at[i], out);
	}
	text_add(out, "]}\n");
}

static int sit(struct sitting *s, const struct quiz *z, uint64_t seed)
{
	bool json = cli_has(s->c, "json");
	enum asked how = ASKED;

	if (json)
		text_addf(&s->out, "{\"schema_version\":%d,\"seed\":%" PRIu64
			  ",\"answers\":[", MILLRACE_SCHEMA, seed);
	for (size_t i = 0; i < z->count && how == ASKED; i++) {
		if (!json)
			question_text(z->at[i], i + 1, z->count, &s->out);
		if (!json)
			say(s->c, &s->out);
		how = ask_one(s, z->at[i]);
		if (!json)
			say(s->c, &s->out);
	}
	if (json)
		text_addf(&s->out, "],\"asked\":%zu,\"right\":%zu}\n",
			  s->asked, s->right);
	else
		text_addf(&s->out, "\n%zu of %zu right.  The same questions "
			  "again: --seed %" PRIu64 "\n", s->right, s->asked,
			  seed);
	say(s->c, &s->out);
	if (how == ASKED_REFUSED)
		return CLI_USAGE;
	return how == ASKED_NOT_KEPT ? CLI_ENVIRONMENT : CLI_DONE;
}

/* Without --seed each quiz is another one: the record has grown. */
static bool seed_of(struct cli *c, struct store *s, uint64_t *seed)
{
	if (cli_value(c, "seed"))
		return verb_seed(c, seed);
	*seed = (uint64_t)store_count(s) + 1;
	return true;
}

static int quiz(struct cli *c, const struct bank *b, struct store *store)
{
	const char *about = c->argument_count > 1 ? c->arguments[1] : NULL;
	struct sitting s = { .c = c, .store = store,
			     .answers = cli_value(c, "answers") };
	uint64_t seed, count;
	struct quiz z;
	struct err err;
	int status = CLI_DONE;

	if (!seed_of(c, store, &seed) ||
	    !cli_number(c, "count", QUIZ_COUNT, &count))
		return CLI_USAGE;
	s.joint = s.answers && strchr(s.answers, ';') ? ';' : ',';
	if (!quiz_draw(b, about, seed, count, &z, &err))
		return cli_fail_err(c, CLI_USAGE, &err);
	if (cli_has(c, "json") && !s.answers)
		questions_json(&z, seed, &s.out);
	else
		status = sit(&s, &z, seed);
	quiz_release(&z);
	text_free(&s.line);
	verb_print(c, &s.out);
	return status;
}

static int assess_quiz(struct cli *c)
{
	int status = CLI_DONE;
	struct text root = {0};
	struct bank *b = NULL;
	struct store *s;
	struct err err;

	if (c->argument_count > 2)
		return cli_fail(c, CLI_USAGE, "a quiz is about one unit or "
				"competency");
	if (find_root(c, &root, &status)) {
		b = bank_load(text_cstr(&root), &err);
		if (!b)
			status = cli_fail_err(c, CLI_CONTENT, &err);
	}
	if (b && (s = verb_record(c, &status)) != NULL) {
		status = quiz(c, b, s);
		store_close(s);
	}
	bank_free(b);
	text_free(&root);
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

/* --- review --------------------------------------------------------------- */

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
	t->picked = calloc(t->dues.count + 1, sizeof(*t->picked));
	if (!t->picked)
		abort();
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
	add_hanging(out, "The card says: ", card->answer);
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
	add_paragraph(&out, card->question);
	text_add(&out, "\nWrite your answer; an empty line shows it.\n");
	say(c, &out);
	if (given) {
		text_add(&line, given);
	} else {
		fputs("> ", c->out);
		fflush(c->out);
		if (!read_line(c, &line)) {
			text_free(&out);
			text_free(&line);
			return CLI_DONE;	/* later: nothing was asked */
		}
	}
	sure = take_sure(&line);
	card_grade(card, text_cstr(&line), &g);
	card_event(card, text_cstr(&line), &g, sure, &body);
	kept = keep(c, s, EVENT_ITEM_ANSWERED, &body);
	if (kept && !g.was_checked) {
		card_postponed_event(card, CARD_UNCHECKED_DAYS, &body);
		kept = keep(c, s, EVENT_REVIEW_POSTPONED, &body);
	}
	card_text(card, &g, &out);
	say(c, &out);
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
	if (!keep(c, s, EVENT_REVIEW_POSTPONED, &body))
		return CLI_ENVIRONMENT;
	fprintf(c->out, "%s: asked again in %ld %s\n", card, days,
		days == 1 ? "day" : "days");
	return CLI_DONE;
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
	if (*word)
		return cli_fail(c, CLI_USAGE, "%s is no word of review; there "
				"are next and postpone", word);
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
