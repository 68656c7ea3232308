/* play_words.c - the words of time, branches and views
 *
 * The twins of the screen's keys (screens.md 5), the same in --plain and in the
 * palette.  A line whose first word is none of them goes to the attempt: to a
 * word of the exercise or to the console.  `run 30s` and `logs broker-1` do so
 * too.
 */
#include "lab/play/play_inside.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cli.h"
#include "lab/play/chart.h"
#include "lab/play/compare.h"
#include "lab/play/logs.h"
#include "lab/play/topo.h"
#include "lab/text/wrap.h"
#include "lua/console.h"
#include "lua/session.h"
#include "sim/core/mem.h"

enum { NOT_OURS = -1, DONE = 0, NOT_DONE = 1, MISUSED = 2 };
enum { ROW_COLS = 28 };		/* of a word or command, in lists of them */
enum { LOGS_SHOWN = 20, EVENTS_SHOWN = 40, CHART_POINTS = 60 };

struct word {
	const char *name;
	const char *usage, *summary;
	int (*run)(struct play *p, const char *args);
	bool hides;	/* the attempt's word of that name, in lists */
};

/* --- helpers ------------------------------------------------------------------ */

static int refuse(struct play *p, const struct err *err)
{
	play_say(p, 2, "%s\n", err->what);
	return NOT_DONE;
}

static int misused(struct play *p, const char *how)
{
	play_say(p, 2, "write: %s\n", how);
	return MISUSED;
}

static void say_place(struct play *p, const char *before)
{
	struct text t = {0};

	simtime_at_text(&t, play_now(p));
	play_say(p, 1, "%s %s.\n", before, text_cstr(&t));
	text_free(&t);
}

/* Where one is now, and what was left behind. */
static int went(struct play *p, bool good, const struct err *err)
{
	const char *left;

	if (!good)
		return refuse(p, err);
	say_place(p, "Paused at");
	left = play_branch_left(p);
	if (left)
		play_say(p, 1, "What came after is kept as \"%s\"; `return "
			 "%s` goes there.\n", left, left);
	return DONE;
}

/* --- running -------------------------------------------------------------------- */

static int run_run(struct play *p, const char *args)
{
	struct text t = {0};

	if (*args)
		return NOT_OURS;
	play_run(p);
	play_speed_text(&t, p->speed);
	if (play_paused(p))
		play_say(p, 2, "the time of this exercise is used up\n");
	else
		play_say(p, 1, "Running, %s.\n", text_cstr(&t));
	text_free(&t);
	return DONE;
}

static int run_pause(struct play *p, const char *args)
{
	if (*args)
		return NOT_OURS;
	play_pause(p);
	say_place(p, "Paused at");
	return DONE;
}

/* "60", "60x", "0.5", "max"; in thousandths.  False: no speed. */
static bool parse_speed(const char *s, int *out)
{
	double x;
	int used = 0;

	if (strcmp(s, "max") == 0) {
		*out = PLAY_SPEED_MAX;
		return true;
	}
	if (sscanf(s, "%lf%n", &x, &used) != 1 ||
	    (s[used] && strcmp(s + used, "x") != 0) ||
	    !(x >= 0.01 && x <= 10000))
		return false;
	*out = (int)(x * 1000 + 0.5);
	return true;
}

static int run_speed(struct play *p, const char *args)
{
	struct text t = {0};
	int speed = p->speed;

	if (*args && !parse_speed(args, &speed))
		return misused(p, "speed 60, or: speed max");
	play_speed_set(p, speed);
	play_speed_text(&t, p->speed);
	play_say(p, 1, "Speed %s.\n", text_cstr(&t));
	text_free(&t);
	return DONE;
}

static int run_step(struct play *p, const char *args)
{
	struct err err;
	int n = 1;

	if (*args && (sscanf(args, "%d", &n) != 1 || !n))
		return misused(p, "step, step 10, or: step -1");
	for (int i = 0; i < abs(n) && i < 1000; i++)
		if (!play_step(p, n, &err))
			return refuse(p, &err);
	say_place(p, "Paused at");
	return DONE;
}

