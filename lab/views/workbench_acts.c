/* workbench_acts.c - what can be done at the workbench, by key or palette
 *
 * One short function an action, one table of all, and why one cannot be done
 * now.  What moves time is in workbench_time.c; what a key does, a word does
 * too (workbench_words.c).
 */
#include "lab/views/workbench_inside.h"

#include <string.h>

#include "lab/views/choose.h"
#include "lab/views/inside.h"
#include "lab/views/workbench_map.h"
#include "sim/stack/stack.h"

static void next_pane(struct workbench *w, int by)
{
	bool one = w->places.tabs.rows > 0;
	int pane = w->focus;

	do
		pane = (pane + by + PANE_COUNT) % PANE_COUNT;
	while (pane != (int)w->focus &&
	       (one ? pane == PANE_FILE && w->layout != LAYOUT_PAIR :
		!workbench_shows(w, (enum pane)pane)));
	workbench_focus(w, (enum pane)pane);
}

static void act_next_pane(struct workbench *w) { next_pane(w, 1); }
static void act_prev_pane(struct workbench *w) { next_pane(w, -1); }

static void show(struct workbench *w, enum pane pane)
{
	workbench_focus(w, pane);
	app_echo(workbench_app(w), "show %s", pane_words[pane]);
}

static void act_pane_1(struct workbench *w) { show(w, PANE_CONSOLE); }
static void act_pane_2(struct workbench *w) { show(w, PANE_MAP); }
static void act_pane_3(struct workbench *w) { show(w, PANE_TASKS); }
static void act_pane_4(struct workbench *w) { show(w, PANE_CHARTS); }
static void act_pane_5(struct workbench *w) { show(w, PANE_LOGS); }
static void act_pane_6(struct workbench *w) { show(w, PANE_BRIEF); }
static void act_pane_7(struct workbench *w) { show(w, PANE_FILE); }

static bool is_zoomed(const struct view *v)
{
	return workbench_of_const(v)->zoom;
}

void workbench_zoom(struct workbench *w)
{
	w->zoom = !w->zoom;
	w->console.right = 0;
	if (w->zoom)
		app_say_while(&w->view, is_zoomed, ROLE_INFO,
			      "One pane; z shows all again.");
	else
		app_say(workbench_app(w), ROLE_INFO, "All panes.");
}

static void act_layout(struct workbench *w)
{
	enum layout next = (w->layout + 1) % LAYOUT_COUNT;

	layout_set(w, next == LAYOUT_PAIR && !file_any(w) ? LAYOUT_WORK : next);
}

/* The brief beside the console, and back. */
static void act_brief(struct workbench *w)
{
	if (w->places.tabs.rows)
		workbench_focus(w, w->focus == PANE_BRIEF ? PANE_CONSOLE :
							    PANE_BRIEF);
	else
		layout_set(w, w->layout == LAYOUT_READ ? LAYOUT_WORK :
							 LAYOUT_READ);
	app_echo(workbench_app(w), "brief");
}

static void act_check(struct workbench *w)
{
	words_do(w, "check");
}

static void act_hint(struct workbench *w)
{
	w->goes_on = !play_paused(w->play);
	app_push(workbench_app(w), hints_view(workbench_app(w), w->play));
	app_echo(workbench_app(w), "hint");
}

static void act_answer(struct workbench *w)
{
	prompt_prefill(w, "answer ");
}

static void act_diagnose(struct workbench *w)
{
	prompt_prefill(w, "diagnose component=");
}

static void reset(struct app *a, void *ctx)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w)
		words_do(w, "reset yes");
}

static void act_reset(struct workbench *w)
{
	app_confirm(workbench_app(w), "Starting over keeps this run as a "
		    "branch. Start over?", "Start over", reset, w);
}

static void give_up(struct app *a, void *ctx)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w)
		words_do(w, "giveup yes");
}

static void act_give_up(struct workbench *w)
{
	app_confirm(workbench_app(w), "This shows the solution and ends this "
		    "attempt. Show it?", "Show it", give_up, w);
}

