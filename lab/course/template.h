/* template.h - the module that `module new` makes: small, and green
 *
 * It lints and proves itself as it stands, so an author changes something
 * that works; its comments say what each part is for.
 */
#ifndef LAB_COURSE_TEMPLATE_H
#define LAB_COURSE_TEMPLATE_H

#include "sim/core/text.h"

/* What the module says of its world; it needs a Kafka to be asked. */
struct template_world {
	const char *name;	/* of `millrace worlds`; NULL ends */
	const char *server;	/* where the console finds a broker */
	int copies;		/* replicas there are brokers for */
};
extern const struct template_world template_worlds[];
const struct template_world *template_world(const char *name);	/* or NULL */

struct template_names {
	const char *id, *uuid;
	const struct template_world *world;
};

struct template_file {
	const char *name;	/* below the module's folder; NULL ends */
	const char *text;	/* with @ID@ @UUID@ @WORLD@ @SERVER@ @COPIES@ */
};
extern const struct template_file template_files[];

void template_fill(const struct template_file *f,
		   const struct template_names *names, struct text *out);

#endif
