/* workbench_words.c - lines that are typed, and what screens add to them
 *
 * A typed line belongs to the play: its words, or the console.  Some words are
 * the screen's, because they say what is looked at: they change nothing in the
 * world and are not on the tape.  What a key does is typed here too, so that
 * the scrollback and the echo line show the word that equals it.
 */
#include "lab/views/workbench_inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/course/attempt.h"
#include "lab/views/inside.h"
#include "sim/host/host.h"

/* Shows everything a word can be followed by. */
typedef void visitor(void *with, const char *name, const char *usage,
		     const char *summary);

struct word {
	const char *name;
	const char *usage;		/* behind the name */
	const char *summary;		/* NULL: not listed */
	/* False: not with these arguments; the play may know. */
	bool (*run)(struct workbench *w, const char *args);
	void (*arguments)(struct workbench *w, visitor *visit, void *with);
};

/* --- looking -------------------------------------------------------------- */

static bool act_word(struct workbench *w, const char *id)
{
	app_act(workbench_app(w), id);
	return true;
}

static bool run_back(struct workbench *w, const char *args)
{
	return !*args && act_word(w, "layer.leave");
}

static bool run_quit(struct workbench *w, const char *args)
{
	return !*args && act_word(w, "view.leave");
}

static bool run_next(struct workbench *w, const char *args)
{
	return !*args && after_work_act(workbench_app(w), w->play,
					"next.unit");
}

static bool run_open(struct workbench *w, const char *args)
{
	struct app *a = workbench_app(w);

	return *args && a->outside.open && a->outside.open(a, args);
}

static bool run_brief(struct workbench *w, const char *args)
{
	return !*args && act_word(w, "brief.open");
}

static bool run_debrief(struct workbench *w, const char *args)
{
	return !*args && after_work_act(workbench_app(w), w->play,
					"debrief.open");
}

static bool run_edit(struct workbench *w, const char *args)
{
	struct app *a = workbench_app(w);
	struct err err;

	if (!*args)
		return act_word(w, "file.open");
	if (!files_name_check(args, &err)) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return true;
	}
	file_show(w, args);
	app_push(a, editor_view(a, w->play, args));
	return true;
}

/* Without a value it is the shell's, which lists variables. */
static bool run_set(struct workbench *w, const char *args)
{
	struct app *a = workbench_app(w);
	size_t len = strcspn(args, " ");
	char *name;
	struct err err;

	if (!args[len])
		return false;
	name = strndup(args, len);
	if (!name)
		abort();
	args += len + strspn(args + len, " ");
	if (!settings_set(&a->settings, name, args, &err))
		app_say(a, ROLE_WARN, "%s", err.what);
	else
		app_say(a, ROLE_INFO, "%s is %s.", name, args);
	free(name);
	return true;
}

