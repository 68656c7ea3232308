/* verbs_content.c - list and show: the course, to be read */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/paths.h"
#include "lab/verbs.h"
#include "lab/version.h"

/* What is kept for exams is in no list. */
static bool is_listed(const json_t *exercise)
{
	return !json_is_true(json_object_get(exercise, "pool"));
}

static long long number_of(const json_t *t, const char *field)
{
	return (long long)json_integer_value(json_object_get(t, field));
}

/* --- list -------------------------------------------------------------------- */

struct list {
	struct cli *c;
	const struct catalog *catalog;
	struct text out;
	bool json, all;
	size_t units;
};

static void exercise_json(struct list *l, const json_t *e)
{
	const char *id = catalog_text(e, "id");

	text_add(&l->out, "{\"id\":");
	text_json(&l->out, id);
	text_add(&l->out, ",\"title\":");
	text_json(&l->out, catalog_text(e, "title"));
	text_add(&l->out, ",\"kind\":");
	text_json(&l->out, catalog_text(e, "kind"));
	text_addf(&l->out, ",\"minutes\":%lld,\"difficulty\":%lld,"
		  "\"ready\":%s}", number_of(e, "minutes"),
		  number_of(e, "difficulty"),
		  catalog_has_module(l->catalog, id) ? "true" : "false");
}

static void unit_json(struct list *l, const json_t *unit)
{
	const json_t *lessons = json_object_get(unit, "lessons");
	const json_t *exercises = json_object_get(unit, "exercises");
	bool first = true;

	text_add(&l->out, l->units ? ",{\"id\":" : "{\"id\":");
	text_json(&l->out, catalog_text(unit, "id"));
	text_add(&l->out, ",\"title\":");
	text_json(&l->out, catalog_text(unit, "title"));
	text_add(&l->out, ",\"when\":");
	text_json(&l->out, catalog_text(unit, "when"));
	text_add(&l->out, ",\"phase\":");
	text_json(&l->out, catalog_text(unit, "phase"));
	text_add(&l->out, ",\"lessons\":[");
	for (size_t i = 0; i < json_array_size(lessons); i++) {
		const json_t *x = json_array_get(lessons, i);

		text_add(&l->out, i ? ",{\"id\":" : "{\"id\":");
		text_json(&l->out, catalog_text(x, "id"));
		text_add(&l->out, ",\"title\":");
		text_json(&l->out, catalog_text(x, "title"));
		text_addf(&l->out, ",\"written\":%s}",
			  json_object_get(x, "text") ? "true" : "false");
	}
	text_add(&l->out, "],\"exercises\":[");
	for (size_t i = 0; i < json_array_size(exercises); i++) {
		if (!is_listed(json_array_get(exercises, i)))
			continue;
		text_add(&l->out, first ? "" : ",");
		exercise_json(l, json_array_get(exercises, i));
		first = false;
	}
	text_add(&l->out, "]}");
}

static size_t written(const json_t *lessons)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(lessons); i++)
		n += json_object_get(json_array_get(lessons, i), "text") !=
		     NULL;
	return n;
}

static void exercise_line(struct list *l, const json_t *e)
{
	const char *id = catalog_text(e, "id");
	bool ready = catalog_has_module(l->catalog, id);

	if (!ready && !l->all)
		return;
	text_addf(&l->out, "    %-34s %s (%s, %lld min)%s\n", id,
		  catalog_text(e, "title"), catalog_text(e, "kind"),
		  number_of(e, "minutes"), ready ? "" : ", to come");
}

static void unit_lines(struct list *l, const json_t *unit)
{
	const json_t *lessons = json_object_get(unit, "lessons");
	const json_t *exercises = json_object_get(unit, "exercises");
	size_t ready = 0, count = 0, pages = written(lessons);

	for (size_t i = 0; i < json_array_size(exercises); i++) {
		const json_t *e = json_array_get(exercises, i);

		count += is_listed(e);
		ready += is_listed(e) &&
			 catalog_has_module(l->catalog, catalog_text(e, "id"));
	}
	text_addf(&l->out, "  %s: %s (%s)\n    %zu of %zu lessons, %zu of %zu "
		  "exercises%s\n", catalog_text(unit, "id"),
		  catalog_text(unit, "title"), catalog_text(unit, "when"),
		  pages, json_array_size(lessons), ready, count,
		  ready < count || pages < json_array_size(lessons) ?
		  "; the others are to come" : "");
	for (size_t i = 0; i < json_array_size(exercises); i++)
		if (is_listed(json_array_get(exercises, i)))
			exercise_line(l, json_array_get(exercises, i));
}

static void list_unit(struct list *l, const json_t *unit)
{
	if (l->json)
		unit_json(l, unit);
	else
		unit_lines(l, unit);
	l->units++;
}

