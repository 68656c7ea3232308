/* attempt_words.c - the words of an exercise, beside the console's commands
 *
 * The twins of screens.md 5: the same words in a script, in `start --plain`
 * and in an author's solution.  A line whose first word is none of them goes
 * to the console, as does `wait %1`, which is the shell's.
 */
#include "lab/course/attempt_inside.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cli.h"
#include "lab/course/keytext.h"
#include "lab/course/plan.h"
#include "lab/text/wrap.h"
#include "lua/console.h"
#include "sim/core/mem.h"
#include "sim/fault/fault.h"

enum { NOT_OURS = -1, DONE = 0, NOT_DONE = 1, MISUSED = 2 };
enum { ROW_COLS = 28 };		/* of a word or command, in lists of them */

struct word {
	const char *name;
	const char *usage;	/* behind the name */
	const char *summary;	/* NULL: not listed */
	int (*run)(struct attempt *a, const char *args);
	enum { ANYWHERE, EXERCISE, SANDBOX } place;	/* offered there */
};

/* --- time -------------------------------------------------------------------- */

bool attempt_time_parse(const char *s, sim_time *out)
{
	int h = 0, m, sec, used = 0;

	if (strncmp(s, "T+", 2) == 0)
		s += 2;
	if (sscanf(s, "%5d:%2d:%2d%n", &h, &m, &sec, &used) != 3 || s[used]) {
		h = 0;
		if (sscanf(s, "%5d:%2d%n", &m, &sec, &used) != 2 || s[used])
			return simtime_parse(s, out);
	}
	if (h < 0 || m < 0 || sec < 0 || sec > 59)
		return false;
	*out = SIM_S(h * 3600 + m * 60 + sec);
	return true;
}

static void say_at(struct attempt *a, const char *before, sim_time at)
{
	struct text t = {0};

	simtime_at_text(&t, at);
	attempt_say(a, 1, "%s %s.\n", before, text_cstr(&t));
	text_free(&t);
}

void attempt_say_time(struct attempt *a)
{
	say_at(a, "Paused at", world_now(a->world));
}

/* Time is let pass by who began this word, up to here. */
static int pass(struct attempt *a, sim_time until)
{
	sim_time last = attempt_end(a);

	if (until > last)
		say_at(a, "The exercise ends at", last);
	if (until > last)
		until = last;
	if (until > world_now(a->world))
		a->target = until;
	else
		attempt_say_time(a);
	return DONE;
}

static int run_wait(struct attempt *a, const char *args)
{
	sim_time span;

	if (!simtime_parse(args, &span))
		return NOT_OURS;	/* `wait` and `wait %1` of the shell */
	return pass(a, world_now(a->world) + span);
}

static int run_run(struct attempt *a, const char *args)
{
	sim_time t;

	if (strncmp(args, "until ", 6) == 0 &&
	    attempt_time_parse(args + 6, &t)) {
		if (t >= world_now(a->world))
			return pass(a, t);
		attempt_say(a, 2, "that time has passed; `goto` goes back\n");
		return NOT_DONE;
	}
	if (simtime_parse(args, &t))
		return pass(a, world_now(a->world) + t);
	attempt_say(a, 2, "write: run 30s, or: run until 12m10s\n");
	return MISUSED;
}

static int went(struct attempt *a, bool good, const struct err *err)
{
	if (good)
		attempt_say_time(a);
	else
		attempt_say(a, 2, "%s\n", err->what);
	return good ? DONE : NOT_DONE;
}

static int go_back(struct attempt *a, const struct moment *to)
{
	struct err err;

	return went(a, attempt_rewind_to(a, to, &err), &err);
}

static int run_goto(struct attempt *a, const char *args)
{
	const struct save_point *save = attempt_save_named(a, args);
	struct err err;
	sim_time t;

	if (save) {
		struct moment to = save->moment;

		return go_back(a, &to);
	}
	if (!attempt_time_parse(args, &t)) {
		attempt_say(a, 2, "write a time or the name of a save point: "
			    "goto 12m10s\n");
		return MISUSED;
	}
	if (t >= world_now(a->world))
		return pass(a, t);
	return went(a, attempt_rewind(a, t, &err), &err);
}

