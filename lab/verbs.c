/* verbs.c - the table of verbs, and what they share */
#include "lab/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/lint.h"
#include "lab/paths.h"
#include "lab/progress/store.h"
#include "lab/wall.h"
#include "lua/program.h"
#include "sim/stack/stack.h"

#define END		{ NULL, NULL, NULL }
#define JSON		{ "json", NULL, "print one JSON document" }
#define SEED		{ "seed", "N", "fixes the luck; 1 if not given" }

static const struct cli_option list_options[] = {
	{ "track", "TRACK", "only the units of this track, in its order" },
	{ "all", NULL, "name every exercise, also those to come" },
	JSON, END,
};
static const struct cli_option json_options[] = { JSON, END };
static const struct cli_option start_options[] = {
	{ "plain", NULL, "line by line, without a screen" },
	{ "fresh", NULL, "begin anew, even if an attempt waits" },
	{ "world", "WORLD", "no exercise: a world to play with" },
	SEED, END,
};
static const struct cli_option shot_options[] = {
	{ "size", "CxR", "columns and rows; 80x24" },
	{ "svg", "FILE", "write a picture; - is standard output" },
	{ "theme", "NAME", "dark, light, contrast or mono" },
	{ "ascii", NULL, "without Unicode" },
	{ "roles", NULL, "also print what each cell means, a letter each" },
	{ "keys", "KEYS", "then press these: \"Down Enter 'text' @2s\"" },
	END,
};
static const struct cli_option assess_options[] = {
	{ "count", "N", "quiz: so many questions; 8" },
	{ "answers", "LIST", "quiz: answer these, joined by , or ;" },
	SEED, JSON, END,
};
static const struct cli_option review_options[] = {
	{ "minutes", "N", "what is worth most in so many minutes" },
	{ "answer", "TEXT", "next: answer this" },
	JSON, END,
};
static const struct cli_option progress_options[] = {
	{ "html", "FILE", "write a page" },
	JSON, END,
};
static const struct cli_option check_options[] = {
	{ "script", "FILE", "the lines to play; - is standard input" },
	{ "transcript", NULL, "print what the console printed, too" },
	SEED, JSON, END,
};
static const struct cli_option verify_options[] = {
	{ "all", NULL, "every exercise there is" },
	{ "seeds", "K", "play on seeds 1 to K and two more; 3" },
	{ "jobs", "N", "so many at a time; one a core" },
	{ "thorough", NULL, "also say which lines are not needed (V6)" },
	JSON, END,
};
static const struct cli_option exec_options[] = {
	{ "world", "WORLD", "the world to make; `millrace worlds`" },
	{ "with", "SETTING", "key=value of the world; may be repeated" },
	{ "at", "TIME", "let so much time pass first; 0s" },
	{ "for", "TIME", "interrupt a command after so long; 1h" },
	SEED, END,
};
static const struct cli_option sim_options[] = {
	{ "world", "WORLD", "a world, or a file FILE.lua that sets one up" },
	{ "with", "SETTING", "key=value of the world; may be repeated" },
	{ "until", "TIME", "run so long; 1m" },
	{ "fault", "FAULT@TIME", "\"slow-disk component=broker-2@90s\"; may be "
	  "repeated" },
	{ "branch", "COMMANDS", "what if: \"fault kill component=broker-2; "
	  "...\", played beside; may be repeated" },
	{ "from", "TIME", "when branches part; half of --until" },
	{ "digest", NULL, "print the digest of the run" },
	{ "metrics", "FILE", "write all metrics at the end; - is standard "
	  "output" },
	{ "bill", NULL, "what it has cost, by list prices of AWS" },
	{ "record", "FILE", "save the run; see replay, diff" },
	{ "trace", NULL, "with --record: keep a mark for every event" },
	SEED, JSON, END,
};
static const struct cli_option swarm_options[] = {
	{ "world", "WORLD", "what to draw: local-kafka" },
	{ "runs", "N", "so many seeds; 100" },
	{ "jobs", "N", "so many at a time; one a core" },
	{ "only", "LIST", "only these faults of the plan: 2,5; or none" },
	{ "planted", "BUG", "plant a bug on purpose: early-ack" },
	SEED, JSON, END,
};
static const struct cli_option metrics_options[] = {
	{ "world", "WORLD", "whose metrics; local-kafka" },
	JSON, END,
};
static const struct cli_option module_options[] = {
	{ "into", "DIR", "new: the folder in which to make UNIT/SLUG" },
	{ "world", "WORLD", "new: where the exercise stands; local-kafka" },
	{ "seeds", "K", "test: as for verify" },
	{ "jobs", "N", "test: as for verify" },
	{ "thorough", NULL, "test: as for verify" },
	JSON, END,
};
static const struct cli_option bench_options[] = {
	{ "quick", NULL, "a look, not a measurement" },
	SEED, JSON, END,
};