/* --- elsewhere in time ------------------------------------------------------------ */

static int goto_event(struct play *p, const char *which)
{
	bool next = strcmp(which, "next") == 0;
	const struct play_event *e;
	struct err err;
	int status;

	if (!next && strcmp(which, "prev") != 0)
		return misused(p, "goto event next, or: goto event prev");
	if (next) {
		sim_time to = play_now(p) + SIM_HOURS(1);

		if (to > play_end(p))
			to = play_end(p);
		if (!play_goto(p, to, &err))
			return refuse(p, &err);
		p->seeks_event = true;
		return DONE;
	}
	e = play_event_prev(p, play_now(p));
	if (!e) {
		play_say(p, 1, "Nothing of note happened before.\n");
		return NOT_DONE;
	}
	play_say(p, 1, "%s: %s\n", play_event_words[e->kind], e->text);
	status = went(p, play_goto(p, e->at > play_start(p) ? e->at :
				   play_start(p), &err), &err);
	return status;
}

static int goto_broken(struct play *p)
{
	struct text what = {0};
	sim_time at = play_first_broken(p, &what);
	struct err err;

	if (at == SIM_NEVER) {
		play_say(p, 1, "No promise was broken so far.\n");
		return NOT_DONE;
	}
	play_say(p, 1, "First broken: %s\n", text_cstr(&what));
	text_free(&what);
	return went(p, play_goto(p, at, &err), &err);
}

static int run_goto(struct play *p, const char *args)
{
	struct err err;
	sim_time to;

	if (strncmp(args, "event ", 6) == 0)
		return goto_event(p, args + 6);
	if (strcmp(args, "broken") == 0)
		return goto_broken(p);
	if (attempt_save_named(p->a, args))
		return went(p, play_rewind(p, args, &err), &err);
	if (!attempt_time_parse(args, &to))
		return misused(p, "goto 12m10s, goto NAME, goto broken, or: "
			       "goto event next");
	if (to > play_now(p))
		return play_goto(p, to, &err) ? DONE : refuse(p, &err);
	return went(p, play_goto(p, to, &err), &err);
}

static int run_rewind(struct play *p, const char *args)
{
	struct err err;
	sim_time to;

	if (*args && !attempt_save_named(p->a, args) &&
	    attempt_time_parse(args, &to))
		return run_goto(p, args);
	return went(p, play_rewind(p, *args ? args : NULL, &err), &err);
}

static int run_save(struct play *p, const char *args)
{
	struct err err;

	if (!play_save(p, args, &err))
		return refuse(p, &err);
	play_say(p, 1, "Saved as %s.\n", args);
	return DONE;
}

/* --- branches ------------------------------------------------------------------------ */

static int run_branch(struct play *p, const char *args)
{
	struct err err;

	if (!play_branch(p, args, &err))
		return refuse(p, &err);
	play_say(p, 1, "What comes from here on is branch %s; `rewind %s` "
		 "comes back here.\n", args, args);
	return DONE;
}

static int run_branches(struct play *p, const char *args)
{
	const struct play_branch *b;
	size_t count = play_branches(p, &b);
	struct text t = {0};

	if (*args)
		return NOT_OURS;
	for (size_t i = 0; i < count; i++) {
		text_clear(&t);
		simtime_at_text(&t, b[i].from);
		text_add(&t, " to ");
		simtime_at_text(&t, b[i].to);
		play_say(p, 1, "%s %-20s %s, %d %s typed\n",
			 b[i].is_current ? "*" : " ", b[i].name, text_cstr(&t),
			 b[i].lines, b[i].lines == 1 ? "line" : "lines");
	}
	text_free(&t);
	return DONE;
}

static int run_return(struct play *p, const char *args)
{
	struct err err;

	if (!*args)
		return misused(p, "return NAME; `branches` lists them");
	return went(p, play_return(p, args, &err), &err);
}