static int run_rewind(struct attempt *a, const char *args)
{
	struct moment to = a->save_count ? a->saves[a->save_count - 1].moment :
					   a->began;

	return *args ? run_goto(a, args) : go_back(a, &to);
}

static int run_save(struct attempt *a, const char *args)
{
	struct err err;

	if (!attempt_save(a, args, &err)) {
		attempt_say(a, 2, "%s\n", err.what);
		return MISUSED;
	}
	attempt_say(a, 1, "Saved as %s.\n", args);
	return DONE;
}

static int run_coming(struct attempt *a, const char *args)
{
	(void)args;
	attempt_say(a, 2, "branches are for `millrace start`; here `save NAME` "
		    "and `rewind NAME` are\n");
	return MISUSED;
}

/* --- the exercise ------------------------------------------------------------- */

/* As a line says it: keys by their words, no marks of Markdown. */
static void say_text(struct attempt *a, const char *path)
{
	struct text t = {0}, filled = {0}, plain = {0};
	struct err err;

	if (exercise_text(a->module, path, &t, &err)) {
		keytext_fill(text_cstr(&t), t.len, NULL, NULL, &filled);
		wrap_unmark(&plain, text_cstr(&filled));
		attempt_say(a, 1, "%s%s", text_cstr(&plain),
			    t.len && t.at[t.len - 1] == '\n' ? "" : "\n");
	} else {
		attempt_say(a, 2, "%s\n", err.what);
	}
	text_free(&plain);
	text_free(&filled);
	text_free(&t);
}

/* Not wrapped: it is to be copied, or was wrapped in its own way. */
static void say_as_is(struct attempt *a, const char *s)
{
	if (a->options.out)
		a->options.out(a->options.ctx, 1, s, strlen(s));
}

/* Indented text, and rows of two columns (`hang` is the second). */
static void say_hanging(struct attempt *a, const char *s, int hang)
{
	struct text t = {0};

	wrap_hanging(&t, s, a->options.columns, hang);
	say_as_is(a, text_cstr(&t));
	text_free(&t);
}

static void say_row(struct attempt *a, const char *left, const char *right)
{
	struct text t = {0};

	text_addf(&t, "  %-*s %s\n", ROW_COLS, left, right);
	say_hanging(a, text_cstr(&t), 2 + ROW_COLS + 1);
	text_free(&t);
}

static int run_brief(struct attempt *a, const char *args)
{
	const struct exercise *m = a->module;

	(void)args;
	attempt_say(a, 1, "%s\n%s\n", m->title, m->blurb);
	for (size_t i = 0; i < m->task_count; i++)
		attempt_say(a, 1, "  %s %zu %s%s%s (%s, %" PRId64 " points)\n",
			    a->tasks[i].is_passed ? "done" : "    ", i + 1,
			    m->tasks[i].id, m->tasks[i].title ? ": " : "",
			    m->tasks[i].title ? m->tasks[i].title : "",
			    m->tasks[i].kind, m->tasks[i].points);
	return DONE;
}

static size_t task_named(const struct attempt *a, const char *name, size_t len)
{
	size_t i = 0;

	while (i < a->module->task_count &&
	       (strlen(a->module->tasks[i].id) != len ||
		memcmp(a->module->tasks[i].id, name, len) != 0))
		i++;
	return i;
}

static int run_task(struct attempt *a, const char *args)
{
	size_t count = a->module->task_count;
	size_t i = *args ? task_named(a, args, strlen(args)) : attempt_task(a);
	int n;

	if (i == count && sscanf(args, "%d", &n) == 1 && n >= 1 &&
	    (size_t)n <= count)
		i = (size_t)n - 1;
	if (i == count && !*args) {
		attempt_say(a, 1, "All %zu tasks are done.\n", count);
		return DONE;
	}
	if (i == count) {
		attempt_say(a, 2, "there is no task %s; `brief` lists them\n",
			    args);
		return MISUSED;
	}
	attempt_say(a, 1, "Task %zu of %zu (%s).\n", i + 1, count,
		    a->module->tasks[i].id);
	say_text(a, a->module->tasks[i].text);
	return DONE;
}

static void keep_verdict(struct attempt *a, struct verdict *v)
{
	if (a->last) {
		verdict_release(a->last);
		free(a->last);
	}
	a->last = mem_take(sizeof(*v));
	*a->last = *v;
	a->checks++;
}