const struct cli_verb cli_verbs[] = {
	{ "home", "", "What there is, and how to begin", NULL, NULL, 0, 0,
	  false, verb_home },
	{ "list", "", "The pathway: units, lessons, exercises", NULL,
	  list_options, 0, 0, false, verb_list },
	{ "show", "ID", "A unit, lesson, exercise, competency, track or word",
	  "A lesson is named UNIT/LESSON (bigdata/log), an exercise UNIT.SLUG "
	  "(bigdata.first-log).", NULL, 1, 1, false, verb_show },
	{ "start", "[ID | FILE.lua]", "Work on an exercise, or play with a world",
	  "Type `help` inside for its words.  Your files of the exercise are "
	  "kept between attempts.", start_options, 0, 1, false, verb_start },
	{ "check", "ID --script FILE", "Play the lines of a file, and grade",
	  "The lines are those of the console and the words of an exercise "
	  "(wait 30s, answer,\ndiagnose, check).  Exit status 0 passed, 1 not "
	  "passed, 4 grading itself failed.", check_options, 1, 1, false,
	  verb_check },
	{ "verify", "[ID...]", "Exercises prove themselves",
	  "Untouched they fail, their solution passes, wrong fixes are caught; "
	  "docs/authoring.md\nlists the proofs.  Exit status 4 when one does "
	  "not hold.", verify_options, 0, -1, false, verb_verify },
	{ "exec", "--world WORLD -- COMMAND...",
	  "Console commands on a fresh world",
	  "One word behind -- is a whole console line (or several lines); "
	  "several are one command.\nBeside the tools: wait TIME, fault KIND "
	  "component=NAME..., heal N.", exec_options, 0, 0, true, verb_exec },
	{ "sim", "--world WORLD", "Run a world without anybody",
	  NULL, sim_options, 0, 0, false, verb_sim },
	{ "replay", "FILE", "Play a saved run again and compare",
	  NULL, json_options, 1, 1, false, verb_replay },
	{ "diff", "A B", "Where two saved runs part", NULL, json_options, 2, 2,
	  false, verb_diff },
	{ "swarm", "--world WORLD", "Random worlds and faults, with invariants",
	  "The seed draws the world's settings and its faults; promises are "
	  "watched while faults come\nand go, and then everything has to come "
	  "right.  Run N has seed SEED + N - 1.  Of a seed\nthat breaks a "
	  "promise the fewest faults are told, and the command that shows it "
	  "again.", swarm_options, 0, 0, false, verb_swarm },
	{ "worlds", "", "The worlds there are, with their settings", NULL,
	  json_options, 0, 0, false, verb_worlds },
	{ "faults", "", "What can go wrong, and be made to", NULL,
	  json_options, 0, 0, false, verb_faults },
	{ "metrics", "", "The metrics of a world, and what they mean", NULL,
	  metrics_options, 0, 0, false, verb_metrics },
	{ "module", "new ID | lint PATH... | test PATH... | annotations [DIR]",
	  "Write exercises of your own", NULL, module_options, 1, -1, false,
	  verb_module },
	{ "progress", "[COMPETENCY] | replay ATTEMPT | export FILE | import FILE | backup FILE | "
	  "restore FILE | repair | rebuild",
	  "Competency, with its evidence",
	  "docs/progress.md says what is kept where.", progress_options, 0, 2,
	  false, verb_progress },
	{ "assess", "[show ID | rate ID 1-5 | quiz [ABOUT] | lint [FILE...]]",
	  "Rate yourself, and answer questions",
	  "Without a word: the rubric, and what your runs say beside it.",
	  assess_options, 0, -1, false, verb_assess },
	{ "review", "[next | calendar | postpone CARD [DAYS]]",
	  "What is due for review, and why", NULL, review_options, 0, 3, false,
	  verb_review },
	{ "shot", "[SCREEN]", "A picture of a screen, the same each time",
	  "Without a name: which screens there are.", shot_options, 0, 1,
	  false, verb_shot },
	{ "bench", "[NAME]", "Measurements anyone can repeat", NULL,
	  bench_options, 0, 1, false, verb_bench },
	{ "doctor", "", "What this machine lacks", NULL, json_options, 0, 0,
	  false, verb_doctor },
	{ "help", "[VERB]", "This list, or all about one verb", NULL, NULL, 0,
	  1, false, verb_help },

	{ "serve", "", "Real clients on loopback", NULL, NULL, 0, -1, true,
	  NULL },
	{ "exam", "BLUEPRINT", "A timed exam", NULL, NULL, 0, -1, true, NULL },
	{ "submit", "ID", "Write a verifiable submission", NULL, NULL, 0, -1,
	  true, NULL },
	{ "grade", "FILE...", "Grade submissions again", NULL, NULL, 0, -1,
	  true, NULL },
	{ "class", "", "Import submissions, report on a class", NULL, NULL, 0,
	  -1, true, NULL },
	{ NULL, NULL, NULL, NULL, NULL, 0, 0, false, NULL },
};

