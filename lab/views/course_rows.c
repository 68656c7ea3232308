/* course_rows.c - all the course has, as rows of a picker */
#include "lab/views/course_rows.h"

#include "lab/paths.h"

enum { LESSON_BYTES_MAX = 256 * 1024 };

static void add_exercise(struct picker *p, const struct catalog *c,
			 const json_t *e, const json_t *unit, int nearness)
{
	const char *id = catalog_text(e, "id");
	struct pick *row = picker_add(p, "exercise", id,
				      catalog_text(e, "title"));

	pick_set(&row->words, "%s", id);
	pick_set(&row->detail, "%s: %s", catalog_text(unit, "title"),
		 catalog_text(e, "must_do"));
	row->nearness = nearness;
	if (!catalog_has_module(c, id))
		pick_set(&row->why_not, "still to come");
}

/* The whole text is looked through. */
static void add_lesson(struct picker *p, const struct catalog *c,
		       const json_t *lesson, const json_t *unit, int nearness)
{
	const char *file = catalog_text(lesson, "text");
	struct text path = {0}, text = {0}, id = {0};
	struct pick *row;
	struct err err;

	text_addf(&id, "%s/%s", catalog_text(unit, "id"),
		  catalog_text(lesson, "id"));
	row = picker_add(p, "lesson", text_cstr(&id),
			 catalog_text(lesson, "title"));
	row->nearness = nearness;
	pick_set(&row->detail, "%s", catalog_text(unit, "title"));
	text_addf(&path, "%s/content/%s", c->root, file);
	if (!*file)
		pick_set(&row->why_not, "still to come");
	else if (path_read(text_cstr(&path), LESSON_BYTES_MAX, &text, &err))
		pick_set(&row->words, "%s %s", text_cstr(&id),
			 text_cstr(&text));
	text_free(&id);
	text_free(&path);
	text_free(&text);
}

static void add_unit(struct picker *p, const struct catalog *c,
		     const json_t *unit, int nearness, bool to_come)
{
	const json_t *x;
	size_t i;

	json_array_foreach(json_object_get(unit, "exercises"), i, x)
		if (!json_is_true(json_object_get(x, "pool")) &&
		    (to_come || catalog_has_module(c, catalog_text(x, "id"))))
			add_exercise(p, c, x, unit, nearness);
	json_array_foreach(json_object_get(unit, "lessons"), i, x)
		if (to_come || *catalog_text(x, "text"))
			add_lesson(p, c, x, unit, nearness + 1);
}

static void add_plain(struct picker *p, const char *sort, const json_t *x,
		      const char *id, const char *name, const char *detail,
		      int nearness)
{
	struct pick *row = picker_add(p, sort, catalog_text(x, id),
				      catalog_text(x, name));

	pick_set(&row->words, "%s", catalog_text(x, id));
	pick_set(&row->detail, "%s", catalog_text(x, detail));
	row->nearness = nearness;
}

void course_rows(struct picker *p, const struct catalog *c, int nearness,
		 bool to_come)
{
	const json_t *x;
	size_t i;

	json_array_foreach(json_object_get(c->pathway, "units"), i, x)
		add_unit(p, c, x, nearness, to_come);
	json_array_foreach(c->terms, i, x)
		add_plain(p, "word", x, "term", "term", "text", nearness + 2);
	json_array_foreach(c->competencies, i, x)
		add_plain(p, "skill", x, "id", "title", "id", nearness + 3);
}