static int run_check(struct attempt *a, const char *args)
{
	struct text t = {0};
	struct verdict v;

	(void)args;
	attempt_grade(a, &v);
	verdict_text(&v, &t);
	say_hanging(a, text_cstr(&t), 0);
	text_free(&t);
	keep_verdict(a, &v);
	return v.status == VERDICT_PASS ? DONE : NOT_DONE;
}

/* An answer nobody asked for would be kept, and never looked at. */
static int refuse_answer(struct attempt *a, const char *task)
{
	const struct exercise *m = a->module;
	struct text t = {0};
	size_t n = 0;

	for (size_t i = 0; i < m->task_count; i++)
		if (task_takes_answer(&m->tasks[i]))
			text_addf(&t, "%s%s", n++ ? ", " : "", m->tasks[i].id);
	if (!n)
		attempt_say(a, 2, "task %s asks for no answer, nor does any "
			    "other task here; `check` looks at what you did\n",
			    task);
	else
		attempt_say(a, 2, "task %s asks for no answer; %s: %s\n", task,
			    n > 1 ? "these tasks do" : "this task does",
			    text_cstr(&t));
	text_free(&t);
	return MISUSED;
}

static int run_answer(struct attempt *a, const char *args)
{
	size_t len = strcspn(args, " "), i = task_named(a, args, len);
	const char *value = args + len;

	if (i == a->module->task_count) {
		i = attempt_task(a);
		value = args;
	}
	value += strspn(value, " ");
	if (i == a->module->task_count || !*value) {
		attempt_say(a, 2, "write: answer TASK VALUE; `brief` lists the "
			    "tasks\n");
		return MISUSED;
	}
	if (!task_takes_answer(&a->module->tasks[i]))
		return refuse_answer(a, a->module->tasks[i].id);
	free(a->tasks[i].answer);
	a->tasks[i].answer = mem_copy(value);
	samples_refresh(a, i);
	attempt_say(a, 1, "Answer to %s: %s\n", a->module->tasks[i].id, value);
	return DONE;
}

/* --- hints -------------------------------------------------------------------- */

static bool fits_now(struct attempt *a, size_t task, size_t hint)
{
	struct box_args args = attempt_args(a);
	struct text literals = {0};
	struct err err;
	json_t *t;
	bool fits;

	if (!a->module->tasks[task].hints[hint].has_when)
		return true;
	text_addf(&literals, "%zu, %zu", task + 1, hint + 1);
	t = box_call(a->box, "when", text_cstr(&literals), &args, &err);
	fits = json_is_true(json_object_get(t, "ok"));
	json_decref(t);
	text_free(&literals);
	return fits;
}

/* The next rung that fits; hint_count when there is none. */
static size_t next_hint(struct attempt *a, size_t task)
{
	size_t i = 0, count = a->module->tasks[task].hint_count;

	while (i < count && ((a->tasks[task].hints >> i & 1) ||
			     !fits_now(a, task, i)))
		i++;
	return i;
}

static int open_hint(struct attempt *a, size_t task, size_t i)
{
	const struct task *t = &a->module->tasks[task];

	a->tasks[task].hints |= UINT32_C(1) << i;
	attempt_say(a, 1, "Hint %zu of %zu: %s\n", i + 1, t->hint_count,
		    t->hints[i].text);
	return DONE;
}

static int run_hint(struct attempt *a, const char *args)
{
	size_t task = attempt_task(a), i;
	const struct task *t;

	a->hint_asked = false;
	if (task == a->module->task_count) {
		attempt_say(a, 1, "All tasks are done.\n");
		return DONE;
	}
	t = &a->module->tasks[task];
	i = next_hint(a, task);
	if (i == t->hint_count) {
		attempt_say(a, 1, "There are no more hints for %s%s%s.\n",
			    t->id, t->hintless ? ": " : "",
			    t->hintless ? t->hintless : "");
		return NOT_DONE;
	}
	if (strcmp(args, "yes") == 0)
		return open_hint(a, task, i);
	attempt_say(a, 1, "Hint %zu of %zu costs %" PRId64 " of %" PRId64
		    ". Open it? yes or no\n", i + 1, t->hint_count,
		    t->hints[i].cost, t->points);
	a->hint_asked = true;
	return DONE;
}