static void list_pathway(struct list *l)
{
	const json_t *units = json_object_get(l->catalog->pathway, "units");
	const char *phase = "";

	for (size_t i = 0; i < json_array_size(units); i++) {
		const json_t *unit = json_array_get(units, i);
		const char *id = catalog_text(unit, "phase");

		if (strcmp(id, phase) != 0 && !l->json) {
			const json_t *p = catalog_phase(l->catalog, id);

			text_addf(&l->out, "%s%s (%s)\n", i ? "\n" : "",
				  catalog_text(p, "title"),
				  catalog_text(p, "when"));
		}
		phase = id;
		list_unit(l, unit);
	}
}

static void list_units_of(struct list *l, const json_t *ids)
{
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		const json_t *unit = id ? catalog_unit(l->catalog, id) : NULL;

		if (unit)
			list_unit(l, unit);
	}
}

static void list_stage(struct list *l, const json_t *stage)
{
	const json_t *choose = json_object_get(stage, "choose");
	const json_t *of = json_object_get(choose, "of");

	if (!l->json)
		text_addf(&l->out, "%s%s (%s)\n", l->units ? "\n" : "",
			  catalog_text(stage, "title"),
			  catalog_text(stage, "when"));
	if (choose && !l->json)
		text_addf(&l->out, "  %lld of the following %zu\n",
			  number_of(choose, "count"), json_array_size(of));
	for (size_t i = 0; i < json_array_size(of); i++) {
		const char *id = json_string_value(json_array_get(of, i));
		const json_t *s = id ? catalog_specialisation(l->catalog, id) :
				       NULL;

		if (!l->json)
			text_addf(&l->out, "  %s:\n", catalog_text(s, "title"));
		list_units_of(l, json_object_get(s, "units"));
	}
	list_units_of(l, json_object_get(stage, "units"));
}

static int list_track(struct list *l, const char *id)
{
	const json_t *track = catalog_track(l->catalog, id);
	const json_t *all = json_object_get(l->catalog->tracks, "tracks");
	struct cli_nearest near = { .wanted = id };
	const json_t *stages = json_object_get(track, "stages");
	struct text names = {0};
	char hint[128];
	int status;

	for (size_t i = 0; !track && i < json_array_size(all); i++) {
		const char *name = catalog_text(json_array_get(all, i), "id");

		cli_nearest_look(&near, name);
		text_addf(&names, "%s%s", i ? ", " : "", name);
	}
	if (!track) {
		status = cli_fail(l->c, CLI_USAGE, "there is no track %s%s; "
				  "there are %s", id, cli_nearest_hint(&near,
				  hint, sizeof(hint)), text_cstr(&names));
		text_free(&names);
		return status;
	}
	for (size_t i = 0; i < json_array_size(stages); i++)
		list_stage(l, json_array_get(stages, i));
	return CLI_DONE;
}

int verb_list(struct cli *c)
{
	const char *track = cli_value(c, "track");
	struct list l = { .c = c, .json = cli_has(c, "json"),
			  .all = cli_has(c, "all") };
	int status = CLI_DONE;
	struct catalog *catalog = verb_catalog(c, &status);

	if (!catalog)
		return status;
	l.catalog = catalog;
	if (l.json) {
		text_addf(&l.out, "{\"schema_version\":%d,\"track\":",
			  MILLRACE_SCHEMA);
		if (track)
			text_json(&l.out, track);
		else
			text_add(&l.out, "null");
		text_add(&l.out, ",\"units\":[");
	}
	if (track)
		status = list_track(&l, track);
	else
		list_pathway(&l);
	if (l.json)
		text_add(&l.out, "]}\n");
	if (status == CLI_DONE)
		verb_print(c, &l.out);
	text_free(&l.out);
	catalog_free(catalog);
	return status;
}

/* --- show -------------------------------------------------------------------- */

static void show_list(struct text *out, const char *what, const json_t *list)
{
	if (!json_array_size(list))
		return;
	text_addf(out, "%s: ", what);
	for (size_t i = 0; i < json_array_size(list); i++)
		text_addf(out, "%s%s", i ? ", " : "",
			  json_string_value(json_array_get(list, i)));
	text_char(out, '\n');
}

static int show_lesson(struct cli *c, const struct catalog *k,
		       const json_t *lesson, const json_t *unit)
{
	const char *page = json_string_value(json_object_get(lesson, "text"));
	struct text t = {0}, path = {0};
	struct err err;
	int status = CLI_DONE;

	if (!page) {
		fprintf(c->out, "%s\nLesson of %s. Still to come.\n",
			catalog_text(lesson, "title"),
			catalog_text(unit, "title"));
		return CLI_DONE;
	}
	text_addf(&path, "%s/content/%s", k->root, page);
	if (!path_read(text_cstr(&path), 1 << 20, &t, &err))
		status = cli_fail_err(c, CLI_CONTENT, &err);
	text_free(&path);
	verb_print(c, &t);
	return status;
}