static void file_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "edit %s", text);
}

struct file_names {
	struct choice list[FILES_COUNT_MAX];
	size_t count;
};

static void take_name(void *with, const char *name, size_t len)
{
	struct file_names *n = with;

	(void)len;
	if (n->count < FILES_COUNT_MAX)
		n->list[n->count++] = (struct choice){
			.value = name, .label = name, .help = "",
		};
}

static void act_file(struct workbench *w)
{
	const struct files *f = play_files(w->play);
	struct app *a = workbench_app(w);
	struct file_names n = {0};
	struct err err;

	f->list(f->ctx, take_name, &n, &err);
	if (n.count)
		app_push(a, choose_view(a, "Edit which file?", n.list, n.count,
					0, file_entered, w));
	else
		app_ask(a, "Name of a new file?", "", file_entered, w);
}

static void act_type(struct workbench *w)
{
	workbench_focus(w, PANE_CONSOLE);
	w->console.typing = true;
}

static bool letters_are_keys(const struct view *v)
{
	return !workbench_typing(workbench_of_const(v));
}

static void act_keys(struct workbench *w)
{
	w->console.typing = false;
	app_say_while(&w->view, letters_are_keys, ROLE_INFO,
		      "Letters are keys now; Enter or i types.");
}

static void act_faults(struct workbench *w)
{
	app_push(workbench_app(w), faults_view(workbench_app(w), w->play));
}

static void act_truth(struct workbench *w)
{
	w->truth = !w->truth;
	workbench_changed(w);
	app_echo(workbench_app(w), "truth %s", w->truth ? "on" : "off");
}

static void act_heal(struct workbench *w)
{
	prompt_prefill(w, "heal ");
}

static void world_chosen(struct app *a, void *ctx, const char *world)
{
	struct workbench_options o = { .world = world, .purpose = "free" };
	struct err err;
	struct view *v = workbench_view(a, &o, &err);

	if (!v) {
		app_say(a, ROLE_WARN, "%s", err.what);
		return;
	}
	if (a->top == ctx)
		app_pop(a);
	app_push(a, v);
}

static void act_world(struct workbench *w)
{
	struct choice list[32];
	size_t n = 0, now = 0;

	for (const struct stack_world_kind *k = stack_worlds;
	     k->name && n < 32; k++) {
		if (strcmp(k->name, w->module->world) == 0)
			now = n;
		list[n++] = (struct choice){
			.value = k->name, .label = k->name, .help = k->summary,
		};
	}
	app_push(workbench_app(w), choose_view(workbench_app(w),
					       "Another world", list, n, now,
					       world_chosen, w));
}

static void query_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w && *text)
		words_do(w, "chart %s", text);
}

static void act_query(struct workbench *w)
{
	app_ask(workbench_app(w), "Chart which PromQL query?",
		w->panels[0].expr, query_entered, w);
}

void workbench_find(struct workbench *w, const char *word)
{
	struct app *a = workbench_app(w);

	if (w->focus == PANE_LOGS) {
		logs_filter(w, word);
	} else if (w->focus == PANE_MAP) {
		if (!map_find(w, word))
			app_say(a, ROLE_INFO, "No process or machine is called "
				"\"%s\".", word);
	} else if (!scroll_find(w, word, -1) && *word) {
		app_say(a, ROLE_INFO, "No match for \"%s\" in the console.",
			word);
	}
}

static void find_entered(struct app *a, void *ctx, const char *text)
{
	struct workbench *w = workbench_still(a, ctx);

	if (w)
		workbench_find(w, text);
}

static void act_find(struct workbench *w)
{
	app_ask(workbench_app(w), w->focus == PANE_LOGS ?
		"Show lines of logs with which word? None shows all." :
		"Find which word?", "", find_entered, w);
}

static void find_on(struct workbench *w, int by)
{
	if (!scroll_find(w, NULL, by))
		app_say(workbench_app(w), ROLE_INFO, "No further match.");
}