static int run_yes(struct attempt *a, const char *args)
{
	if (!a->hint_asked || *args)
		return NOT_OURS;
	return run_hint(a, "yes");
}

static int run_no(struct attempt *a, const char *args)
{
	if (!a->hint_asked || *args)
		return NOT_OURS;
	a->hint_asked = false;
	return DONE;
}

/* --- diagnosis ---------------------------------------------------------------- */

static void say_how_to_diagnose(struct attempt *a)
{
	attempt_say(a, 1, "write: diagnose component=NAME mechanism=WORD "
		    "[at=TIME]\n"
		    "or:    diagnose nothing\n"
		    "component is the machine, process or topic at fault; the "
		    "mechanisms are\n");
	for (const struct fault_kind *k = fault_kinds; k->id; k++)
		say_row(a, k->id, k->title);
}

static bool take_part(struct attempt *a, struct diagnosis *d, const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : 0;

	if (value)
		value++;
	if (value && len == 9 && memcmp(word, "component", 9) == 0)
		snprintf(d->component, sizeof(d->component), "%s", value);
	else if (value && len == 9 && memcmp(word, "mechanism", 9) == 0)
		snprintf(d->mechanism, sizeof(d->mechanism), "%s", value);
	else if (value && len == 2 && memcmp(word, "at", 2) == 0 &&
		 attempt_time_parse(value, &d->onset))
		return true;
	else {
		attempt_say(a, 2, "`%s` is no part of a diagnosis; `diagnose` "
			    "says how it is written\n", word);
		return false;
	}
	return true;
}

static bool is_mechanism(struct attempt *a, const char *name)
{
	struct cli_nearest near = { .wanted = name };
	char hint[128];

	for (const struct fault_kind *k = fault_kinds; k->id; k++) {
		if (strcmp(k->id, name) == 0)
			return true;
		cli_nearest_look(&near, k->id);
	}
	attempt_say(a, 2, "there is no mechanism `%s`%s\n", name,
		    *near.name ? cli_nearest_hint(&near, hint, sizeof(hint)) :
				 "; `diagnose` lists them");
	return false;
}

static int run_diagnose(struct attempt *a, const char *args)
{
	struct diagnosis d = { .given = true, .onset = SIM_NEVER };
	char *words = mem_copy(args), *word, *rest = NULL;
	bool good = true;

	if (strcmp(args, "nothing") == 0) {
		d.nothing_wrong = true;
	} else {
		for (word = strtok_r(words, " ", &rest); word && good;
		     word = strtok_r(NULL, " ", &rest))
			good = take_part(a, &d, word);
		if (good && !*args) {
			say_how_to_diagnose(a);
			good = false;
		} else if (good && *d.mechanism) {
			good = is_mechanism(a, d.mechanism);
		}
	}
	free(words);
	if (!good)
		return MISUSED;
	a->diagnosis = d;
	attempt_say(a, 1, "Your diagnosis is kept; `check` looks at it.\n");
	return DONE;
}

/* --- leaving ------------------------------------------------------------------ */

static int run_reset(struct attempt *a, const char *args)
{
	struct err err;

	if (strcmp(args, "yes") != 0) {
		attempt_say(a, 1, "Starting over forgets this run; hints stay "
			    "paid. Write: reset yes\n");
		return NOT_DONE;
	}
	if (!attempt_reset(a, &err)) {
		attempt_say(a, 2, "%s\n", err.what);
		return NOT_DONE;
	}
	attempt_say_time(a);
	return DONE;
}

static int run_giveup(struct attempt *a, const char *args)
{
	struct plans plans;
	struct err err;

	if (strcmp(args, "yes") != 0) {
		attempt_say(a, 1, "Giving up shows the solution and ends this "
			    "attempt. Write: giveup yes\n");
		return NOT_DONE;
	}
	a->has_ended = a->gave_up = true;
	if (!plans_read(&plans, a->module, a->box, &err)) {
		attempt_say(a, 2, "%s\n", err.what);
		plans_release(&plans);
		return NOT_DONE;
	}
	attempt_say(a, 1, "The solution:\n");
	for (size_t i = 0; i < plans.solutions[0].count; i++) {
		const char *line = plans.solutions[0].lines[i].line;

		say_as_is(a, "  ");
		say_as_is(a, line ? line : "(depends on what you see)");
		say_as_is(a, "\n");
	}
	plans_release(&plans);
	return DONE;
}

