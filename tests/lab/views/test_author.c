/* test_author.c - a module while it is written: what is saved is what is shown
 *
 * Method: a copy of a fixture in a folder of its own, saved again and again
 * with times of change that are set, so that nothing waits; keys; frames.
 * Goal: each save shows once it was looked at, a broken one takes nothing away,
 * the proof is of what was proven, playing leaves no trace in the record, and
 * the editor gets the right line.
 */
#include "tests/lab/views/stand.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/author/prove.h"
#include "lab/cli.h"
#include "lab/course/attempt.h"
#include "lab/course/exercise.h"
#include "lab/paths.h"
#include "lab/views/author_inside.h"
#include "lab/views/workbench_inside.h"
#include "sim/stack/stack.h"

#define FIXTURE	"tests/fixtures/modules/good"
#define BREAK	"  minutes = 1,", "  minuts = 1,"
#define LOOK	"@600ms"

static char folder[64];
static long tick;		/* s; each save is one later */
static struct stand s;

/* --- the files ------------------------------------------------------------ */

static void path_to(char out[160], const char *name)
{
	snprintf(out, 160, "%s/%s", folder, name);
}

static void save(const char *name, const char *bytes, size_t len)
{
	struct timespec times[2] = { { .tv_sec = tick + 1 },
				     { .tv_sec = tick + 1 } };
	char path[160];
	FILE *f;

	tick++;
	path_to(path, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	fclose(f);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* The fixture's file with one piece replaced; "" and "": as it is. */
static void save_with(const char *name, const char *from, const char *to)
{
	struct text t = {0}, out = {0}, path = {0};
	struct err err;
	const char *at;

	text_addf(&path, FIXTURE "/%s", name);
	assert_true(path_read(text_cstr(&path), 1 << 20, &t, &err));
	at = strstr(text_cstr(&t), from);
	assert_non_null(at);
	text_bytes(&out, t.at, (size_t)(at - t.at));
	text_add(&out, to);
	text_add(&out, at + strlen(from));
	save(name, text_cstr(&out), out.len);
	text_free(&path);
	text_free(&out);
	text_free(&t);
}

static int make_folder(void **state)
{
	char path[160];

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/millrace-author-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	path_to(path, "text");
	return mkdir(path, 0700);
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "module.lua", "text/task.md",
					     "text/debrief.md" };
	char path[160];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		path_to(path, names[i]);
		unlink(path);
	}
	path_to(path, "text");
	return rmdir(path) || rmdir(folder);
}

static struct author *author(void)
{
	return (struct author *)app_find(&s.app, "author");
}

/* The fixture as it is, in a screen over home. */
static void begin(void)
{
	struct err err = {{0}};
	struct view *v;

	save_with("module.lua", "", "");
	save_with("text/task.md", "", "");
	save_with("text/debrief.md", "", "");
	stand_open(&s, 24, 80);
	app_push(&s.app, home_view(&s.app));
	v = author_view(&s.app, folder, &err);
	if (!v)
		fail_msg("%s", err.what);
	app_push(&s.app, v);
}

/* --- saving --------------------------------------------------------------- */

static void what_is_saved_shows_once_it_is_looked_at(void **state)
{
	(void)state;
	begin();
	stand_sees(&s, "Nothing is wrong.");
	stand_sees(&s, "A fixture.");
	save_with("module.lua", "A fixture.", "Another blurb.");
	stand_keys(&s, "@100ms");
	stand_sees(&s, "A fixture.");
	stand_keys(&s, LOOK);
	stand_sees(&s, "Another blurb.");
	stand_sees(&s, "$ millrace module lint ");
	save_with("text/task.md", "Make a topic", "Build a topic");
	stand_keys(&s, LOOK);
	stand_sees(&s, "Build a topic");
	stand_close(&s);
}

static void nothing_is_read_while_nothing_changes(void **state)
{
	uint64_t looks;

	(void)state;
	begin();
	looks = author()->preview->looks;
	stand_keys(&s, "@10s");
	assert_int_equal(author()->preview->looks, looks);
	stand_close(&s);
}

