/* home_model.c - what home shows, and its lines: those one can stand on
 *
 * The first lines are of what waits and what is due; the pathway's come behind
 * them, and the cursor counts them all as one list.
 */
#include "lab/views/home_inside.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/exercise.h"
#include "lab/tui/number.h"
#include "sim/core/mem.h"

static struct store *store_of(const struct home *h)
{
	return h->view.app->outside.store;
}

/* --- lines ---------------------------------------------------------------- */

size_t home_due_lines(const struct home *h)
{
	return h->dues.count > DUE_SHOWN ? DUE_SHOWN : h->dues.count;
}

size_t home_fixed_lines(const struct home *h)
{
	return (h->id ? 1 : 0) + home_due_lines(h);
}

size_t home_line_count(const struct home *h)
{
	return home_fixed_lines(h) + h->path.line_count;
}

bool home_on_continue(const struct home *h)
{
	return h->id && h->cursor.at == 0;
}

const struct due *home_on_due(const struct home *h)
{
	size_t at = h->cursor.at - (h->id ? 1 : 0);

	if (home_on_continue(h) || at >= home_due_lines(h))
		return NULL;
	return &h->dues.at[at];
}

struct path_node *home_on_path(const struct home *h)
{
	size_t at = h->cursor.at - home_fixed_lines(h);

	if (h->cursor.at < home_fixed_lines(h) || at >= h->path.line_count)
		return NULL;
	return &h->path.nodes[h->path.lines[at]];
}

/* --- reading -------------------------------------------------------------- */

void home_forget(struct home *h)
{
	if (h->waits)
		resume_release(&h->resume);
	h->waits = false;
	dues_free(&h->dues);
	week_release(&h->week);
	memset(&h->dues, 0, sizeof(h->dues));
	memset(&h->week, 0, sizeof(h->week));
	free(h->title);
	free(h->unit);
	free(h->where);
	free(h->id);
	free(h->sentence);
	free(h->trouble);
	h->title = h->unit = h->where = h->id = h->sentence = NULL;
	h->trouble = NULL;
}

static size_t task_number(const struct exercise *m, const char *id)
{
	for (size_t i = 0; i < m->task_count; i++)
		if (strcmp(m->tasks[i].id, id) == 0)
			return i + 1;
	return 0;
}

/* "task 2 of 4   world waits at T+12:10" and the sentence below it. */
static void tell_waiting(struct home *h)
{
	struct text folder = {0}, where = {0}, sentence = {0};
	const struct task *t = NULL;
	struct exercise *m;

	catalog_folder(home_catalog(h), h->resume.exercise, &folder);
	m = exercise_load(text_cstr(&folder));
	if (h->resume.task && *h->resume.task)
		t = exercise_task(m, h->resume.task);
	if (t)
		text_addf(&where, "task %zu of %zu", task_number(m, t->id),
			  m->task_count);
	if (h->resume.at_sim > 0) {
		text_addf(&where, "%sworld waits at ", where.len ? "   " : "");
		number_time(&where, h->resume.at_sim);
	}
	resume_sentence(h->resume.ops, t ? t->kind : NULL,
			t ? t->title : NULL, &sentence);
	h->where = text_take(&where);
	h->sentence = text_take(&sentence);
	exercise_free(m);
	text_free(&folder);
}

static void tell_next(struct home *h, const struct path_node *n)
{
	struct text where = {0}, sentence = {0};

	text_addf(&where, "%s, %lld min", catalog_text(n->json, "kind"),
		  (long long)json_integer_value(json_object_get(n->json,
								"minutes")));
	text_addf(&sentence, "%s.", catalog_text(n->json, "situation"));
	h->where = text_take(&where);
	h->sentence = text_take(&sentence);
}

static void read_continue(struct home *h)
{
	const struct path_node *next = pathway_next(&h->path);
	const json_t *unit = NULL, *e;

	if (h->waits)
		h->id = mem_text(h->resume.exercise);
	else if (next)
		h->id = mem_text(next->id);
	if (!h->id)
		return;
	e = catalog_exercise(home_catalog(h), h->id, &unit);
	h->title = mem_text(e ? catalog_text(e, "title") : h->id);
	h->unit = mem_text(catalog_text(unit, "title"));
	if (h->waits)
		tell_waiting(h);
	else
		tell_next(h, next);
}

static bool read_record(struct home *h, struct err *err)
{
	struct competencies all;
	struct level levels[PROGRESS_LEVELS];
	int64_t now = app_now_ms(h->view.app);
	struct store *s = store_of(h);

	if (!progress_continue(s, &h->resume, &h->waits, err) ||
	    !progress_due(s, home_catalog(h), now, 0, &h->dues, err) ||
	    !progress_ahead(s, now, h->ahead, err) ||
	    !progress_week(s, now, &h->week, err) ||
	    !progress_competencies(s, home_catalog(h), now, &all, err))
		return false;
	h->level = progress_levels(&all, levels);
	competencies_free(&all);
	return true;
}

/* Unfold where the learner stands, the first time. */
static void unfold_first(struct home *h)
{
	size_t line;

	if (!h->id)
		return;
	line = pathway_reveal(&h->path, h->id);
	if (line < h->path.line_count)
		return;
	if (h->path.count)
		pathway_fold(&h->path, 0, true);
}

void home_read(struct home *h)
{
	struct app *a = h->view.app;
	struct pathway before = h->path;
	struct err err = {{0}};

	home_forget(h);
	if (store_of(h) && !read_record(h, &err))
		h->trouble = mem_text(err.what);
	pathway_make(&h->path, home_catalog(h), store_of(h), a->settings.track,
		     h->waits ? h->resume.exercise : NULL, &before);
	read_continue(h);
	if (!before.nodes)
		unfold_first(h);
	pathway_release(&before);
	cursor_keep(&h->cursor, home_line_count(h));
}
