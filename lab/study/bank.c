/* bank.c - the question bank: items as data, some of them made by luck */
#include "lab/study/bank.h"

#include <stdlib.h>
#include <string.h>

#include "lab/course/schema.h"
#include "lab/paths.h"
#include "lab/study/bank_inside.h"
#include "sim/core/luck.h"
#include "sim/core/mem.h"

enum { BANK_BYTES_MAX = 4 << 20 };

const char *const item_kind_names[] = {
	"predict", "recall", "choose", "many", "order", "match", "number",
	NULL,
};

static const struct field option_fields[] = {
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "right", FIELD_BOOLEAN, 0, NULL, NULL },
	{ "belief", FIELD_TEXT, 0, NULL, NULL },
	{ "why", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
static const struct field order_fields[] = {
	{ "text", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "why", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
static const struct field pair_fields[] = {
	{ "left", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "right", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "why", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};
static const struct field miss_fields[] = {
	{ "value", FIELD_NUMBER, FIELD_REQUIRED, NULL, NULL },
	{ "belief", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "why", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

/* What is asked and answered: written down, or returned by make(rng). */
#define MADE_FIELDS							\
	{ "stem", FIELD_TEXT, 0, NULL, NULL },				\
	{ "screen", FIELD_TEXT, 0, NULL, NULL },			\
	{ "explain", FIELD_TEXT, 0, NULL, NULL },			\
	{ "options", FIELD_LIST, 0, option_fields, NULL },		\
	{ "order", FIELD_LIST, 0, order_fields, NULL },			\
	{ "pairs", FIELD_LIST, 0, pair_fields, NULL },			\
	{ "answer", FIELD_NUMBER, 0, NULL, NULL },			\
	{ "unit", FIELD_TEXT, 0, NULL, NULL },				\
	{ "tolerance", FIELD_NUMBER, 0, NULL, NULL },			\
	{ "misses", FIELD_LIST, 0, miss_fields, NULL }

const struct field bank_made_fields[] = {
	MADE_FIELDS,
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field item_fields[] = {
	{ "id", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "kind", FIELD_TEXT, FIELD_REQUIRED, NULL, item_kind_names },
	{ "level", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "competencies", FIELD_NUMBERS_BY_NAME, FIELD_REQUIRED, NULL, NULL },
	{ "source", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "lesson", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "checked_on", FIELD_TEXT, 0, NULL, NULL },
	{ "reads_screen", FIELD_BOOLEAN, 0, NULL, NULL },
	{ "make", FIELD_FUNCTION, 0, NULL, NULL },
	MADE_FIELDS,
	{ NULL, 0, 0, NULL, NULL },
};

static const struct field file_fields[] = {
	{ "format_version", FIELD_INTEGER, FIELD_REQUIRED, NULL, NULL },
	{ "checked_on", FIELD_TEXT, FIELD_REQUIRED, NULL, NULL },
	{ "beliefs", FIELD_VALUES_BY_NAME, FIELD_REQUIRED, NULL, NULL },
	{ "items", FIELD_LIST, FIELD_REQUIRED, item_fields, NULL },
	{ NULL, 0, 0, NULL, NULL },
};

/* --- reading ------------------------------------------------------------- */

static const char *heaviest(const json_t *competencies)
{
	const char *name, *best = "";
	double most = 0;
	json_t *v;

	json_object_foreach((json_t *)competencies, name, v) {
		if (json_number_value(v) > most) {
			most = json_number_value(v);
			best = name;
		}
	}
	return best;
}

static enum item_kind kind_of(const json_t *t)
{
	const char *s = catalog_text(t, "kind");
	int i = 0;

	while (item_kind_names[i] && strcmp(item_kind_names[i], s) != 0)
		i++;
	return item_kind_names[i] ? (enum item_kind)i : ITEM_CHOOSE;
}

static void add_item(struct bank *b, struct bank_file *f, size_t index)
{
	const json_t *t = json_array_get(json_object_get(f->json, "items"),
					 index);
	const char *day = catalog_text(t, "checked_on");
	const json_t *competencies = json_object_get(t, "competencies");

	b->items = mem_grow(b->items, (b->count + 1) * sizeof(*b->items));
	b->items[b->count++] = (struct bank_item){
		.id = catalog_text(t, "id"),
		.kind = kind_of(t),
		.level = (int)json_integer_value(json_object_get(t, "level")),
		.competency = heaviest(competencies),
		.competencies = competencies,
		.source = catalog_text(t, "source"),
		.lesson = catalog_text(t, "lesson"),
		.checked_on = *day ? day : catalog_text(f->json, "checked_on"),
		.generated = json_object_get(t, "make") != NULL,
		.has_screen = json_object_get(t, "screen") ||
			      json_is_true(json_object_get(t, "reads_screen")),
		.json = t, .file = f, .index = index,
	};
}

/* The sandbox says FILE:LINE: message; the rule's name goes between. */
static void script_problem(struct bank *b, const struct bank_file *f,
			   const char *what)
{
	size_t len = strlen(f->name);
	int line = 1, used = 0;

	if (strncmp(what, f->name, len) == 0 &&
	    sscanf(what + len, ":%d: %n", &line, &used) == 1 && used > 0)
		what += len + (size_t)used;
	problems_add(&b->problems, f->name, line, 1, "lua", "%s", what);
}

static bool load_table(struct bank *b, struct bank_file *f,
		       const struct text *source)
{
	struct schema_file form = { f->name, &f->places, &b->problems };
	struct err err;

	f->json = box_load(f->box, f->name, text_cstr(source), source->len,
			   false, &err);
	if (!f->json) {
		script_problem(b, f, err.what);
		return false;
	}
	places_read(&f->places, text_cstr(source), source->len);
	schema_check(&form, f->json, "", file_fields);
	return b->problems.errors == 0;
}

static void add_file(struct bank *b, const char *path)
{
	struct bank_file *f = calloc(1, sizeof(*f));
	struct text source = {0};
	struct err err;

	b->files = realloc(b->files, (b->file_count + 1) * sizeof(*b->files));
	if (!f || !b->files || !(f->name = strdup(path)))
		abort();
	b->files[b->file_count++] = f;
	f->box = box_new(NULL);
	if (!path_read(path, BANK_BYTES_MAX, &source, &err)) {
		problems_add(&b->problems, path, 1, 1, "unreadable", "%s",
			     err.what);
	} else if (load_table(b, f, &source)) {
		const json_t *items = json_object_get(f->json, "items");

		for (size_t i = 0; i < json_array_size(items); i++)
			add_item(b, f, i);
	}
	text_free(&source);
}

static struct bank *bank_new(void)
{
	return mem_zeroed(1, sizeof(struct bank));
}

struct bank *bank_open(const char *path)
{
	struct bank *b = bank_new();

	add_file(b, path);
	return b;
}

struct folder {
	struct bank *bank;
	const char *path;
};

static void visit(void *with, const char *name)
{
	struct folder *folder = with;
	size_t len = strlen(name);
	struct text path = {0};

	if (name[0] == '.' || len < 5 || strcmp(name + len - 4, ".lua") != 0)
		return;
	text_addf(&path, "%s/%s", folder->path, name);
	add_file(folder->bank, text_cstr(&path));
	text_free(&path);
}

struct bank *bank_load(const char *root, struct err *err)
{
	struct bank *b = bank_new();
	struct text path = {0};
	struct folder folder;
	bool good;

	text_addf(&path, "%s/assessments/items", root);
	folder = (struct folder){ b, text_cstr(&path) };
	good = path_list(folder.path, visit, &folder, err);
	if (good && b->problems.errors) {
		struct text t = {0};

		problem_text(&b->problems.at[0], &t);
		good = err_set(err, "%s", text_cstr(&t));
		text_free(&t);
	}
	text_free(&path);
	if (good)
		return b;
	bank_free(b);
	return NULL;
}

void bank_free(struct bank *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->file_count; i++) {
		struct bank_file *f = b->files[i];

		json_decref(f->json);
		places_release(&f->places);
		box_free(f->box);
		free(f->name);
		free(f);
	}
	free(b->files);
	free(b->items);
	problems_release(&b->problems);
	free(b);
}

/* --- asking ------------------------------------------------------------- */

const struct bank_item *bank_item(const struct bank *b, const char *id)
{
	for (size_t i = 0; i < b->count; i++)
		if (strcmp(b->items[i].id, id) == 0)
			return &b->items[i];
	return NULL;
}

/* Is `what` all of `name` before the joint? */
static bool heads(const char *what, const char *name, char joint)
{
	size_t len = strlen(what);

	return strncmp(name, what, len) == 0 && name[len] == joint;
}

bool bank_item_is_about(const struct bank_item *item, const char *what)
{
	const char *name;
	json_t *v;

	if (!what || heads(what, item->lesson, '/'))
		return true;
	json_object_foreach((json_t *)item->competencies, name, v) {
		if (strcmp(name, what) == 0 || heads(what, name, '.'))
			return true;
	}
	return false;
}

const char *bank_belief(const struct bank_item *item, const char *name)
{
	return name ? json_string_value(json_object_get(json_object_get(
			item->file->json, "beliefs"), name)) : NULL;
}

/*
 * The driver of box.c gives `params` the course's own luck, so the item's
 * function is set in that place.  The id goes into the seed: two items of one
 * quiz do not draw alike.
 */
json_t *bank_make(const struct bank_item *item, uint64_t seed,
		  struct err *err)
{
	struct text t = {0};
	json_t *answer;

	text_addf(&t, "{ params = loaded__.items[%zu].make }",
		  item->index + 1);
	answer = box_call(item->file->box, "data", text_cstr(&t), NULL, err);
	if (answer) {
		json_decref(answer);
		text_clear(&t);
		text_addf(&t, "%llu", (unsigned long long)(
			  luck_mix(seed ^ luck_hash(item->id)) >> 1));
		answer = box_call(item->file->box, "params", text_cstr(&t),
				  NULL, err);
	}
	text_free(&t);
	return answer;
}
