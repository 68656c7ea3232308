/* catalog.c - the course as one thing: pathway, competencies, tracks, modules */
#include "lab/course/catalog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/course/box.h"
#include "lab/paths.h"
#include "sim/core/mem.h"

enum { CONTENT_BYTES_MAX = 4 << 20, FORMAT_VERSION = 1 };

static const struct sandbox_limits content_limits = {
	.fuel = 200 * 1000 * 1000,
	.memory_bytes = (size_t)128 << 20,
	.cpu_ms = 20 * 1000,
};

/* One file of content/.  Each gets a box of its own. */
static json_t *load_file(const char *root, const char *name, struct err *err)
{
	struct box *b = box_new(&content_limits);
	struct text path = {0}, source = {0};
	json_t *t = NULL;

	text_addf(&path, "%s/content/%s", root, name);
	if (path_read(text_cstr(&path), CONTENT_BYTES_MAX, &source, err))
		t = box_read(b, text_cstr(&path), text_cstr(&source),
			     source.len, err);
	if (t && json_integer_value(json_object_get(t, "format_version")) !=
		 FORMAT_VERSION) {
		err_set(err, "%s:1: format_version has to be %d",
			text_cstr(&path), FORMAT_VERSION);
		json_decref(t);
		t = NULL;
	}
	text_free(&source);
	text_free(&path);
	box_free(b);
	return t;
}

static bool load_list(const char *root, const char *name, const char *field,
		      json_t **out, struct err *err)
{
	json_t *t = load_file(root, name, err);
	json_t *list = json_object_get(t, field);

	if (t && !json_is_array(list))
		err_set(err, "%s/content/%s:1: there is no list `%s`", root,
			name, field);
	*out = json_is_array(list) ? json_incref(list) : NULL;
	json_decref(t);
	return *out != NULL;
}

static bool load_pathway(struct catalog *c, struct err *err)
{
	c->pathway = load_file(c->root, "pathway.lua", err);
	if (!c->pathway)
		return false;
	if (json_is_array(json_object_get(c->pathway, "units")) &&
	    json_is_array(json_object_get(c->pathway, "phases")))
		return true;
	return err_set(err, "%s/content/pathway.lua:1: needs `phases` and "
		       "`units`", c->root);
}

/* --- modules that exist -------------------------------------------------- */

struct walk {
	struct catalog *c;
	const char *unit;
};

static void module_add(struct catalog *c, const char *unit, const char *slug)
{
	struct text t = {0};

	text_addf(&t, "%s/exercises/%s/%s/module.lua", c->root, unit, slug);
	if (path_is_file(text_cstr(&t))) {
		c->modules = mem_grow(c->modules, (c->module_count + 1) *
						  sizeof(*c->modules));
		text_clear(&t);
		text_addf(&t, "%s.%s", unit, slug);
		c->modules[c->module_count++] = text_take(&t);
	}
	text_free(&t);
}

static void look_slug(void *with, const char *name)
{
	struct walk *walk = with;

	if (name[0] != '.')
		module_add(walk->c, walk->unit, name);
}

static void look_unit(void *with, const char *name)
{
	struct walk walk = { with, name };
	struct text t = {0};

	text_addf(&t, "%s/exercises/%s", walk.c->root, name);
	if (name[0] != '.' && path_is_folder(text_cstr(&t)))
		path_list(text_cstr(&t), look_slug, &walk, NULL);
	text_free(&t);
}

static void find_modules(struct catalog *c)
{
	struct text t = {0};

	text_addf(&t, "%s/exercises", c->root);
	path_list(text_cstr(&t), look_unit, c, NULL);
	text_free(&t);
}

struct catalog *catalog_load(const char *root, struct err *err)
{
	struct catalog *c = calloc(1, sizeof(*c));

	if (!c || !(c->root = strdup(root)))
		abort();
	if (load_pathway(c, err) &&
	    load_list(root, "competencies.lua", "competencies",
		      &c->competencies, err) &&
	    load_list(root, "matrix.lua", "levels", &c->levels, err) &&
	    load_list(root, "glossary.lua", "terms", &c->terms, err) &&
	    (c->tracks = load_file(root, "tracks.lua", err))) {
		find_modules(c);
		return c;
	}
	catalog_free(c);
	return NULL;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	json_decref(c->pathway);
	json_decref(c->competencies);
	json_decref(c->levels);
	json_decref(c->tracks);
	json_decref(c->terms);
	for (size_t i = 0; i < c->module_count; i++)
		free(c->modules[i]);
	free(c->modules);
	free(c->root);
	free(c);
}

/* --- asking -------------------------------------------------------------- */

const char *catalog_text(const json_t *t, const char *field)
{
	const char *s = json_string_value(json_object_get(t, field));

	return s ? s : "";
}