static int index_of(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static bool run_layout(struct workbench *w, const char *args)
{
	int i = index_of(layout_words, args);

	if (i >= 0)
		layout_set(w, (enum layout)i);
	else
		app_say(workbench_app(w), ROLE_INFO,
			"Write: layout work, watch, read or pair.");
	return true;
}

static bool run_show(struct workbench *w, const char *args)
{
	int i = index_of(pane_words, args);

	if (i >= 0)
		workbench_focus(w, (enum pane)i);
	else
		app_say(workbench_app(w), ROLE_INFO, "Write: show console, "
			"map, tasks, charts, logs, brief or file.");
	return true;
}

static bool run_map(struct workbench *w, const char *args)
{
	if (!*args)
		workbench_focus(w, PANE_MAP);
	return !*args;
}

static bool run_tasks(struct workbench *w, const char *args)
{
	if (!*args)
		workbench_focus(w, PANE_TASKS);
	return !*args;
}

static bool run_chart(struct workbench *w, const char *args)
{
	if (*args)
		charts_query(w, args);
	workbench_focus(w, PANE_CHARTS);
	return true;
}

/* With a process's name, an option or a pipe it is the console's tool. */
static bool run_logs(struct workbench *w, const char *args)
{
	if (strpbrk(args, " |<>&;-") ||
	    process_find(play_world(w->play), args))
		return false;
	logs_filter(w, args);
	workbench_focus(w, PANE_LOGS);
	return true;
}

static bool run_find(struct workbench *w, const char *args)
{
	if (strpbrk(args, "|<>&;"))
		return false;
	workbench_find(w, args);
	return true;
}

static bool run_truth(struct workbench *w, const char *args)
{
	bool on = strcmp(args, "on") == 0;

	if (!on && strcmp(args, "off") != 0)
		return false;
	if (w->truth != on)
		act_word(w, "truth.toggle");
	return true;
}

/* What was printed is gone from the screen; the transcript has it still. */
static bool run_clear(struct workbench *w, const char *args)
{
	if (*args)
		return false;
	scroll_clear(w);
	return true;
}

/* With names it is the play's: printed, to be read line by line. */
static bool run_compare(struct workbench *w, const char *args)
{
	return !*args && act_word(w, "branch.compare");
}

/* --- what may follow ------------------------------------------------------ */

static void each_name(const char *const *names, visitor *visit, void *with)
{
	for (; *names; names++)
		visit(with, *names, "", "");
}

static void each_layout(struct workbench *w, visitor *visit, void *with)
{
	(void)w;
	each_name(layout_words, visit, with);
}

static void each_pane(struct workbench *w, visitor *visit, void *with)
{
	(void)w;
	each_name(pane_words, visit, with);
}

static void each_setting(struct workbench *w, visitor *visit, void *with)
{
	(void)w;
	for (const struct setting_row *r = setting_rows; r->name; r++)
		visit(with, r->name, "", "");
}

struct visiting {
	visitor *visit;
	void *with;
};

static void visit_file(void *with, const char *name, size_t len)
{
	struct visiting *v = with;

	(void)len;
	v->visit(v->with, name, "", "");
}

static void each_file(struct workbench *w, visitor *visit, void *with)
{
	const struct files *f = play_files(w->play);
	struct visiting v = { visit, with };
	struct err err;

	if (f)
		f->list(f->ctx, visit_file, &v, &err);
}

static void each_save(struct workbench *w, visitor *visit, void *with)
{
	const struct play_save *saves;
	size_t n = play_saves(w->play, &saves);

	for (size_t i = 0; i < n; i++)
		visit(with, saves[i].name, "", "");
}

static void each_branch(struct workbench *w, visitor *visit, void *with)
{
	const struct play_branch *branches;
	size_t n = play_branches(w->play, &branches);

	for (size_t i = 0; i < n; i++)
		visit(with, branches[i].name, "", "");
}

static void each_task(struct workbench *w, visitor *visit, void *with)
{
	const struct play_task *tasks;
	size_t n = play_tasks(w->play, &tasks);

	for (size_t i = 0; i < n; i++)
		visit(with, tasks[i].id, "", "");
}

static void each_truth(struct workbench *w, visitor *visit, void *with)
{
	static const char *const on_off[] = { "on", "off", NULL };

	(void)w;
	each_name(on_off, visit, with);
}

/* --- the table ------------------------------------------------------------ */

static const struct word words[] = {
	{ "back", "", "leave this screen; the world is kept", run_back, NULL },
	{ "quit", "", NULL, run_quit, NULL },
	{ "brief", "", "the text of the exercise, on and off", run_brief, NULL },
	{ "debrief", "", "what really happened", run_debrief, NULL },
	{ "next", "", "the next exercise", run_next, NULL },
	{ "open", "NAME", "open an exercise, a lesson, a word", run_open, NULL },
	{ "edit", "FILE", "edit a file of the console", run_edit, each_file },
	{ "set", "NAME VALUE", "change a setting", run_set, each_setting },
	{ "layout", "NAME", "work, watch, read or pair", run_layout, each_layout },
	{ "show", "PANE", "go to a pane", run_show, each_pane },
	{ "find", "WORD", "find in the pane in focus", run_find, NULL },
	{ "map", "", "go to the map", run_map, NULL },
	{ "tasks", "", "go to the tasks", run_tasks, NULL },
	{ "chart", "[EXPR]", "draw a query", run_chart, NULL },
	{ "logs", "[WORD]", "lines of logs with this word", run_logs, NULL },
	{ "truth", "on | off", NULL, run_truth, each_truth },
	{ "clear", "", "empty the console", run_clear, NULL },
	{ "compare", "[A B]", "two branches side by side", run_compare,
	  each_branch },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* Words of the play whose arguments the screen can offer. */
static const struct word others[] = {
	{ "rewind", NULL, NULL, NULL, each_save },
	{ "goto", NULL, NULL, NULL, each_save },
	{ "return", NULL, NULL, NULL, each_branch },
	{ "answer", NULL, NULL, NULL, each_task },
	{ "task", NULL, NULL, NULL, each_task },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct word *word_in(const struct word *list, const char *name,
				  size_t len)
{
	for (; list->name; list++)
		if (strlen(list->name) == len &&
		    memcmp(list->name, name, len) == 0)
			return list;
	return NULL;
}

void words_each(visitor *visit, void *with)
{
	for (const struct word *w = words; w->name; w++)
		visit(with, w->name, w->usage, w->summary);
}

bool words_arguments(struct workbench *w, const char *name, visitor *visit,
		     void *with)
{
	const struct word *word = word_in(words, name, strlen(name));

	if (!word)
		word = word_in(others, name, strlen(name));
	if (word && word->arguments)
		word->arguments(w, visit, with);
	return word && word->arguments;
}

/* --- running -------------------------------------------------------------- */

static bool run_own(struct workbench *w, const char *line)
{
	size_t len = strcspn(line, " \t\n");
	const struct word *word = word_in(words, line, len);
	struct text args = {0};
	bool done;

	if (!word || strchr(line, '\n'))
		return false;
	text_add(&args, line + len + strspn(line + len, " \t"));
	while (args.len && strchr(" \t", args.at[args.len - 1]))
		args.at[--args.len] = '\0';
	done = word->run(w, text_cstr(&args));
	text_free(&args);
	return done;
}

static bool is_word(const char *line, const char *name)
{
	size_t len = strlen(name);

	line += strspn(line, " \t");
	return strncmp(line, name, len) == 0 &&
	       !line[len + strspn(line + len, " \t")];
}

void words_type(struct workbench *w, const char *line)
{
	struct app *a = workbench_app(w);

	prompt_typed(w, line);
	if (run_own(w, line + strspn(line, " \t")))
		return;		/* w may be gone: `back` */
	text_clear(&a->echo);
	w->checking = is_word(line, "check");
	play_line(w->play, line);
	workbench_changed(w);
	w->was_busy = play_busy(w->play);
	if (!w->was_busy)
		words_done(w);
}

static bool is_busy(const struct view *v)
{
	return play_busy(workbench_of_const(v)->play);
}

void words_do(struct workbench *w, const char *fmt, ...)
{
	struct app *a = workbench_app(w);
	struct text t = {0};
	va_list args;

	va_start(args, fmt);
	text_vaddf(&t, fmt, args);
	va_end(args);
	if (play_busy(w->play)) {
		app_say_while(&w->view, is_busy, ROLE_INFO,
			      "A line still runs; Ctrl-C stops it.");
	} else {
		words_type(w, text_cstr(&t));
		if (!a->echo.len)
			app_echo(a, "%s", text_cstr(&t));
	}
	text_free(&t);
}

/* What was graded is kept, and shown. */
static void checked(struct workbench *w)
{
	struct app *a = workbench_app(w);
	const struct verdict *v = play_attempt(w->play)->last;

	w->checking = false;
	if (!v)
		return;
	keep_graded(&w->keep);
	app_echo(a, "check");
	if (a->top == &w->view)
		app_push(a, verdict_view(a, w->play));
}

void words_done(struct workbench *w)
{
	workbench_changed(w);
	if (play_attempt(w->play)->gave_up && !w->keep.has_ended) {
		keep_ended(&w->keep, "gave_up");
		app_say(workbench_app(w), ROLE_INFO,
			"This attempt has ended. `debrief` says what happened.");
	}
	if (w->checking)
		checked(w);
}