static void a_broken_save_says_where_and_takes_nothing_away(void **state)
{
	(void)state;
	begin();
	save_with("module.lua", BREAK);
	stand_keys(&s, LOOK);
	stand_sees(&s, "2 errors");
	stand_sees(&s, "before this save");
	stand_sees(&s, "This save cannot be played");
	stand_sees(&s, "module.lua:20");
	stand_sees(&s, "minuts = 1,");
	stand_sees(&s, "did you mean `minutes`?");
	stand_sees(&s, "A fixture.");
	stand_keys(&s, "F8");
	stand_sees(&s, "2 of 2");
	stand_keys(&s, "n");
	stand_sees(&s, "1 of 2");
	save_with("module.lua", "", "");
	stand_keys(&s, LOOK);
	stand_sees(&s, "Nothing is wrong.");
	stand_sees(&s, "learner, seed 1");
	stand_close(&s);
}

static void a_module_that_never_worked_can_be_repaired(void **state)
{
	struct err err = {{0}};
	struct view *v;

	(void)state;
	begin();
	save_with("module.lua", "return lab.module{", "return lab.module{ (");
	v = author_view(&s.app, folder, &err);
	assert_non_null(v);
	app_push(&s.app, v);
	stand_sees(&s, "No version of it can be played yet.");
	stand_keys(&s, "Enter t H F2");
	assert_string_equal(stand_top(&s), "author");
	stand_sees(&s, "It has errors");
	save_with("module.lua", "", "");
	stand_keys(&s, LOOK);
	stand_sees(&s, "Make a topic");
	stand_close(&s);
}

static void a_path_without_a_module_is_refused(void **state)
{
	struct err err = {{0}};

	(void)state;
	begin();
	assert_null(author_view(&s.app, "/nowhere/module.lua", &err));
	assert_non_null(strstr(err.what, "/nowhere/module.lua"));
	stand_close(&s);
}

/* --- the proof ------------------------------------------------------------ */

static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void the_proof_runs_to_its_end(void **state)
{
	(void)state;
	begin();
	stand_keys(&s, "F2");
	stand_sees(&s, "It holds.");
	stand_sees(&s, "5 seeds, holds");
	for (size_t i = 0; i < author()->prover.row_count; i++) {
		const struct prover_row *r = &author()->prover.rows[i];

		assert_int_equal(r->state, strcmp(r->name, "V6") == 0 ?
				 ROW_SKIPPED : ROW_HOLDS);
	}
	assert_no_child();
	stand_close(&s);
}

static void a_proof_that_fails_can_be_read(void **state)
{
	(void)state;
	begin();
	save_with("module.lua", "verdict = \"coincidental\"",
		  "verdict = \"masked\"");
	stand_keys(&s, "F2");
	stand_sees(&s, "1 failed");
	stand_sees(&s, "Proof V5");
	stand_sees(&s, "declared masked but found coincidental");
	stand_close(&s);
}

static void a_proof_of_another_version_is_marked(void **state)
{
	(void)state;
	begin();
	stand_keys(&s, "F2");
	stand_sees(&s, "proof holds");
	save_with("module.lua", "A fixture.", "Another blurb.");
	stand_keys(&s, LOOK);
	stand_sees(&s, "out of date");
	/* The same bytes again: what was proven is proven. */
	save_with("module.lua", "", "");
	stand_keys(&s, LOOK);
	stand_sees(&s, "proof holds");
	stand_close(&s);
}

static void a_proof_can_be_stopped_and_ends_with_its_screen(void **state)
{
	(void)state;
	begin();
	app_key(&s.app, K_F2);
	assert_int_equal(author()->prover.state, PROVER_RUNS);
	stand_sees(&s, "proof running");
	app_key(&s.app, K_CTRL('C'));
	assert_int_equal(author()->prover.state, PROVER_STOPPED);
	stand_sees(&s, "The proof was stopped.");
	assert_no_child();
	app_key(&s.app, K_F2);
	app_key(&s.app, 'q');
	assert_string_equal(stand_top(&s), "home");
	assert_no_child();
	stand_close(&s);
}