static const json_t *with_id(const json_t *list, const char *id, size_t len)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);
		const char *have = catalog_text(t, "id");

		if (strlen(have) == len && memcmp(have, id, len) == 0)
			return t;
	}
	return NULL;
}

static const json_t *of_pathway(const struct catalog *c, const char *list,
				const char *id)
{
	return with_id(json_object_get(c->pathway, list), id, strlen(id));
}

const json_t *catalog_unit(const struct catalog *c, const char *id)
{
	return of_pathway(c, "units", id);
}

const json_t *catalog_phase(const struct catalog *c, const char *id)
{
	return of_pathway(c, "phases", id);
}

/* What lies in a unit: `UNIT<joint>...`, found in the unit's list. */
static const json_t *in_unit(const struct catalog *c, const char *id,
			     char joint, const char *list, bool whole,
			     const json_t **unit)
{
	const char *mark = strchr(id, joint), *want;
	const json_t *u, *found;

	if (!mark)
		return NULL;
	u = with_id(json_object_get(c->pathway, "units"), id,
		    (size_t)(mark - id));
	want = whole ? id : mark + 1;
	found = with_id(json_object_get(u, list), want, strlen(want));
	if (found && unit)
		*unit = u;
	return found;
}

const json_t *catalog_exercise(const struct catalog *c, const char *id,
			       const json_t **unit)
{
	return in_unit(c, id, '.', "exercises", true, unit);
}

const json_t *catalog_lesson(const struct catalog *c, const char *id,
			     const json_t **unit)
{
	return in_unit(c, id, '/', "lessons", false, unit);
}

const json_t *catalog_competency(const struct catalog *c, const char *id)
{
	return with_id(c->competencies, id, strlen(id));
}

const json_t *catalog_track(const struct catalog *c, const char *id)
{
	return with_id(json_object_get(c->tracks, "tracks"), id, strlen(id));
}

const json_t *catalog_specialisation(const struct catalog *c, const char *id)
{
	return with_id(json_object_get(c->tracks, "specialisations"), id,
		       strlen(id));
}

static bool is_called(const json_t *term, const char *word)
{
	const json_t *also = json_object_get(term, "also");

	if (strcasecmp(catalog_text(term, "term"), word) == 0)
		return true;
	for (size_t i = 0; i < json_array_size(also); i++) {
		const char *s = json_string_value(json_array_get(also, i));

		if (s && strcasecmp(s, word) == 0)
			return true;
	}
	return false;
}

const json_t *catalog_term(const struct catalog *c, const char *word)
{
	for (size_t i = 0; i < json_array_size(c->terms); i++)
		if (is_called(json_array_get(c->terms, i), word))
			return json_array_get(c->terms, i);
	return NULL;
}

bool catalog_has_module(const struct catalog *c, const char *id)
{
	for (size_t i = 0; i < c->module_count; i++)
		if (strcmp(c->modules[i], id) == 0)
			return true;
	return false;
}

void catalog_folder(const struct catalog *c, const char *id,
		    struct text *out)
{
	const char *dot = strchr(id, '.');
	int len = dot ? (int)(dot - id) : (int)strlen(id);

	text_clear(out);
	text_addf(out, "%s/exercises/%.*s/%s", c->root, len, id,
		  dot ? dot + 1 : "");
}

static void each_of_unit(const json_t *unit,
			 void (*visit)(void *with, const char *name),
			 void *with)
{
	const json_t *exercises = json_object_get(unit, "exercises");
	const json_t *lessons = json_object_get(unit, "lessons");
	struct text t = {0};

	visit(with, catalog_text(unit, "id"));
	for (size_t i = 0; i < json_array_size(exercises); i++)
		visit(with, catalog_text(json_array_get(exercises, i), "id"));
	for (size_t i = 0; i < json_array_size(lessons); i++) {
		text_clear(&t);
		text_addf(&t, "%s/%s", catalog_text(unit, "id"),
			  catalog_text(json_array_get(lessons, i), "id"));
		visit(with, text_cstr(&t));
	}
	text_free(&t);
}

void catalog_each_name(const struct catalog *c,
		       void (*visit)(void *with, const char *name),
		       void *with)
{
	const json_t *units = json_object_get(c->pathway, "units");

	for (size_t i = 0; i < json_array_size(units); i++)
		each_of_unit(json_array_get(units, i), visit, with);
	for (size_t i = 0; i < json_array_size(c->competencies); i++)
		visit(with, catalog_text(json_array_get(c->competencies, i),
					 "id"));
	for (size_t i = 0; i < json_array_size(c->terms); i++)
		visit(with, catalog_text(json_array_get(c->terms, i), "term"));
}