/* --- shared ----------------------------------------------------------------- */

void verb_print(const struct cli *c, struct text *t)
{
	fwrite(text_cstr(t), 1, t->len, c->out);
	text_free(t);
}

bool verb_seed(const struct cli *c, uint64_t *seed)
{
	if (!cli_number(c, "seed", 1, seed))
		return false;
	if (*seed <= INT64_MAX)
		return true;
	cli_fail(c, CLI_USAGE, "--seed has to be below 2^63");
	return false;
}

struct catalog *verb_catalog(struct cli *c, int *status)
{
	struct text root = {0};
	struct catalog *catalog = NULL;
	struct err err;

	if (!path_content(c->content, c->program, &root, &err)) {
		*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	} else {
		catalog = catalog_load(text_cstr(&root), &err);
		if (!catalog)
			*status = cli_fail_err(c, CLI_CONTENT, &err);
	}
	text_free(&root);
	return catalog;
}

static void look(void *near, const char *name)
{
	cli_nearest_look(near, name);
}

static bool is_module_folder(const char *path)
{
	struct text t = {0};
	bool found;

	text_addf(&t, "%s/module.lua", path);
	found = path_is_file(text_cstr(&t));
	text_free(&t);
	return found;
}

int verb_folder(struct cli *c, const struct catalog *catalog,
		const char *word, struct text *folder)
{
	struct cli_nearest near = { .wanted = word };
	char hint[128];

	text_clear(folder);
	if (is_module_folder(word)) {
		size_t len = strlen(word);

		while (len > 1 && word[len - 1] == '/')
			len--;
		text_bytes(folder, word, len);
		return CLI_DONE;
	}
	if (catalog && catalog_has_module(catalog, word)) {
		catalog_folder(catalog, word, folder);
		return CLI_DONE;
	}
	if (catalog && catalog_exercise(catalog, word, NULL))
		return cli_fail(c, CLI_USAGE, "%s is still to come; `millrace "
				"list` shows what is there", word);
	for (size_t i = 0; catalog && i < catalog->module_count; i++)
		cli_nearest_look(&near, catalog->modules[i]);
	if (catalog && !*near.name)
		catalog_each_name(catalog, look, &near);
	return cli_fail(c, CLI_USAGE, "there is no exercise %s%s", word,
			cli_nearest_hint(&near, hint, sizeof(hint)));
}

void verb_problems(FILE *out, const struct exercise *m)
{
	for (size_t i = 0; i < m->problems.count; i++) {
		struct text t = {0};

		problem_text(&m->problems.at[i], &t);
		fprintf(out, "%s\n", text_cstr(&t));
		text_free(&t);
	}
}

struct exercise *verb_exercise(struct cli *c, const char *word, int *status)
{
	struct catalog *catalog = NULL;
	struct text folder = {0};
	struct exercise *m = NULL;

	if (!is_module_folder(word)) {
		catalog = verb_catalog(c, status);
		if (!catalog)
			return NULL;
	}
	*status = verb_folder(c, catalog, word, &folder);
	if (*status == CLI_DONE) {
		struct err err;

		m = exercise_load(text_cstr(&folder));
		if (!exercise_good(m)) {
			exercise_refuse(m, &err);
			*status = cli_fail_err(c, CLI_CONTENT, &err);
			exercise_free(m);
			m = NULL;
		}
	}
	text_free(&folder);
	catalog_free(catalog);
	return m;
}

/* --- the record --------------------------------------------------------------- */

void verb_record_notes(const struct cli *c, const struct store *s)
{
	const char *note;

	for (size_t i = 0; (note = store_note(s, i)); i++)
		fprintf(c->err, "millrace %s: %s\n", c->verb->name, note);
}

struct store *verb_record(struct cli *c, int *status)
{
	struct store_options o = { .now_ms = wall_ms(), .fall_back = true };
	struct text home = {0};
	struct store *s = NULL;
	struct err err;

	if (path_home(&home, &err))
		s = store_open(text_cstr(&home), &o, &err);
	text_free(&home);
	if (s)
		verb_record_notes(c, s);
	else
		*status = cli_fail_err(c, CLI_ENVIRONMENT, &err);
	return s;
}

void verb_settings(const struct cli *c, struct text *out)
{
	const char *s;

	for (size_t i = 0; (s = cli_value_at(c, "with", i)); i++)
		text_addf(out, "%s%s", out->len ? " " : "", s);
}

struct world *verb_world(const struct cli *c, const char *name, uint64_t seed,
			 const char *with, int *status)
{
	struct err err;
	struct world *w = lua_world(name, seed, with, &err);

	if (!w)
		*status = cli_fail_err(c, CLI_USAGE, &err);
	return w;
}
