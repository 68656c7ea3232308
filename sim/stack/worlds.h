/* worlds.h - between the stack's files: the root, building blocks of worlds */
#ifndef SIM_STACK_WORLDS_H
#define SIM_STACK_WORLDS_H

#include "sim/host/host.h"
#include "sim/stack/terminal.h"

#define STACK_BOOTSTRAP	"broker-1:9092,broker-2:9092,broker-3:9092"

struct stack {
	struct terminal_root root;	/* first: terminal.h */
};

/* A name that a process or a topic can have. */
bool stack_good_name(const char *s);
/* The machine of `on=`; NULL, err set: there is none of this name. */
struct machine *stack_machine(struct world *w, const char *args,
			      const char *otherwise, struct err *err);

/* Let the world's monitor, if there is one, scrape a process. */
void watch_process(struct world *w, struct process *p, const char *job);

#endif