static int run_quit(struct attempt *a, const char *args)
{
	if (*args)
		return NOT_OURS;
	a->has_ended = true;
	return DONE;
}

/* --- faults: for worlds one plays with ------------------------------------------ */

/* What is wrong is the exercise; making and healing faults is not for it. */
static bool may_fault(struct attempt *a)
{
	if (a->module->is_sandbox)
		return true;
	attempt_say(a, 2, "faults are not for exercises; `millrace exec` and "
		    "`millrace sim` make them\n");
	return false;
}

static void say_fault_kinds(struct attempt *a)
{
	attempt_say(a, 1, "write: fault KIND component=NAME [key=value]...\n");
	for (const struct fault_kind *k = fault_kinds; k->id; k++)
		attempt_say(a, 1, "  %-20s %-8s %s%s%s\n", k->id, k->component,
			    k->title, *k->usage ? "; " : "", k->usage);
}

static int command(struct attempt *a, const char *verb, const char *args,
		   int64_t *number)
{
	struct text line = {0};
	struct err err;
	bool good;

	text_addf(&line, "%s %s", verb, args);
	attempt_note_input(a);
	good = world_command(a->world, text_cstr(&line), number, &err);
	text_free(&line);
	if (!good)
		attempt_say(a, 2, "%s\n", err.what);
	return good ? DONE : NOT_DONE;
}

static int run_fault(struct attempt *a, const char *args)
{
	int64_t number;

	if (!may_fault(a))
		return MISUSED;
	if (!*args) {
		say_fault_kinds(a);
		return MISUSED;
	}
	if (command(a, "fault", args, &number) != DONE)
		return NOT_DONE;
	attempt_say(a, 1, "Fault %" PRId64 ": %s. `heal %" PRId64
		    "` undoes it.\n", number, args, number);
	return DONE;
}

static int run_heal(struct attempt *a, const char *args)
{
	if (!may_fault(a))
		return MISUSED;
	if (command(a, "heal", args, NULL) != DONE)
		return NOT_DONE;
	attempt_say(a, 1, "Healed: %s.\n", args);
	return DONE;
}

static void say_entry(struct attempt *a, const struct fault *f)
{
	struct text t = {0};

	text_addf(&t, "  %u %s of %s, from ", f->number,
		  world_text(a->world, f->mechanism),
		  world_text(a->world, f->component));
	simtime_at_text(&t, f->at);
	if (f->planned) {
		text_add(&t, ", still to come");
	} else if (f->healed_at != SIM_NEVER) {
		text_add(&t, " to ");
		simtime_at_text(&t, f->healed_at);
	} else {
		text_add(&t, ", on");
	}
	attempt_say(a, 1, "%s\n", text_cstr(&t));
	text_free(&t);
}

static int run_truth(struct attempt *a, const char *args)
{
	const struct faults *ledger = faults_of(a->world);

	if (*args)
		return NOT_OURS;
	if (!a->module->is_sandbox && !a->gave_up) {
		attempt_say(a, 2, "the truth is shown in the debrief\n");
		return MISUSED;
	}
	if (!ledger->ledger.count)
		attempt_say(a, 1, "Nothing is wrong: no fault was made.\n");
	for (uint32_t i = 0; i < ledger->ledger.count; i++)
		say_entry(a, ledger->ledger.at[i]);
	return DONE;
}

static int run_help(struct attempt *a, const char *args);