/* Names may hold blanks ("before rewind 1"): the first that fits. */
static bool split_names(struct play *p, char *args, char **a, char **b)
{
	const struct play_branch *list;
	size_t count = play_branches(p, &list);

	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(list[i].name);

		if (strncmp(args, list[i].name, len) == 0 &&
		    args[len] == ' ') {
			args[len] = '\0';
			*a = args;
			*b = args + len + 1;
			return true;
		}
	}
	return false;
}

static int run_compare(struct play *p, const char *args)
{
	char *names = mem_copy(args), *a, *b;
	struct text t = {0};
	struct compare c;
	struct err err;
	int status = DONE;

	if (!split_names(p, names, &a, &b)) {
		status = misused(p, "compare A B; `branches` lists them, now "
				 "is the one you are in");
	} else if (!play_compare(p, a, b, &c, &err)) {
		status = refuse(p, &err);
	} else {
		compare_text(&c, &t);
		play_say(p, 1, "%s", text_cstr(&t));
		compare_release(&c);
		text_free(&t);
	}
	free(names);
	return status;
}

/* --- views -------------------------------------------------------------------------------- */

static int run_map(struct play *p, const char *args)
{
	bool truth = strcmp(args, "truth") == 0;
	struct text t = {0};
	struct topo topo;

	if (*args && !truth)
		return misused(p, "map, or in a sandbox: map truth");
	if (truth && !play_truth(p)) {
		play_say(p, 2, "the truth is shown in the debrief\n");
		return NOT_DONE;
	}
	play_topo(p, truth, &topo);
	topo_text(&topo, &t);
	play_say(p, 1, "%s", text_cstr(&t));
	text_free(&t);
	topo_release(&topo);
	return DONE;
}

/* The last word, if it is a time; it is cut off. */
static sim_time span_of(char *args)
{
	char *last = strrchr(args, ' ');
	sim_time span;

	if (!last || !simtime_parse(last + 1, &span) || span <= 0)
		return SIM_MINUTES(5);
	*last = '\0';
	return span;
}

static int run_chart(struct play *p, const char *args)
{
	char *expr = mem_copy(args);
	sim_time span, from, step;
	struct text t = {0};
	struct chart c;
	struct err err;
	bool good;

	span = span_of(expr);
	from = play_now(p) > span ? play_now(p) - span : 0;
	step = (play_now(p) - from) / CHART_POINTS / SIM_S(1) * SIM_S(1);
	good = *expr && play_chart(p, expr, from, play_now(p),
				   step ? step : SIM_S(1), &c, &err);
	if (good) {
		chart_text(&c, expr, &t);
		play_say(p, 1, "%s", text_cstr(&t));
		chart_release(&c);
		text_free(&t);
	}
	free(expr);
	if (!*args)
		return misused(p, "chart EXPR [SPAN], like: chart up 5m");
	return good ? DONE : refuse(p, &err);
}

static bool is_process(const struct play *p, const char *name)
{
	return process_find(p->a->world, name) != NULL;
}

/* With a process's name or an option it is the console's tool. */
static int run_logs(struct play *p, const char *args)
{
	struct log_filter f = { .word = *args ? args : NULL,
				.level = *args ? LOG_DEBUG : LOG_WARN };
	struct logs l;

	if (*args == '-' || strpbrk(args, " |>&;") || is_process(p, args))
		return NOT_OURS;
	play_logs(p, &f, LOGS_SHOWN, &l);
	for (size_t i = 0; i < l.count; i++)
		play_say(p, 1, "%s: %s\n", l.at[i].process, l.at[i].text);
	if (!l.count)
		play_say(p, 1, *args ? "No line has that.\n" :
			 "No warnings so far; `logs NAME` shows all of a "
			 "process.\n");
	logs_release(&l);
	return DONE;
}

static const char *const task_words[] = {
	[TASK_OPEN] = "open", [TASK_CURRENT] = "now", [TASK_PASSED] = "done",
	[TASK_BLOCKED] = "later",
};

