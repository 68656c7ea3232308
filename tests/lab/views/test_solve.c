/* test_solve.c - whoever types the solution passes, in every face of the program
 *
 * Method: the lines of each module's solution (those `verify` plays), typed as
 * keys into the workbench at two sizes, a frame at a time, and piped into
 * `start --plain`, where the attempt is left before the verdict and taken up
 * again.  Lines that are functions of what one sees are asked for when their
 * turn comes.  Goal: the same world in all of them, to the digest; a verdict
 * that says so; and a record that has the pass and its cards, and says the same
 * when it is read anew from its first event.
 */
#include "tests/lab/progress/help.h"
#include "tests/lab/views/stand.h"

#include <time.h>

#include "lab/cli.h"
#include "lab/course/attempt_inside.h"
#include "lab/course/plan.h"
#include "lab/keep.h"
#include "lab/progress/progress.h"
#include "lab/progress/projection.h"
#include "lab/study/review.h"
#include "lab/text/glyph.h"
#include "lab/views/workbench_inside.h"

enum {
	SEED = 1,
	LINES_MAX = 100, MODULES_MAX = 60, PAUSES_MAX = 40,
	CARD_DAYS = 400,	/* a new card is due much earlier */
};

/* What was typed, and what came of it. */
struct solved {
	char *lines[LINES_MAX];
	size_t count;
	uint64_t digest;	/* before the verdict is asked for */
};

static struct solved solved[MODULES_MAX];
static struct catalog *catalog;

static struct exercise *module_at(size_t i)
{
	struct text folder = {0};
	struct exercise *m;

	catalog_folder(catalog, catalog->modules[i], &folder);
	m = exercise_load(text_cstr(&folder));
	assert_true(exercise_good(m));
	text_free(&folder);
	return m;
}

/* --- the record --------------------------------------------------------------- */

static size_t cards_of(struct store *s, int64_t now_ms, const char *exercise)
{
	struct dues dues = {0};
	struct err err;
	size_t n = 0;

	if (!progress_due(s, catalog, now_ms, CARD_DAYS, &dues, &err))
		fail_msg("%s", err.what);
	for (size_t i = 0; i < dues.count; i++)
		n += !dues.at[i].is_recheck &&
		     strcmp(dues.at[i].exercise, exercise) == 0;
	dues_free(&dues);
	return n;
}

static void record_has_pass(struct store *s, int64_t now_ms,
			    const struct exercise *m)
{
	struct exercise_state state = {0};
	struct err err;

	if (!progress_exercise(s, m->id, &state, &err) ||
	    !projection_check(s, &err) || !store_verify(s, &err))
		fail_msg("%s: %s", m->id, err.what);
	if (!state.done || state.passes != 1 || state.last_seed != SEED)
		fail_msg("%s: the record has no pass", m->id);
	assert_int_equal(cards_of(s, now_ms, m->id), card_count(m));
}

/* --- on the screen ------------------------------------------------------------ */

static struct attempt *attempt_of(struct stand *s)
{
	const struct workbench *w = workbench_of(app_find(&s->app,
							  "workbench"));

	return (struct attempt *)play_attempt(w->play);
}

/* Where monitoring sees something go down the world pauses by itself; "Space
 * goes on", to where the line wanted to be. */
static void type(struct stand *s, const char *line)
{
	size_t len = strlen(line), used;
	int pauses = 0;

	for (const char *at = line; len; at += used, len -= used)
		app_key(&s->app, glyph_decode(at, len, &used));
	app_key(&s->app, K_ENTER);
	if (!app_settle(&s->app))
		fail_msg("`%s` does not end", line);
	for (; attempt_of(s)->target != SIM_NEVER; pauses++) {
		stand_sees(s, "Space goes on.");
		stand_keys(s, "Space");
		if (pauses == PAUSES_MAX)
			fail_msg("`%s` pauses again and again", line);
	}
	if (strcmp(stand_top(s), "workbench") != 0)
		fail_msg("`%s` leads to %s", line, stand_top(s));
}

