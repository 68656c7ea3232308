/* template.h - the module that `module new` makes: small, and green
 *
 * It lints and proves itself as it stands, so an author changes something
 * that works.
 */
#ifndef LAB_COURSE_TEMPLATE_H
#define LAB_COURSE_TEMPLATE_H

#include "sim/core/text.h"

struct template_file {
	const char *name;	/* below the module's folder; NULL ends */
	const char *text;	/* with @ID@ and @UUID@ in it */
};

extern const struct template_file template_files[];

void template_fill(const struct template_file *f, const char *id,
		   const char *uuid, struct text *out);

#endif