static void saving_stops_a_proof_of_what_was_before(void **state)
{
	(void)state;
	begin();
	app_key(&s.app, K_F2);
	save_with("module.lua", "A fixture.", "Another blurb.");
	assert_true(author_look(author()));
	assert_int_equal(author()->prover.state, PROVER_STOPPED);
	assert_no_child();
	stand_close(&s);
}

static struct world *crash(const char *name, uint64_t seed, const char *params,
			   struct err *err)
{
	(void)name;
	(void)seed;
	(void)params;
	(void)err;
	raise(SIGKILL);
	return NULL;
}

static void a_proof_that_crashes_takes_nothing_with_it(void **state)
{
	struct exercise *m = exercise_load(FIXTURE);
	struct prover p;
	struct err err;

	(void)state;
	prover_init(&p);
	assert_true(prover_start(&p, m, crash, 1, &err));
	while (p.state == PROVER_RUNS)
		prover_look(&p, 1000);
	assert_int_equal(p.state, PROVER_CRASHED);
	assert_int_equal(p.signal, SIGKILL);
	prover_release(&p);
	assert_no_child();
	exercise_free(m);
}

static void every_proof_has_a_claim(void **state)
{
	struct exercise *m = exercise_load(FIXTURE);
	struct verify_options o = { .make = stack_world, .seeds = 1 };
	struct verify_report r;
	size_t claims = 0;

	(void)state;
	verify_exercise(m, &o, &r);
	while (proof_claims[claims].name)
		claims++;
	assert_int_equal(claims, r.count);
	for (size_t i = 0; i < r.count; i++) {
		size_t k = 0;

		while (k < claims &&
		       strcmp(proof_claims[k].name, r.proofs[i].name) != 0)
			k++;
		if (k == claims)
			fail_msg("%s has no claim", r.proofs[i].name);
	}
	verify_release(&r);
	exercise_free(m);
}

/* --- playing -------------------------------------------------------------- */

static size_t copies(void)
{
	const char *tmp = getenv("TMPDIR");
	DIR *d = opendir(tmp && *tmp ? tmp : "/tmp");
	size_t n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)); )
		n += strncmp(e->d_name, "millrace-preview-", 17) == 0;
	closedir(d);
	return n;
}

static void playing_is_a_workbench_and_leaves_no_trace(void **state)
{
	uint64_t before;

	(void)state;
	begin();
	before = store_count(s.store);
	stand_keys(&s, "Enter");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, "Make a topic alerts");
	stand_keys(&s, "'kafka-topics.sh --bootstrap-server broker-1:9092 "
		   "--create --topic alerts --partitions 3' Enter");
	stand_keys(&s, "'diagnose component=broker-3 mechanism=hang' Enter");
	stand_keys(&s, "'wait 90s' Enter 'check' Enter");
	assert_string_equal(stand_top(&s), "verdict");
	stand_keys(&s, "Esc Esc Esc");
	assert_int_equal(store_count(s.store), before);
	stand_close(&s);
}

static void the_version_before_a_broken_save_is_played(void **state)
{
	size_t before = copies();
	const char *title;

	(void)state;
	begin();
	save_with("module.lua", BREAK);
	save_with("text/task.md", "Make a topic", "Break a topic");
	stand_keys(&s, LOOK "  Enter");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, "This is the version before");
	stand_sees(&s, "Make a topic");
	title = ((struct workbench *)s.app.top)->module->title;
	assert_string_equal(title, "good");
	assert_int_equal(copies(), before + 1);
	stand_keys(&s, "Esc Esc");
	assert_string_equal(stand_top(&s), "author");
	assert_int_equal(copies(), before);
	stand_close(&s);
}