static int run_tasks(struct play *p, const char *args)
{
	const struct play_task *t;
	size_t count = play_tasks(p, &t);

	if (*args)
		return NOT_OURS;
	for (size_t i = 0; i < count; i++)
		play_say(p, 1, "  %-5s %zu %s (%" PRId64 " points)%s%s\n",
			 task_words[t[i].state], i + 1, t[i].title,
			 t[i].points, t[i].answer ? ", answered " : "",
			 t[i].answer ? t[i].answer : "");
	if (!count)
		play_say(p, 1, "There are no tasks in a sandbox.\n");
	return DONE;
}

static int run_events(struct play *p, const char *args)
{
	const struct play_event *e;
	size_t count = play_events(p, &e), i = 0;
	struct text t = {0};

	if (*args)
		return NOT_OURS;
	if (count > EVENTS_SHOWN)
		i = count - EVENTS_SHOWN;
	if (i)
		play_say(p, 1, "%zu earlier ones are left out.\n", i);
	for (; i < count; i++) {
		text_clear(&t);
		simtime_at_text(&t, e[i].at);
		play_say(p, 1, "  %-12s %-7s %s\n", text_cstr(&t),
			 play_event_words[e[i].kind], e[i].text);
	}
	if (!count)
		play_say(p, 1, "Nothing of note happened so far.\n");
	text_free(&t);
	return DONE;
}

/* --- leaving ------------------------------------------------------------------------------- */

static int run_quit(struct play *p, const char *args)
{
	if (*args)
		return NOT_OURS;
	p->has_quit = true;	/* of the person, not of the run: no input */
	return DONE;
}

static void say_row(struct play *p, const char *left, const char *right)
{
	struct text row = {0}, wrapped = {0};

	text_addf(&row, "  %-*s %s\n", ROW_COLS, left, right);
	wrap_hanging(&wrapped, text_cstr(&row), p->options.columns,
		     2 + ROW_COLS + 1);
	play_say(p, 1, "%s", text_cstr(&wrapped));
	text_free(&wrapped);
	text_free(&row);
}

static void say_word(void *with, const char *name, const char *usage,
		     const char *summary)
{
	char left[48];

	snprintf(left, sizeof(left), "%s %s", name, usage);
	say_row(with, left, summary);
}

struct same_name {
	const char *wanted;
	bool found;
};

static void look_same(void *with, const char *name, const char *usage,
		      const char *summary)
{
	struct same_name *s = with;

	(void)usage;
	(void)summary;
	s->found |= strcmp(name, s->wanted) == 0;
}

/* A command that is a word, too (`wait 30s`, `wait %1`), stands there. */
static void say_command(void *with, const char *name, const char *summary)
{
	struct same_name s = { .wanted = name };

	play_each_word(with, look_same, &s);
	if (summary && !s.found)
		say_row(with, name, summary);
}

static int run_help(struct play *p, const char *args)
{
	if (*args)
		return NOT_OURS;
	play_each_word(p, say_word, p);
	play_say(p, 1, "and the commands of the console:\n");
	console_each_command(session_console(p->a->session), say_command, p);
	return DONE;
}

/* --- the table --------------------------------------------------------------------------------- */

static const struct word words[] = {
	{ .name = "run", .usage = "[30s | until 5m]", .run = run_run,
	  .hides = true, .summary = "let time pass: so much, or until `pause`" },
	{ .name = "pause", .usage = "", .run = run_pause,
	  .summary = "hold the world" },
	{ .name = "speed", .usage = "[60 | max]", .run = run_speed,
	  .summary = "how many times the clock on the wall" },
	{ .name = "step", .usage = "[N | -1]", .run = run_step,
	  .summary = "to the next moment something happens, or back" },
	{ .name = "goto", .usage = "TIME | NAME | broken", .run = run_goto,
	  .hides = true,
	  .summary = "be at another time; also: goto event next, prev" },
	{ .name = "save", .usage = "NAME", .run = run_save, .hides = true,
	  .summary = "name this moment" },
	{ .name = "rewind", .usage = "[NAME]", .run = run_rewind,
	  .hides = true,
	  .summary = "back to the last save point, or the start" },
	{ .name = "branch", .usage = "NAME", .run = run_branch,
	  .summary = "a name for what comes from here on" },
	{ .name = "branches", .usage = "", .run = run_branches,
	  .summary = "what was left by going back" },
	{ .name = "return", .usage = "NAME", .run = run_return,
	  .summary = "go on where a branch was left" },
	{ .name = "compare", .usage = "A B", .run = run_compare,
	  .summary = "two branches: what differs" },
	{ .name = "map", .usage = "", .run = run_map,
	  .summary = "what stands where, and how it is" },
	{ .name = "chart", .usage = "EXPR [SPAN]", .run = run_chart,
	  .summary = "a PromQL expression over time" },
	{ .name = "logs", .usage = "[WORD | PROCESS]", .run = run_logs,
	  .summary = "warnings, lines with that word, or one log" },
	{ .name = "tasks", .usage = "", .run = run_tasks,
	  .summary = "the tasks and how they stand" },
	{ .name = "events", .usage = "", .run = run_events,
	  .summary = "what was of note so far" },
	{ .name = "quit", .usage = "", .run = run_quit, .hides = true,
	  .summary = "leave" },
	{ .name = "help", .usage = "[COMMAND]", .run = run_help, .hides = true,
	  .summary = "these words, or what a command takes" },
	{ .name = NULL },
};