static void show_exercise(struct text *out, const struct catalog *k,
			  const json_t *e, const json_t *unit)
{
	const char *id = catalog_text(e, "id");

	text_addf(out, "%s\n%s, exercise of %s (%s, difficulty %lld of 10, "
		  "about %lld minutes)\n\n%s.\n\n", catalog_text(e, "title"),
		  id, catalog_text(unit, "title"), catalog_text(e, "kind"),
		  number_of(e, "difficulty"), number_of(e, "minutes"),
		  catalog_text(e, "situation"));
	if (catalog_has_module(k, id))
		text_addf(out, "Begin with: millrace start %s --plain\n", id);
	else
		text_add(out, "Still to come.\n");
}

static void show_unit(struct text *out, const struct catalog *k,
		      const json_t *unit)
{
	const json_t *lessons = json_object_get(unit, "lessons");
	struct list l = { .catalog = k, .all = true };

	text_addf(out, "%s\n%s, %s\n\nlessons\n", catalog_text(unit, "title"),
		  catalog_text(unit, "id"), catalog_text(unit, "when"));
	for (size_t i = 0; i < json_array_size(lessons); i++) {
		const json_t *x = json_array_get(lessons, i);

		text_addf(out, "    %s/%s: %s%s\n", catalog_text(unit, "id"),
			  catalog_text(x, "id"), catalog_text(x, "title"),
			  json_object_get(x, "text") ? "" : ", to come");
	}
	text_add(out, "exercises\n");
	for (size_t i = 0; i < json_array_size(json_object_get(unit,
						"exercises")); i++) {
		const json_t *e = json_array_get(json_object_get(unit,
						 "exercises"), i);
		if (is_listed(e))
			exercise_line(&l, e);
	}
	text_add(out, text_cstr(&l.out));
	text_free(&l.out);
}

static void show_competency(struct text *out, const json_t *t)
{
	text_addf(out, "%s\n%s, level %lld\n", catalog_text(t, "title"),
		  catalog_text(t, "id"), number_of(t, "level"));
	show_list(out, "matrix", json_object_get(t, "matrix"));
	show_list(out, "rests on", json_object_get(t, "prerequisites"));
	show_list(out, "exam domains", json_object_get(t, "blueprints"));
}

static void show_term(struct text *out, const json_t *t)
{
	text_addf(out, "%s: %s\n", catalog_text(t, "term"),
		  catalog_text(t, "text"));
	show_list(out, "also", json_object_get(t, "also"));
	show_list(out, "see", json_object_get(t, "see"));
}

static void show_track(struct text *out, const json_t *t)
{
	const json_t *notes = json_object_get(t, "notes");

	text_addf(out, "%s: for %s\n", catalog_text(t, "title"),
		  catalog_text(t, "for_whom"));
	for (size_t i = 0; i < json_array_size(notes); i++)
		text_addf(out, "%s\n",
			  json_string_value(json_array_get(notes, i)));
	text_addf(out, "Its units: millrace list --track %s\n",
		  catalog_text(t, "id"));
}

/* An exercise that is not on the pathway: somebody's own. */
static void show_module(struct text *out, const struct catalog *k,
			const char *id)
{
	struct text folder = {0};
	struct exercise *m;

	catalog_folder(k, id, &folder);
	m = exercise_load(text_cstr(&folder));
	text_addf(out, "%s\n%s\n\n%s\n\nBegin with: millrace start %s --plain\n",
		  m->title ? m->title : id, id, m->blurb ? m->blurb : "", id);
	exercise_free(m);
	text_free(&folder);
}

static void look(void *near, const char *name)
{
	cli_nearest_look(near, name);
}

static int show_nothing(struct cli *c, const struct catalog *k,
			const char *id)
{
	struct cli_nearest near = { .wanted = id };
	char hint[128];

	catalog_each_name(k, look, &near);
	return cli_fail(c, CLI_USAGE, "there is no unit, lesson, exercise, "
			"competency or word %s%s", id,
			cli_nearest_hint(&near, hint, sizeof(hint)));
}

static int show(struct cli *c, const struct catalog *k, const char *id,
		struct text *out)
{
	const json_t *t, *unit = NULL;

	if ((t = catalog_lesson(k, id, &unit)))
		return show_lesson(c, k, t, unit);
	if ((t = catalog_exercise(k, id, &unit)) && is_listed(t))
		show_exercise(out, k, t, unit);
	else if ((t = catalog_unit(k, id)))
		show_unit(out, k, t);
	else if ((t = catalog_competency(k, id)))
		show_competency(out, t);
	else if ((t = catalog_track(k, id)))
		show_track(out, t);
	else if ((t = catalog_term(k, id)))
		show_term(out, t);
	else if (catalog_has_module(k, id))
		show_module(out, k, id);
	else
		return show_nothing(c, k, id);
	return CLI_DONE;
}

int verb_show(struct cli *c)
{
	struct text out = {0};
	int status = CLI_DONE;
	struct catalog *k = verb_catalog(c, &status);

	if (!k)
		return status;
	status = show(c, k, c->arguments[0], &out);
	verb_print(c, &out);
	catalog_free(k);
	return status;
}