static void a_save_while_it_is_played_is_said_and_taken(void **state)
{
	(void)state;
	begin();
	stand_keys(&s, "Enter");
	save_with("module.lua", "title = \"good\"", "title = \"better\"");
	stand_keys(&s, LOOK);
	stand_sees(&s, "The module was saved");
	stand_sees(&s, " good ");
	/* By its key ... */
	stand_keys(&s, "Esc x Enter");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, " better ");
	/* ... by its word ... */
	save_with("module.lua", "title = \"good\"", "title = \"the best\"");
	stand_keys(&s, LOOK " 'reset yes' Enter");
	stand_sees(&s, " the best ");
	assert_string_equal(stand_top(&s), "workbench");
	assert_string_equal(s.app.top->below->ops->name, "author");
	/* ... and with nothing new it is the workbench's own. */
	stand_keys(&s, "Esc x Enter");
	stand_sees(&s, " the best ");
	stand_close(&s);
}

static void a_broken_save_while_it_is_played_says_the_line(void **state)
{
	(void)state;
	begin();
	stand_keys(&s, "Enter");
	save_with("module.lua", BREAK);
	stand_keys(&s, LOOK);
	stand_sees(&s, "module.lua:20:3: error: minuts");
	stand_keys(&s, "'reset yes' Enter");
	assert_string_equal(stand_top(&s), "workbench");
	stand_sees(&s, " good ");
	stand_close(&s);
}

/* --- the editor ----------------------------------------------------------- */

static char edited[200], visual[80];

static bool edit_file(void *ctx, const char *path, struct err *err)
{
	const char *v = getenv("VISUAL");

	(void)ctx;
	(void)err;
	snprintf(edited, sizeof(edited), "%s", path);
	snprintf(visual, sizeof(visual), "%s", v ? v : "");
	save_with("module.lua", "title = \"good\"", "title = \"edited\"");
	return true;
}

static uint64_t seed_played(void)
{
	return play_attempt(((struct workbench *)s.app.top)->play)->options.
	       seed;
}

static void it_is_played_at_the_seed_one_chooses(void **state)
{
	(void)state;
	begin();
	stand_sees(&s, "seed 1");
	stand_keys(&s, "s s");
	stand_sees(&s, "learner, seed 3");
	stand_keys(&s, "Enter");
	assert_string_equal(stand_top(&s), "workbench");
	assert_int_equal(seed_played(), 3);
	stand_keys(&s, "Esc Esc S '42' Enter");
	stand_sees(&s, "Enter plays it at seed 42.");
	stand_keys(&s, "Enter");
	assert_int_equal(seed_played(), 42);
	stand_keys(&s, "Esc Esc S '-4' Enter");
	stand_sees(&s, "`-4` is no seed");
	stand_sees(&s, "seed 42");
	stand_close(&s);
}

static void wrong_fixes_are_played_and_say_what_catches_them(void **state)
{
	(void)state;
	begin();
	stand_keys(&s, "w");
	assert_string_equal(stand_top(&s), "wrongs");
	stand_sees(&s, "seed 1, all caught");
	stand_sees(&s, "✓ one partition");
	stand_sees(&s, "topic.shape");
	stand_sees(&s, "kafka-topics.sh");
	stand_golden(&s, "author-wrong");
	stand_keys(&s, "End");
	stand_sees(&s, "kill and start, and never ask why");
	assert_no_child();
	stand_close(&s);
}

/* The module claims too much: the fix it calls wrong is the right one. */
static void a_wrong_fix_that_nothing_catches_is_red(void **state)
{
	(void)state;
	begin();
	save_with("module.lua", "actions = { create(1) }",
		  "actions = { create(3), \"diagnose component=broker-3 "
		  "mechanism=hang\", \"wait 90s\" }");
	stand_keys(&s, LOOK " w");
	stand_sees(&s, "✗ one partition");
	stand_sees(&s, "1 not caught");
	stand_sees(&s, "nothing catches it");
	stand_close(&s);
}

