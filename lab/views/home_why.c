/* home_why.c - what a unit or an exercise rests on, and what it teaches */
#include "lab/views/home_inside.h"

#include <string.h>

#include "lab/course/catalog.h"
#include "lab/tui/dialog.h"

static void list_competencies(const struct home *h, const json_t *e,
			      struct text *t)
{
	const json_t *ids = json_object_get(e, "competencies");

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *c = id ? catalog_competency(home_catalog(h), id) :
				       NULL;

		if (c)
			text_addf(t, "- %s\n", catalog_text(c, "title"));
	}
}

/* Does `list` of a unit's exercise before `upto` name it already? */
static bool named_before(const json_t *exercises, size_t upto, const char *id)
{
	for (size_t i = 0; i < upto; i++) {
		const json_t *ids = json_object_get(json_array_get(exercises,
						    i), "competencies");

		for (size_t k = 0; k < json_array_size(ids); k++)
			if (strcmp(json_string_value(json_array_get(ids, k)),
				   id) == 0)
				return true;
	}
	return false;
}

static void each_taught(const struct home *h, const json_t *exercises,
			void (*visit)(struct text *t, const json_t *exercises,
				      const json_t *c),
			struct text *t)
{
	for (size_t i = 0; i < json_array_size(exercises); i++) {
		const json_t *ids = json_object_get(json_array_get(exercises,
						    i), "competencies");

		for (size_t k = 0; k < json_array_size(ids); k++) {
			const char *id = json_string_value(
					json_array_get(ids, k));
			const json_t *c = id ? catalog_competency(
					home_catalog(h), id) : NULL;

			if (c && !named_before(exercises, i, id))
				visit(t, exercises, c);
		}
	}
}

static void say_title(struct text *t, const json_t *exercises,
		      const json_t *c)
{
	(void)exercises;
	text_addf(t, "- %s\n", catalog_text(c, "title"));
}

/* What it rests on, each once, but for what the unit itself teaches. */
static void say_needs(struct text *t, const json_t *exercises, const json_t *c)
{
	const json_t *ids = json_object_get(c, "prerequisites");
	size_t all = json_array_size(exercises);

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		struct text line = {0};

		text_addf(&line, "- %s\n", id);
		if (!named_before(exercises, all, id) &&
		    !strstr(text_cstr(t), text_cstr(&line)))
			text_add(t, text_cstr(&line));
		text_free(&line);
	}
}

static void about_unit(const struct home *h, const struct path_node *n,
		       struct text *t)
{
	const json_t *exercises = json_object_get(n->json, "exercises");
	struct text needs = {0};

	text_add(t, "Teaches:\n\n");
	each_taught(h, exercises, say_title, t);
	each_taught(h, exercises, say_needs, &needs);
	text_addf(t, "\nRests on:\n\n%s", needs.len ? text_cstr(&needs) :
		  "- nothing before it\n");
	text_addf(t, "\n%zu of %zu exercises done, %zu are in this version.\n",
		  n->done, n->total, n->there);
	text_free(&needs);
}

static void about_exercise(const struct home *h, const struct path_node *n,
			   struct text *t)
{
	text_addf(t, "%s.\n\nGives evidence for:\n\n",
		  catalog_text(n->json, "situation"));
	list_competencies(h, n->json, t);
	if (n->mark == PATH_TO_COME)
		text_add(t, "\nIt is to come: this version does not have it.\n");
}

bool home_tell_why(struct home *h)
{
	const struct path_node *n = home_on_path(h);
	struct text t = {0};

	if (!n || n->kind == PATH_LESSON) {
		app_say(h->view.app, ROLE_INFO, "i tells of a unit or an "
			"exercise of the pathway.");
		return true;
	}
	if (n->kind == PATH_STAGE)
		text_addf(&t, "%s. %zu of %zu exercises done, %zu are in this "
			  "version.\n", n->when, n->done, n->total, n->there);
	else if (n->kind == PATH_UNIT)
		about_unit(h, n, &t);
	else
		about_exercise(h, n, &t);
	app_push(h->view.app, reader_overlay(h->view.app, n->title,
					     text_cstr(&t)));
	text_free(&t);
	return true;
}
