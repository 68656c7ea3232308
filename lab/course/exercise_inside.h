/* exercise_inside.h - what exercise.c, exercise_form.c and lint.c share */
#ifndef LAB_COURSE_EXERCISE_INSIDE_H
#define LAB_COURSE_EXERCISE_INSIDE_H

#include "lab/course/exercise.h"
#include "lab/course/schema.h"
#include "sim/core/args.h"

extern const struct field module_fields[];
extern const char *const verdict_class_names[];	/* verdict.c */

/* Fill the fields of `m` from m->json, which has the right form. */
void form_read(struct exercise *m);
bool form_faults(const json_t *list, struct planned_fault **out, size_t *count,
		 struct err *err);
sim_time form_time(const json_t *t, const char *name, sim_time otherwise);
void form_args(struct text *out, const json_t *t);

#endif
