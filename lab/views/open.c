/* open.c - every way to a screen: by action, or by the id of what it shows */
#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/tui/dialog.h"
#include "lab/views/inside.h"
#include "lab/views/views.h"

#define SANDBOX_WORLD	"local-kafka"

/* --- screens by action ---------------------------------------------------------- */

static struct view *quiz_of_all(struct app *a)
{
	/* Another draw each time; the second it is asked for will do. */
	return quiz_view(a, NULL, (uint64_t)(app_now_ms(a) / 1000));
}

static const struct {
	const char *id;
	struct view *(*view)(struct app *a);
	const char *name;	/* it is not opened over itself */
} openers[] = {
	{ "home.review", review_view, "review" },
	{ "home.progress", progress_view, "progress" },
	{ "home.rate", rubric_view, "rubric" },
	{ "home.quiz", quiz_of_all, "quiz" },
	{ "palette.open", palette_view, "palette" },
	{ "settings.open", settings_view, "settings" },
	{ "search.open", search_view, "search" },
	{ "find.open", search_view, "search" },
};

static void go_home(struct app *a)
{
	if (!app_pop_to(a, "home"))
		app_push(a, home_view(a));
}

/* What was said of the screen before is no longer of use. */
static void echo_twin(struct app *a, const char *id)
{
	const char *twin = action_find(id)->twin;

	if (twin && strncmp(twin, "millrace ", 9) == 0)
		app_echo(a, "%s", twin);
	else
		text_clear(&a->echo);
}

static bool open_screen(struct app *a, const char *id)
{
	for (size_t i = 0; i < sizeof(openers) / sizeof(*openers); i++) {
		if (strcmp(openers[i].id, id) != 0)
			continue;
		if (strcmp(a->top->ops->name, openers[i].name) != 0)
			app_push(a, openers[i].view(a));
		echo_twin(a, id);
		return true;
	}
	return false;
}

bool views_act(struct app *a, const struct action *act)
{
	if (open_screen(a, act->id))
		return true;
	if (strcmp(act->id, "home.open") == 0)
		go_home(a);
	else if (strcmp(act->id, "home.sandbox") == 0)
		open_sandbox(a, SANDBOX_WORLD);
	else if (strcmp(act->id, "author.open") == 0)
		author_ask(a);
	else if (strcmp(act->id, "home.track") == 0)
		home_choose_track(a);
	else if (strcmp(act->id, "fidelity.open") == 0)
		fidelity_open(a, NULL);
	else
		return false;
	return true;
}

/* --- what has an id ----------------------------------------------------------------- */

static bool push_or_say(struct app *a, struct view *v, const struct err *err)
{
	if (v)
		app_push(a, v);
	else
		app_say(a, ROLE_WARN, "%s", err->what);
	return v != NULL;
}

bool open_exercise(struct app *a, const char *id, const char *purpose)
{
	struct workbench_options o = {
		.exercise = id, .purpose = purpose, .resume = true,
	};
	struct err err = {{0}};

	if (!catalog_has_module(a->outside.catalog, id)) {
		app_say(a, ROLE_INFO, "%s is to come: this version does not "
			"have it.", id);
		return false;
	}
	if (!push_or_say(a, workbench_view(a, &o, &err), &err))
		return false;
	quiz_looked(a);
	return true;
}

bool open_sandbox(struct app *a, const char *world)
{
	struct workbench_options o = { .world = world, .purpose = "free" };
	struct err err = {{0}};

	if (!push_or_say(a, workbench_view(a, &o, &err), &err))
		return false;
	quiz_looked(a);
	return true;
}

bool open_lesson(struct app *a, const char *id)
{
	struct err err = {{0}};

	if (!push_or_say(a, lesson_view(a, id, &err), &err))
		return false;
	quiz_looked(a);
	app_echo(a, "millrace show %s", id);
	return true;
}

static bool open_unit(struct app *a, const char *id)
{
	go_home(a);
	if (home_reveal(a->top, id))
		return true;
	app_say(a, ROLE_INFO, "%s is not on this track; t chooses another.",
		id);
	return false;
}

static bool open_competency(struct app *a, const char *id)
{
	if (strcmp(a->top->ops->name, "progress") != 0)
		app_push(a, progress_view(a));
	return progress_reveal(a->top, id);
}

bool open_word(struct app *a, const char *word)
{
	const json_t *term = catalog_term(a->outside.catalog, word);
	const json_t *see = json_object_get(term, "see");
	struct text t = {0};

	if (!term) {
		app_say(a, ROLE_INFO, "The glossary has no `%s`.", word);
		return false;
	}
	quiz_looked(a);
	text_addf(&t, "%s\n", catalog_text(term, "text"));
	for (size_t i = 0; i < json_array_size(see); i++)
		text_addf(&t, "%s%s", i ? ", " : "\nSee: ",
			  json_string_value(json_array_get(see, i)));
	text_char(&t, '\n');
	app_push(a, reader_overlay(a, catalog_text(term, "term"),
				   text_cstr(&t)));
	app_echo(a, "millrace show '%s'", catalog_text(term, "term"));
	text_free(&t);
	return true;
}

bool views_open(struct app *a, const char *id)
{
	const struct catalog *c = a->outside.catalog;

	if (catalog_lesson(c, id, NULL))
		return open_lesson(a, id);
	if (catalog_exercise(c, id, NULL) || catalog_has_module(c, id))
		return open_exercise(a, id, "learn");
	if (catalog_unit(c, id))
		return open_unit(a, id);
	if (catalog_competency(c, id))
		return open_competency(a, id);
	if (catalog_term(c, id))
		return open_word(a, id);
	app_say(a, ROLE_INFO, "There is no exercise, lesson, unit, competency "
		"or word `%s`.", id);
	return false;
}