static void add_line(struct solved *to, const char *line)
{
	assert_in_range(to->count, 0, LINES_MAX - 1);
	to->lines[to->count] = strdup(line);
	assert_non_null(to->lines[to->count++]);
}

static void settle_line(const struct exercise *m, struct text *out)
{
	text_add(out, "wait ");
	simtime_text(out, m->settle);
}

/* The lines that `verify` plays; it lets the module settle, and so do we. */
static void read_lines(struct stand *s, const struct exercise *m,
		       struct solved *to)
{
	struct attempt *a = attempt_of(s);
	struct text wait = {0};
	struct plans p;
	struct err err;

	if (!plans_read(&p, m, a->box, &err))
		fail_msg("%s: %s", m->id, err.what);
	for (size_t i = 0; i < p.solutions[0].count; i++) {
		struct box_args args = attempt_args(a);
		char *line = plan_line_text(&p.solutions[0].lines[i], a->box,
					    &args, &err);

		if (!line)
			fail_msg("%s: %s", m->id, err.what);
		add_line(to, line);
		type(s, line);
		free(line);
	}
	settle_line(m, &wait);
	add_line(to, text_cstr(&wait));
	type(s, text_cstr(&wait));
	text_free(&wait);
	plans_release(&p);
}

static void open_workbench(struct stand *s, const char *id)
{
	struct workbench_options o = { .exercise = id, .seed = SEED,
				       .purpose = "learn" };
	struct err err;
	struct view *v;

	app_push(&s->app, home_view(&s->app));
	v = workbench_view(&s->app, &o, &err);
	if (!v)
		fail_msg("%s: %s", id, err.what);
	app_push(&s->app, v);
}

static void see_passed(struct stand *s, const struct exercise *m)
{
	stand_keys(s, "F2");
	if (strcmp(stand_top(s), "verdict") != 0)
		fail_msg("%s: F2 leads to %s", m->id, stand_top(s));
	if (!strstr(stand_see(s, false), "PASSED"))
		fail_msg("%s does not pass:\n%s", m->id,
			 stand_see(s, false));
	stand_sees(s, "tasks are done.");
	stand_sees(s, "Why it is right");
}

/* At the first size the lines are read, at the others they are typed. */
static void solve_on_screen(size_t i, int rows, int cols)
{
	struct exercise *m = module_at(i);
	struct solved *one = &solved[i];
	bool first = one->count == 0;
	struct stand s;
	uint64_t digest;

	stand_open(&s, rows, cols);
	open_workbench(&s, m->id);
	if (first)
		read_lines(&s, m, one);
	else
		for (size_t n = 0; n < one->count; n++)
			type(&s, one->lines[n]);
	digest = world_digest(attempt_of(&s)->world);
	if (first)
		one->digest = digest;
	else if (digest != one->digest)
		fail_msg("%s: another world at %dx%d", m->id, cols, rows);
	see_passed(&s, m);
	assert_true(attempt_of(&s)->last->digest == one->digest);
	stand_keys(&s, "d");
	assert_string_equal(stand_top(&s), "debrief");
	record_has_pass(s.store, STAND_NOW, m);
	stand_close(&s);
	exercise_free(m);
}

static void typed_at_80x24_every_solution_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalog->module_count; i++)
		solve_on_screen(i, 24, 80);
}

static void typed_at_60x20_it_is_the_same_world(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalog->module_count; i++)
		solve_on_screen(i, 20, 60);
}

/* --- line by line ------------------------------------------------------------- */

static FILE *file_of(const char *text)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	fputs(text, f);
	rewind(f);
	return f;
}