static const struct word *word_named(const char *name, size_t len)
{
	for (const struct word *w = words; w->name; w++)
		if (strlen(w->name) == len && memcmp(w->name, name, len) == 0)
			return w;
	return NULL;
}

struct visiting {
	void (*visit)(void *with, const char *name, const char *usage,
		      const char *summary);
	void *with;
};

static void visit_unhidden(void *with, const char *name, const char *usage,
			   const char *summary)
{
	const struct visiting *v = with;
	const struct word *w = word_named(name, strlen(name));

	if (!w || !w->hides)
		v->visit(v->with, name, usage, summary);
}

void play_each_word(const struct play *p,
		    void (*visit)(void *with, const char *name,
				  const char *usage, const char *summary),
		    void *with)
{
	struct visiting v = { visit, with };

	attempt_each_word(p->a, visit_unhidden, &v);
	for (const struct word *w = words; w->name; w++)
		visit(with, w->name, w->usage, w->summary);
}

/* --- a word that is none --------------------------------------------------------------------- */

struct nearest {
	struct cli_nearest near;
	bool is_word;
};

static void look_word(void *with, const char *name, const char *usage,
		      const char *summary)
{
	struct nearest *n = with;

	(void)usage;
	(void)summary;
	n->is_word |= strcmp(name, n->near.wanted) == 0;
	cli_nearest_look(&n->near, name);
}

static void look_command(void *with, const char *name, const char *summary)
{
	struct nearest *n = with;

	(void)summary;
	n->is_word |= strcmp(name, n->near.wanted) == 0;
}

/* The console would not know it, and a word of ours is near: say which. */
static bool say_nearest(struct play *p, const char *line, size_t len)
{
	char name[32], hint[128];
	struct nearest n = {{ .wanted = name }, false};

	if (!len || len >= sizeof(name) || p->a->hint_asked)
		return false;
	memcpy(name, line, len);
	name[len] = '\0';
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz") != len)
		return false;
	play_each_word(p, look_word, &n);
	console_each_command(session_console(p->a->session), look_command, &n);
	if (n.is_word || !*n.near.name ||
	    console_nearest(session_console(p->a->session), name))
		return false;
	play_say(p, 2, "%s: no such word%s\n", name,
		 cli_nearest_hint(&n.near, hint, sizeof(hint)));
	return true;
}

bool play_word(struct play *p, const char *line)
{
	const struct word *w;
	char *args;
	size_t len;
	int status;

	line += strspn(line, " \t");
	len = strcspn(line, " \t\n");
	if (strchr(line, '\n'))
		return false;
	w = word_named(line, len);
	if (!w)
		return say_nearest(p, line, len);
	args = mem_copy(line + len + strspn(line + len, " \t"));
	for (len = strlen(args); len && isspace((unsigned char)args[len - 1]);)
		args[--len] = '\0';
	status = w->run(p, args);
	free(args);
	if (status != NOT_OURS)
		p->a->status = status;
	return status != NOT_OURS;
}
