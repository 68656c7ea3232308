/* wrong_class.c - what a wrong fix amounts to, told from two runs */
#include "lab/course/wrong_class.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

void outcome_init(struct outcome *o, struct attempt *a)
{
	const struct exercise *m = a->module;

	*o = (struct outcome){ .at = world_now(a->world) };
	for (size_t i = 0; i < m->task_count; i++)
		o->count += m->tasks[i].check_count;
	o->checks = mem_zeroed(o->count + 1, sizeof(*o->checks));
	for (size_t i = 0, n = 0; i < m->task_count; i++)
		for (size_t k = 0; k < m->tasks[i].check_count; k++) {
			struct text said = {0};

			o->checks[n++] = attempt_check(a, i, k, &said);
			text_free(&said);
		}
}

void outcome_release(struct outcome *o)
{
	free(o->checks);
	*o = (struct outcome){0};
}

enum verdict_status outcome_check(const struct outcome *o,
				  const struct exercise *m, size_t task,
				  size_t check)
{
	size_t n = check;

	for (size_t i = 0; i < task; i++)
		n += m->tasks[i].check_count;
	return o->checks[n];
}

/* --- what one check tells ----------------------------------------------------- */

struct pair {
	const struct exercise *m;
	const struct outcome *w0, *w1;
	size_t task, check;	/* the named one */
};

static bool is_damage(const struct pair *p, size_t task, size_t check)
{
	const struct check *c = &p->m->tasks[task].checks[check];
	bool named = task == p->task && check == p->check;

	if (c->type == CHECK_BUDGET ||
	    !(c->type == CHECK_ALWAYS || named || task != p->task))
		return false;
	return outcome_check(p->w0, p->m, task, check) == VERDICT_PASS &&
	       outcome_check(p->w1, p->m, task, check) == VERDICT_FAIL;
}

/* Gone in W1, and in W0 as `before` says. */
static bool is_gone(const struct pair *p, size_t task, size_t check,
		    enum verdict_status before)
{
	return p->m->tasks[task].checks[check].symptom &&
	       outcome_check(p->w0, p->m, task, check) == before &&
	       outcome_check(p->w1, p->m, task, check) == VERDICT_PASS;
}

static bool is_masked(const struct pair *p, size_t task, size_t check)
{
	return is_gone(p, task, check, VERDICT_FAIL);
}

static bool is_coincidence(const struct pair *p, size_t task, size_t check)
{
	return is_gone(p, task, check, VERDICT_PASS);
}

/* --- the first class that fits -------------------------------------------------- */

static const struct class {
	const char *name;
	bool (*shows)(const struct pair *p, size_t task, size_t check);
	bool needs_faults;
	const char *says;
} classes[] = {
	{ "collateral", is_damage, false,
	  "holds when nobody does anything, and no more after it" },
	{ "masked", is_masked, false, "came true only by it" },
	{ "coincidental", is_coincidence, true,
	  "comes true when nobody does anything, too" },
};
enum { CLASS_COUNT = sizeof(classes) / sizeof(classes[0]) };
static const char *const none = "not-fixed";

static bool shows(const struct class *c, const struct pair *p,
		  struct text *why)
{
	for (size_t i = 0; i < p->m->task_count; i++)
		for (size_t k = 0; k < p->m->tasks[i].check_count; k++)
			if (c->shows(p, i, k)) {
				text_addf(why, "task %s, check %s %s",
					  p->m->tasks[i].id,
					  p->m->tasks[i].checks[k].id,
					  c->says);
				return true;
			}
	return false;
}

const char *wrong_class(const struct exercise *m, const struct outcome *w0,
			const struct outcome *w1, size_t task, size_t check,
			bool acted, struct text *why)
{
	struct pair p = { m, w0, w1, task, check };

	for (int i = 0; i < CLASS_COUNT; i++)
		if ((acted || !classes[i].needs_faults) &&
		    shows(&classes[i], &p, why))
			return classes[i].name;
	text_add(why, "nothing broke by it, and no symptom went");
	return none;
}

bool wrong_class_provable(const char *name)
{
	for (int i = 0; i < CLASS_COUNT; i++)
		if (strcmp(classes[i].name, name) == 0)
			return true;
	return strcmp(none, name) == 0;
}