static void text_of(FILE *f, struct text *out)
{
	char part[4096];
	size_t n;

	rewind(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		text_bytes(out, part, n);
	fclose(f);
}

/* `start ID --plain` with these lines on its standard input. */
static int start_plain(const char *id, const char *input, struct text *said)
{
	const char *const given[] = { "millrace", "start", id, "--plain",
				      "--seed", "1", "--content", "." };
	FILE *in = file_of(input), *out = file_of(""), *err = file_of("");
	char words[8][64], *argv[9] = { NULL };
	int status;

	for (size_t i = 0; i < 8; i++) {
		snprintf(words[i], sizeof(words[i]), "%s", given[i]);
		argv[i] = words[i];
	}
	status = cli_main(cli_verbs, 8, argv, in, out, err);
	text_of(out, said);
	text_of(err, said);
	fclose(in);
	return status;
}

static int64_t wall_now(void *ctx)
{
	(void)ctx;
	return (int64_t)time(NULL) * 1000;
}

static struct store *open_home(const char *home)
{
	struct store_options o = { .now_ms = wall_now(NULL) };
	struct err err;
	struct store *s = store_open(home, &o, &err);

	if (!s)
		fail_msg("%s", err.what);
	return s;
}

/* The run that was left, made again from the record. */
static uint64_t digest_left(const char *home, const struct exercise *m)
{
	struct store *s = open_home(home);
	struct keep_options o = { .store = s, .catalog = catalog,
				  .module = m, .now_ms = wall_now };
	struct keep_wish wish = { .resume = true };
	struct play_options options = {0};
	struct text why = {0};
	bool resumed = false;
	struct keep k;
	struct play *p;
	struct err err;
	uint64_t digest;

	keep_init(&k, &o);
	p = keep_play(&k, &options, &wish, &resumed, &why, &err);
	if (!p || !resumed)
		fail_msg("%s: %s", m->id, p ? text_cstr(&why) : err.what);
	digest = world_digest(play_world(p));
	keep_close(&k);
	play_free(p);
	text_free(&why);
	store_close(s);
	return digest;
}

static void solve_in_lines(size_t i, const char *home)
{
	struct exercise *m = module_at(i);
	struct text input = {0}, said = {0};
	struct store *s;

	for (size_t n = 0; n < solved[i].count; n++)
		text_addf(&input, "%s\n", solved[i].lines[n]);
	assert_int_equal(start_plain(m->id, text_cstr(&input), &said),
			 CLI_NOT_PASSED);
	if (digest_left(home, m) != solved[i].digest)
		fail_msg("%s: another world line by line", m->id);
	text_clear(&said);
	if (start_plain(m->id, "check\nquit\n", &said) != CLI_DONE ||
	    !strstr(text_cstr(&said), "\nPassed, "))
		fail_msg("%s does not pass:\n%s", m->id, text_cstr(&said));
	if (strchr(text_cstr(&said), '\033'))
		fail_msg("%s: an escape sequence in plain words", m->id);
	s = open_home(home);
	record_has_pass(s, wall_now(NULL), m);
	store_close(s);
	text_free(&said);
	text_free(&input);
	exercise_free(m);
}

static void line_by_line_it_is_the_same_world(void **state)
{
	char home[64];

	(void)state;
	home_make(home);
	setenv("MILLRACE_HOME", home, 1);
	setenv("NO_COLOR", "1", 1);
	setenv("LC_ALL", "C", 1);
	setlocale(LC_ALL, "C");
	for (size_t i = 0; i < catalog->module_count; i++)
		solve_in_lines(i, home);
	home_remove(home);
}

/* --- all of them -------------------------------------------------------------- */

static int begin(void **state)
{
	struct err err;

	(void)state;
	catalog = catalog_load(".", &err);
	return catalog && catalog->module_count <= MODULES_MAX ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < MODULES_MAX; i++)
		for (size_t n = 0; n < solved[i].count; n++)
			free(solved[i].lines[n]);
	catalog_free(catalog);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typed_at_80x24_every_solution_passes),
		cmocka_unit_test(typed_at_60x20_it_is_the_same_world),
		cmocka_unit_test(line_by_line_it_is_the_same_world),
	};

	return cmocka_run_group_tests_name("solve", tests, begin, end);
}
