/* bank_inside.h - what bank.c and bank_lint.c share */
#ifndef LAB_STUDY_BANK_INSIDE_H
#define LAB_STUDY_BANK_INSIDE_H

#include "lab/course/schema.h"

/* The fields that make(rng) may return. */
extern const struct field bank_made_fields[];

#endif
