/* verbs_verify.h - proving modules, for `verify` and `module test` */
#ifndef LAB_VERBS_VERIFY_H
#define LAB_VERBS_VERIFY_H

#include "lab/verbs.h"

/* Lint and prove; prints, and returns the exit status.  catalog may be NULL. */
int verify_modules(struct cli *c, struct exercise **modules, size_t count,
		   const struct catalog *catalog);

#endif