static void the_editor_gets_the_file_and_the_line(void **state)
{
	(void)state;
	begin();
	s.app.outside.edit_file = edit_file;
	setenv("VISUAL", "/usr/bin/vim -n", 1);
	save_with("module.lua", BREAK);
	stand_keys(&s, LOOK " e");
	assert_string_equal(visual, "/usr/bin/vim -n +20");
	assert_string_equal(getenv("VISUAL"), "/usr/bin/vim -n");
	assert_non_null(strstr(edited, "/module.lua"));
	stand_sees(&s, " edited");
	/* Nothing is wrong: the beginning. */
	stand_keys(&s, "e");
	assert_string_equal(visual, "/usr/bin/vim -n");
	/* One that takes no line is not given one. */
	setenv("VISUAL", "code -w", 1);
	save_with("module.lua", BREAK);
	stand_keys(&s, LOOK " e");
	assert_string_equal(visual, "code -w");
	unsetenv("VISUAL");
	stand_close(&s);
}

/* --- line by line --------------------------------------------------------- */

struct talk {
	pid_t pid;
	FILE *in;		/* what we type */
	int out;		/* what it prints */
	struct text said;
};

/* `start FOLDER --plain` in a process of its own, heard in step: what it prints
 * up to a prompt is there before the next line is typed. */
static void talk_begin(struct talk *t)
{
	char name[] = "millrace", verb[] = "start", plain[] = "--plain";
	char *argv[] = { name, verb, folder, plain, NULL };
	int in[2], out[2];

	*t = (struct talk){0};
	assert_int_equal(pipe(in) | pipe(out), 0);
	fflush(NULL);
	t->pid = fork();
	if (t->pid == 0) {
		FILE *says = fdopen(out[1], "w");
		int status;

		close(in[1]);
		setvbuf(says, NULL, _IONBF, 0);
		status = cli_main(cli_verbs, 4, argv, fdopen(in[0], "r"), says,
				  says);
		_exit(status);
	}
	close(in[0]);
	close(out[1]);
	t->in = fdopen(in[1], "w");
	t->out = out[0];
}

/* Until it asks, or has ended. */
static const char *talk_hear(struct talk *t)
{
	char c;

	text_clear(&t->said);
	while (read(t->out, &c, 1) == 1) {
		text_char(&t->said, c);
		if (t->said.len > 2 &&
		    strcmp(t->said.at + t->said.len - 2, "> ") == 0)
			break;
	}
	return text_cstr(&t->said);
}

static void talk_say(struct talk *t, const char *line)
{
	fprintf(t->in, "%s\n", line);
	fflush(t->in);
}

