/* cli.h - the command line: verbs, their options, and what an exit status says
 *
 *	millrace VERB [OPTION]... [ARGUMENT]... [-- COMMAND...]
 *
 * A verb is a row of a table: its name, what it does, its options, and the
 * function that runs it.  Help, completion of a mistyped word and the pages
 * in docs/ come from that table, so they cannot say something else than the
 * program does.
 *
 * Options are written `--name VALUE` or `--name=VALUE`, in any order among the
 * arguments; after `--` nothing is an option.  Every verb has --help.
 */
#ifndef LAB_CLI_H
#define LAB_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/core/err.h"
#include "sim/core/simtime.h"

/* The contract of design.md 5: graders and scripts rely on these numbers. */
enum cli_exit {
	CLI_DONE,		/* done, passed */
	CLI_NOT_PASSED,
	CLI_USAGE,		/* the command line is at fault */
	CLI_ENVIRONMENT,	/* this machine, or a file of the user's, is */
	CLI_CONTENT,		/* a module or the course is */
};

struct cli_option {
	const char *name;	/* without the dashes; NULL ends a list */
	const char *value;	/* what its value is called; NULL: a flag */
	const char *help;
};

struct cli;

struct cli_verb {
	const char *name;	/* NULL ends a list */
	const char *arguments;	/* "ID --script FILE", for the usage line */
	const char *summary;	/* one line of `millrace help` */
	const char *more;	/* a paragraph for --help; may be NULL */
	const struct cli_option *options;	/* may be NULL */
	int arguments_min, arguments_max;	/* max < 0: any number */
	bool takes_rest;	/* words after `--` are a command */
	int (*run)(struct cli *c);	/* NULL: not in this version yet */
};

extern const struct cli_verb cli_verbs[];

/* One option that was given.  One may be given several times. */
struct cli_given {
	const struct cli_option *option;
	const char *value;
};

struct cli {
	const struct cli_verb *verb;
	FILE *out, *err;
	FILE *in;
	const char *program;	/* argv[0] */
	const char *content;	/* --content DIR, or NULL */
	struct cli_given *given;
	size_t given_count;
	const char **arguments;
	int argument_count;
	const char **rest;	/* what stood behind `--` */
	int rest_count;
};

/* Run a whole command line on the verbs of `verbs`. */
int cli_main(const struct cli_verb *verbs, int argc, char **argv,
	     FILE *in, FILE *out, FILE *err);

/* --- for verbs ---------------------------------------------------------- */

bool cli_has(const struct cli *c, const char *option);
const char *cli_value(const struct cli *c, const char *option);	/* or NULL */
/* Value n (from 0) of an option that was given several times, or NULL. */
const char *cli_value_at(const struct cli *c, const char *option, size_t n);

/* The value as a number or a time, `otherwise` when it is not given.  False:
 * it is none, and the reason was printed; the verb returns CLI_USAGE. */
bool cli_number(const struct cli *c, const char *option, uint64_t otherwise,
		uint64_t *out);
bool cli_time(const struct cli *c, const char *option, sim_time otherwise,
	      sim_time *out);

/* Print "millrace VERB: sentence" to err, and return the exit status. */
int cli_fail(const struct cli *c, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int cli_fail_err(const struct cli *c, int status, const struct err *err);

/* What is printed to a stream: 1 is c->out, any other c->err. */
void cli_print(void *cli, int stream, const char *bytes, size_t len);

void cli_help(const struct cli_verb *verbs, FILE *out);
void cli_verb_help(const struct cli_verb *v, FILE *out);

/* --- nearest names ------------------------------------------------------ */

/* How many letters apart: inserted, left out, changed or swapped. */
int cli_distance(const char *a, const char *b);

/* Keeps the nearest of the names it was shown. */
struct cli_nearest {
	const char *wanted;
	char name[64];		/* "": none is near enough to be meant */
	int distance;
};
void cli_nearest_look(struct cli_nearest *n, const char *name);
/* "; did you mean `x`?" or "", in the caller's buffer. */
const char *cli_nearest_hint(const struct cli_nearest *n, char *buf,
			     size_t cap);

#endif