static const struct word words[] = {
	{ .name = "brief", .run = run_brief,
	  .usage = "", .summary = "what this exercise is about, and its tasks" },
	{ .name = "task", .run = run_task, .place = EXERCISE,
	  .usage = "[TASK]", .summary = "the task to work on, or another one" },
	{ .name = "check", .run = run_check, .place = EXERCISE,
	  .usage = "", .summary = "is it done?" },
	{ .name = "answer", .run = run_answer, .place = EXERCISE,
	  .usage = "[TASK] VALUE", .summary = "answer a question" },
	{ .name = "diagnose", .run = run_diagnose, .place = EXERCISE,
	  .usage = "PART=VALUE...", .summary = "say what is wrong" },
	{ .name = "hint", .run = run_hint, .place = EXERCISE,
	  .usage = "", .summary = "the next hint, with its price" },
	{ .name = "wait", .run = run_wait,
	  .usage = "30s | [%N]",
	  .summary = "let virtual time pass, or jobs end" },
	{ .name = "run", .run = run_run,
	  .usage = "30s | until 5m", .summary = "the same" },
	{ .name = "goto", .run = run_goto,
	  .usage = "TIME | NAME", .summary = "be at another time" },
	{ .name = "save", .run = run_save,
	  .usage = "NAME", .summary = "name this moment" },
	{ .name = "rewind", .run = run_rewind, .usage = "[NAME]",
	  .summary = "back to the last save point, or the start" },
	{ .name = "fault", .run = run_fault, .place = SANDBOX,
	  .usage = "KIND component=NAME",
	  .summary = "make something go wrong" },
	{ .name = "heal", .run = run_heal, .place = SANDBOX,
	  .usage = "N", .summary = "undo a fault" },
	{ .name = "truth", .run = run_truth, .place = SANDBOX,
	  .usage = "", .summary = "what is truly wrong" },
	{ .name = "reset", .run = run_reset,
	  .usage = "", .summary = "start over" },
	{ .name = "giveup", .run = run_giveup, .place = EXERCISE,
	  .usage = "", .summary = "see the solution" },
	{ .name = "quit", .run = run_quit,
	  .usage = "", .summary = "leave" },
	{ .name = "help", .run = run_help,
	  .usage = "[COMMAND]",
	  .summary = "these words, or what a command takes" },
	{ .name = "yes", .run = run_yes },
	{ .name = "no", .run = run_no },
	{ .name = "branch", .run = run_coming },
	{ .name = NULL },
};

static bool is_misplaced(struct attempt *a, const struct word *w)
{
	if (w->place != EXERCISE || !a->module->is_sandbox)
		return false;
	attempt_say(a, 2, "%s is for exercises; in a sandbox there are no "
		    "tasks\n", w->name);
	return true;
}

/* The others only say why they are not for here. */
static bool is_offered(const struct attempt *a, const struct word *w)
{
	return w->summary && w->place != (a->module->is_sandbox ? EXERCISE :
								  SANDBOX);
}

void attempt_each_word(const struct attempt *a,
		       void (*visit)(void *with, const char *name,
				     const char *usage, const char *summary),
		       void *with)
{
	for (const struct word *w = words; w->name; w++)
		if (is_offered(a, w))
			visit(with, w->name, w->usage, w->summary);
}

static void say_word(void *with, const char *name, const char *usage,
		     const char *summary)
{
	char left[48];

	snprintf(left, sizeof(left), "%s %s", name, usage);
	say_row(with, left, summary);
}

static bool is_word(const struct attempt *a, const char *name)
{
	for (const struct word *w = words; w->name; w++)
		if (strcmp(w->name, name) == 0)
			return is_offered(a, w);
	return false;
}

static void say_command(void *with, const char *name, const char *summary)
{
	const struct attempt *a = with;

	/* One that is a word, too (`wait 30s`, `wait %1`), stands there.
	 * Without a summary it only says why it is not there. */
	if (summary && !is_word(a, name))
		say_row(with, name, summary);
}

static int run_help(struct attempt *a, const char *args)
{
	if (*args)
		return NOT_OURS;
	attempt_each_word(a, say_word, a);
	attempt_say(a, 1, "and the commands of the console:\n");
	console_each_command(session_console(a->session), say_command, a);
	return DONE;
}

bool words_run(struct attempt *a, const char *line, int *status)
{
	const struct word *w = words;
	char *args;
	size_t len;

	line += strspn(line, " \t");
	len = strcspn(line, " \t\n");
	while (w->name && (strlen(w->name) != len ||
			   memcmp(w->name, line, len) != 0))
		w++;
	if (!w->name || strchr(line, '\n'))
		return false;
	*status = MISUSED;
	if (is_misplaced(a, w))
		return true;
	args = mem_copy(line + len + strspn(line + len, " \t"));
	for (len = strlen(args); len && isspace((unsigned char)args[len - 1]);)
		args[--len] = '\0';
	*status = w->run(a, args);
	free(args);
	return *status != NOT_OURS;
}