static int talk_end(struct talk *t)
{
	int status = 0;

	fclose(t->in);
	talk_hear(t);
	close(t->out);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	text_free(&t->said);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void hears(struct talk *t, const char *what)
{
	const char *said = talk_hear(t);

	if (!strstr(said, what))
		fail_msg("`%s` was not said:\n%s", what, said);
}

static void line_by_line_it_is_the_same(void **state)
{
	struct talk t;

	(void)state;
	begin();		/* for the files */
	stand_close(&s);
	talk_begin(&t);
	hears(&t, "A fixture.");
	save_with("module.lua", BREAK);
	talk_say(&t, "echo one");
	hears(&t, "module.lua:20:3: error: minuts is no field here; did you "
	      "mean `minutes`? [unknown-key]");
	/* Nothing new can be played: this is the reset of ever. */
	talk_say(&t, "reset yes");
	assert_null(strstr(talk_hear(&t), "plain mode"));
	save_with("module.lua", "A fixture.", "Another blurb.");
	talk_say(&t, "echo two");
	hears(&t, "`reset yes` begins anew with the new version");
	talk_say(&t, "reset yes");
	hears(&t, "Another blurb.");
	talk_say(&t, "echo three");
	assert_null(strstr(talk_hear(&t), "was saved"));
	talk_say(&t, "quit");
	assert_int_equal(talk_end(&t), CLI_NOT_PASSED);
}

/* --- ways there, and pictures --------------------------------------------- */

static void the_palette_asks_for_the_path(void **state)
{
	struct text keys = {0};

	(void)state;
	begin();
	stand_keys(&s, "q");
	assert_string_equal(stand_top(&s), "home");
	text_addf(&keys, "Ctrl-P 'preview a mod' Enter '%s/module.lua' Enter",
		  folder);
	stand_keys(&s, text_cstr(&keys));
	assert_string_equal(stand_top(&s), "author");
	stand_keys(&s, "q Ctrl-P 'preview a mod' Enter '/nowhere' Enter");
	assert_string_equal(stand_top(&s), "home");
	stand_sees(&s, "/nowhere: there is no such file or folder");
	text_free(&keys);
	stand_close(&s);
}

static void hints_and_tasks_are_as_a_learner_has_them(void **state)
{
	(void)state;
	begin();
	stand_sees(&s, "Task 1 of 2");
	stand_keys(&s, "H");
	stand_sees(&s, "This task has no hints: a fixture");
	stand_keys(&s, "Esc t");
	stand_sees(&s, "Task 2 of 2");
	stand_sees(&s, "diagnose");
	stand_keys(&s, "t");
	stand_sees(&s, "Task 1 of 2");
	stand_close(&s);
}

/* Of a fixture in the tree, so that the path is the same everywhere. */
static void it_looks_as_people_agreed(void **state)
{
	struct err err = {{0}};

	(void)state;
	stand_open(&s, 24, 80);
	app_push(&s.app, author_view(&s.app, "tests/fixtures/modules/v5-class",
				     &err));
	stand_keys(&s, "F2");
	stand_sizes(&s, "author-failed");
	app_push(&s.app, author_view(&s.app, "tests/fixtures/modules/broken",
				     &err));
	stand_sizes(&s, "author-broken");
	stand_close(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_shows_once_it_is_looked_at),
		cmocka_unit_test(nothing_is_read_while_nothing_changes),
		cmocka_unit_test(a_broken_save_says_where_and_takes_nothing_away),
		cmocka_unit_test(a_module_that_never_worked_can_be_repaired),
		cmocka_unit_test(a_path_without_a_module_is_refused),
		cmocka_unit_test(the_proof_runs_to_its_end),
		cmocka_unit_test(a_proof_that_fails_can_be_read),
		cmocka_unit_test(a_proof_of_another_version_is_marked),
		cmocka_unit_test(a_proof_can_be_stopped_and_ends_with_its_screen),
		cmocka_unit_test(saving_stops_a_proof_of_what_was_before),
		cmocka_unit_test(a_proof_that_crashes_takes_nothing_with_it),
		cmocka_unit_test(every_proof_has_a_claim),
		cmocka_unit_test(playing_is_a_workbench_and_leaves_no_trace),
		cmocka_unit_test(the_version_before_a_broken_save_is_played),
		cmocka_unit_test(a_save_while_it_is_played_is_said_and_taken),
		cmocka_unit_test(a_broken_save_while_it_is_played_says_the_line),
		cmocka_unit_test(it_is_played_at_the_seed_one_chooses),
		cmocka_unit_test(wrong_fixes_are_played_and_say_what_catches_them),
		cmocka_unit_test(a_wrong_fix_that_nothing_catches_is_red),
		cmocka_unit_test(the_editor_gets_the_file_and_the_line),
		cmocka_unit_test(line_by_line_it_is_the_same),
		cmocka_unit_test(the_palette_asks_for_the_path),
		cmocka_unit_test(hints_and_tasks_are_as_a_learner_has_them),
		cmocka_unit_test(it_looks_as_people_agreed),
	};

	return cmocka_run_group_tests_name("views/author", tests, make_folder,
					   remove_folder);
}
