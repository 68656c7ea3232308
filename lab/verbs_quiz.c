/* verbs_quiz.c - assess quiz: questions, asked on standard input */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/study/quiz.h"
#include "lab/verbs_study.h"
#include "lab/version.h"
#include "lab/wall.h"

enum { QUIZ_COUNT = 8 };

static void question_text(const struct question *q, size_t number,
			  size_t count, struct text *out)
{
	text_addf(out, "\nQuestion %zu of %zu   %s\n\n", number, count,
		  q->item->competency);
	study_paragraph(out, q->stem);
	for (const char *s = q->screen; s && *s;) {
		size_t len = strcspn(s, "\n");

		text_add(out, s == q->screen ? "\n  " : "  ");
		text_bytes(out, s, len);
		text_char(out, '\n');
		s += len + (s[len] == '\n');
	}
	text_add(out, q->count ? "\n" : "");
	for (size_t i = 0; i < q->count; i++)
		study_option(out, (char)('1' + i), q->options[i].text);
	if (q->item->kind == ITEM_MATCH)
		text_char(out, '\n');
	for (size_t i = 0; q->item->kind == ITEM_MATCH && i < q->count; i++)
		study_option(out, (char)('a' + i), q->mates[i]);
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
		study_paragraph(out, text_cstr(&g->chosen));
	if (!g->right && g->belief_text)
		study_hanging(out, "Behind it: ", g->belief_text);
	study_paragraph(out, g->explain);
	if (g->remark)
		study_paragraph(out, g->remark);
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
		return study_read_line(s->c, &s->line);
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
		*sure = study_take_sure(&s->line);
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
		if (!study_keep(s->c, s->store, EVENT_ITEM_ANSWERED, &body))
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
			study_say(s->c, &s->out);
		how = ask_one(s, z->at[i]);
		if (!json)
			study_say(s->c, &s->out);
	}
	if (json)
		text_addf(&s->out, "],\"asked\":%zu,\"right\":%zu}\n",
			  s->asked, s->right);
	else
		text_addf(&s->out, "\n%zu of %zu right.  The same questions "
			  "again: --seed %" PRIu64 "\n", s->right, s->asked,
			  seed);
	study_say(s->c, &s->out);
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

int assess_quiz(struct cli *c)
{
	int status = CLI_DONE;
	struct text root = {0};
	struct bank *b = NULL;
	struct store *s;
	struct err err;

	if (c->argument_count > 2)
		return cli_fail(c, CLI_USAGE, "a quiz is about one unit or "
				"competency");
	if (study_root(c, &root, &status)) {
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