static void act_find_next(struct workbench *w) { find_on(w, 1); }
static void act_find_prev(struct workbench *w) { find_on(w, -1); }

static void act_view(struct workbench *w)
{
	if (w->focus == PANE_FILE)
		file_next(w);
	else
		map_turn(w);
}

static void act_open(struct workbench *w)
{
	pane_open(w);
}

static void act_editor(struct workbench *w)
{
	struct text line = {0};
	struct err err;

	text_add(&line, lineedit_text(&w->console.edit));
	if (!editor_outside(workbench_app(w), "line.sh", &line, &err)) {
		app_say(workbench_app(w), ROLE_WARN, "%s", err.what);
	} else {
		while (line.len && line.at[line.len - 1] == '\n')
			line.at[--line.len] = '\0';
		prompt_prefill(w, text_cstr(&line));
	}
	text_free(&line);
}

/* How true is it: the cards of the parts this exercise leans on. */
static void act_fidelity(struct workbench *w)
{
	fidelity_open(workbench_app(w),
		      json_object_get(w->module->json, "fidelity"));
}

static const struct {
	const char *id;
	void (*run)(struct workbench *w);
} acts[] = {
	{ "pane.next", act_next_pane }, { "pane.prev", act_prev_pane },
	{ "pane.1", act_pane_1 }, { "pane.2", act_pane_2 },
	{ "pane.3", act_pane_3 }, { "pane.4", act_pane_4 },
	{ "pane.5", act_pane_5 }, { "pane.6", act_pane_6 },
	{ "pane.7", act_pane_7 }, { "pane.zoom", workbench_zoom },
	{ "pane.view", act_view }, { "layout.next", act_layout },
	{ "exercise.check", act_check }, { "hint.open", act_hint },
	{ "brief.open", act_brief }, { "task.answer", act_answer },
	{ "diagnose.open", act_diagnose }, { "exercise.reset", act_reset },
	{ "exercise.giveup", act_give_up }, { "file.open", act_file },
	{ "console.keys", act_keys }, { "console.type", act_type },
	{ "line.editor", act_editor }, { "fault.open", act_faults },
	{ "truth.toggle", act_truth }, { "fault.heal", act_heal },
	{ "sandbox.world", act_world }, { "chart.query", act_query },
	{ "find.open", act_find }, { "find.next", act_find_next },
	{ "find.prev", act_find_prev }, { "item.open", act_open },
	{ "fidelity.open", act_fidelity },
};
enum { ACTS = sizeof(acts) / sizeof(*acts) };

bool acts_do(struct workbench *w, const struct action *action)
{
	if (time_act(w, action))
		return true;
	if (strcmp(action->id, "copy.item") == 0 && w->focus == PANE_CONSOLE) {
		scroll_copy(w);
		return true;
	}
	for (int i = 0; i < ACTS; i++)
		if (strcmp(acts[i].id, action->id) == 0) {
			acts[i].run(w);
			return true;
		}
	return false;
}

/* Of these a sandbox has none. */
static bool is_of_tasks(const char *id)
{
	static const char *const ids[] = {
		"exercise.check", "hint.open", "task.answer", "diagnose.open",
		"exercise.giveup",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

const char *acts_refuse(const struct workbench *w, const struct action *action)
{
	if (w->module->is_sandbox && is_of_tasks(action->id))
		return "A sandbox asks nothing.";
	if (is_of_tasks(action->id) && play_in_flight(w->play))
		return "A line still runs; Ctrl-C stops it.";
	if (strcmp(action->id, "pane.7") == 0 &&
	    !file_any((struct workbench *)w))
		return "There is no file; `edit NAME` begins one.";
	if (strcmp(action->id, "truth.toggle") == 0 && !play_truth(w->play))
		return "Truth is for the sandbox and the debrief.";
	if (strcmp(action->id, "console.keys") == 0 && !workbench_typing(w))
		return "Letters are keys already.";
	if (strcmp(action->id, "console.type") == 0 && workbench_typing(w))
		return "Letters are text already.";
	return time_refuse(w, action);
}
