/* pathway.c - a track of the course as a tree to fold */
#include "lab/views/pathway.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/catalog.h"
#include "lab/progress/progress.h"
#include "sim/core/mem.h"

const char *const path_glyphs[] = {
	[PATH_DONE] = "✓", [PATH_CURRENT] = "▸", [PATH_OPEN] = "·",
	[PATH_TO_COME] = "‒",
};

const json_t *pathway_track(const struct catalog *c, const char *wanted)
{
	const json_t *all = json_object_get(c->tracks, "tracks");
	const json_t *track = wanted ? catalog_track(c, wanted) : NULL;

	return track ? track : json_array_get(all, 0);
}

/* --- making it ---------------------------------------------------------------- */

struct maker {
	struct pathway *p;
	struct store *store;
	const char *current;
};

static size_t add(struct pathway *p, enum path_kind kind, const char *id,
		  const json_t *json, size_t parent)
{
	size_t n = p->count++;

	p->nodes = mem_grow(p->nodes, p->count * sizeof(*p->nodes));
	p->nodes[n] = (struct path_node){
		.kind = kind, .id = strdup(id), .json = json,
		.title = catalog_text(json, "title"),
		.when = catalog_text(json, "when"), .parent = parent,
	};
	if (!p->nodes[n].id)
		abort();
	return n;
}

static bool is_done(struct store *s, const char *id)
{
	struct exercise_state state;
	struct err err;

	return s && progress_exercise(s, id, &state, &err) && state.done;
}

static void add_exercise(struct maker *m, const json_t *e, size_t unit)
{
	const char *id = catalog_text(e, "id");
	struct path_node *n;
	size_t at;

	if (json_is_true(json_object_get(e, "pool")))
		return;
	at = add(m->p, PATH_EXERCISE, id, e, unit);
	n = &m->p->nodes[at];
	n->total = 1;
	n->there = catalog_has_module(m->p->catalog, id);
	n->done = n->there && is_done(m->store, id);
	n->mark = n->done ? PATH_DONE : n->there ? PATH_OPEN : PATH_TO_COME;
	if (n->there && m->current && strcmp(m->current, id) == 0)
		n->mark = PATH_CURRENT;
}

static void add_lesson(struct maker *m, const json_t *lesson, size_t unit)
{
	struct text id = {0};
	struct path_node *n;
	struct err err;
	size_t at;

	text_addf(&id, "%s/%s", m->p->nodes[unit].id,
		  catalog_text(lesson, "id"));
	at = add(m->p, PATH_LESSON, text_cstr(&id), lesson, unit);
	n = &m->p->nodes[at];
	n->mark = json_object_get(lesson, "text") ? PATH_OPEN : PATH_TO_COME;
	if (m->store &&
	    progress_lesson(m->store, n->id, &n->page, &n->pages, &err) &&
	    n->pages > 0 && n->page >= n->pages)
		n->mark = PATH_DONE;
	text_free(&id);
}

static void add_unit(struct maker *m, const char *id, size_t stage)
{
	const json_t *unit = catalog_unit(m->p->catalog, id);
	const json_t *lessons = json_object_get(unit, "lessons");
	const json_t *exercises = json_object_get(unit, "exercises");
	size_t n;

	if (!unit)
		return;
	n = add(m->p, PATH_UNIT, id, unit, stage);
	for (size_t i = 0; i < json_array_size(lessons); i++)
		add_lesson(m, json_array_get(lessons, i), n);
	for (size_t i = 0; i < json_array_size(exercises); i++)
		add_exercise(m, json_array_get(exercises, i), n);
}

static void add_stage(struct maker *m, const json_t *stage, const char *when)
{
	const json_t *units = json_object_get(stage, "units");
	size_t n = add(m->p, PATH_STAGE, catalog_text(stage, "id"), stage,
		       m->p->count);

	if (when)
		m->p->nodes[n].when = when;
	for (size_t i = 0; i < json_array_size(units); i++) {
		const char *id = json_string_value(json_array_get(units, i));

		if (id)
			add_unit(m, id, n);
	}
}

static void add_stages(struct maker *m, const json_t *stage)
{
	const json_t *of = json_object_get(json_object_get(stage, "choose"),
					   "of");

	for (size_t i = 0; i < json_array_size(of); i++) {
		const char *id = json_string_value(json_array_get(of, i));
		const json_t *s = id ? catalog_specialisation(m->p->catalog,
							      id) : NULL;

		if (s)
			add_stage(m, s, catalog_text(stage, "when"));
	}
	if (json_array_size(json_object_get(stage, "units")))
		add_stage(m, stage, NULL);
}

/* Below before above: parents stand before their children. */
static void sum_up(struct pathway *p)
{
	for (size_t i = p->count; i-- > 0; ) {
		const struct path_node *n = &p->nodes[i];
		struct path_node *up = &p->nodes[n->parent];

		if (n->parent == i) {
			p->done += n->done;
			p->there += n->there;
			p->total += n->total;
			continue;
		}
		up->done += n->done;
		up->there += n->there;
		up->total += n->total;
	}
}

static bool is_seen(const struct pathway *p, size_t i)
{
	while (p->nodes[i].parent != i) {
		i = p->nodes[i].parent;
		if (!p->nodes[i].is_open)
			return false;
	}
	return true;
}

static void list_lines(struct pathway *p)
{
	p->line_count = 0;
	for (size_t i = 0; i < p->count; i++)
		if (is_seen(p, i))
			p->lines[p->line_count++] = i;
}

static void unfold_as(struct pathway *p, const struct pathway *before)
{
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; before && k < before->count; k++)
			if (before->nodes[k].kind == p->nodes[i].kind &&
			    strcmp(before->nodes[k].id, p->nodes[i].id) == 0)
				p->nodes[i].is_open = before->nodes[k].is_open;
}

void pathway_make(struct pathway *p, const struct catalog *c, struct store *s,
		  const char *track, const char *current,
		  const struct pathway *before)
{
	const json_t *stages = json_object_get(pathway_track(c, track),
					       "stages");
	struct maker m = { .p = p, .store = s, .current = current };

	*p = (struct pathway){ .catalog = c };
	for (size_t i = 0; i < json_array_size(stages); i++)
		add_stages(&m, json_array_get(stages, i));
	p->lines = mem_zeroed(p->count + 1, sizeof(*p->lines));
	sum_up(p);
	unfold_as(p, before);
	list_lines(p);
}

void pathway_release(struct pathway *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->nodes[i].id);
	free(p->nodes);
	free(p->lines);
	*p = (struct pathway){0};
}

/* --- folding ---------------------------------------------------------------------- */

void pathway_fold(struct pathway *p, size_t node, bool open)
{
	p->nodes[node].is_open = open;
	list_lines(p);
}

size_t pathway_reveal(struct pathway *p, const char *id)
{
	size_t i = 0, line = 0;

	while (i < p->count && strcmp(p->nodes[i].id, id) != 0)
		i++;
	if (i == p->count)
		return p->line_count;
	for (size_t k = i; p->nodes[k].parent != k; ) {
		k = p->nodes[k].parent;
		p->nodes[k].is_open = true;
	}
	list_lines(p);
	while (p->lines[line] != i)
		line++;
	return line;
}

const struct path_node *pathway_next(const struct pathway *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->nodes[i].kind == PATH_EXERCISE && p->nodes[i].there &&
		    !p->nodes[i].done)
			return &p->nodes[i];
	return NULL;
}
