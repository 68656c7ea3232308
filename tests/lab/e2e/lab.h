/* lab.h - the real program in a home of its own, for tests from the outside
 *
 *	struct lab l;
 *
 *	lab_make(&l);
 *	lab_open(&l, "start", "bigdata.first-log", NULL);	in a terminal
 *	pty_keys(&l.p, "'run 1s' Enter");
 *	lab_quit(&l);
 *	lab_run(&l, "progress", &out);		a verb, its status and words
 *	lab_remove(&l);
 *
 * The program is $MILLRACE (tests/run.sh), or the one of the build folder the
 * test lies in.  The course is that of the tree.
 */
#ifndef TESTS_LAB_E2E_LAB_H
#define TESTS_LAB_E2E_LAB_H

#include "tests/lab/tui/pty.h"

#include "lab/paths.h"
#include "lab/progress/store.h"

struct lab {
	char home[64];
	char home_is[96];	/* MILLRACE_HOME=... */
	struct pty p;
};

static char lab_program[4096];

/* Call it first in main. */
static inline void lab_find_program(const char *self)
{
	const char *given = getenv("MILLRACE");
	char beside[4096], here[4096];

	if (!given || !realpath(given, lab_program)) {
		snprintf(beside, sizeof(beside), "%.*s/../../../millrace",
			 (int)(strrchr(self, '/') - self), self);
		if (!realpath(beside, lab_program)) {
			fprintf(stderr, "%s: no program there; `make` builds "
				"it\n", beside);
			exit(1);
		}
	}
	setenv("MILLRACE", lab_program, 1);
	if (getcwd(here, sizeof(here)))
		setenv("MILLRACE_CONTENT", here, 1);
}

static inline void lab_make(struct lab *l)
{
	*l = (struct lab){ .home = "/tmp/millrace-e2e-XXXXXX" };
	assert_non_null(mkdtemp(l->home));
	snprintf(l->home_is, sizeof(l->home_is), "MILLRACE_HOME=%s", l->home);
	l->p.master = -1;
}

static inline void lab_remove(struct lab *l)
{
	char command[128];

	assert_true(strncmp(l->home, "/tmp/millrace-e2e-", 18) == 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", l->home);
	assert_int_equal(system(command), 0);
}

/* `words` and `more` end with NULL; the environment wins over the usual. */
static inline void lab_open_in(struct lab *l, int rows, int cols,
			       const char *const *words,
			       const char *const *more)
{
	const char *argv[16] = { lab_program }, *environment[16] = { l->home_is };
	int n = 1;

	for (int i = 0; words && words[i]; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	n = 1;
	for (int i = 0; more && more[i]; i++)
		environment[n++] = more[i];
	environment[n] = NULL;
	pty_start(&l->p, argv, environment, rows, cols);
}

#define lab_open(l, ...)						\
	do {								\
		lab_open_in(l, 24, 80,					\
			    (const char *[]){ __VA_ARGS__ }, NULL);	\
		pty_settle(&(l)->p);					\
	} while (0)

/* It is over: with this status, and the terminal as it was. */
#define lab_end(l, status)						\
	do {								\
		assert_int_equal(pty_end(&(l)->p), status);		\
		if (!pty_is_restored(&(l)->p))				\
			pty_fail(&(l)->p, "the terminal is not restored",\
				 "");					\
		pty_stop(&(l)->p);					\
	} while (0)

/* A verb through a shell: `words` as one types them.  Adds what it says, on
 * both streams, and gives its status. */
static inline int lab_run_in(const struct lab *l, const char *before,
			     const char *words, struct text *out)
{
	struct text command = {0};
	char bytes[4096];
	size_t len;
	FILE *f;

	text_addf(&command, "MILLRACE_HOME='%s' ; export MILLRACE_HOME; %s "
		  "'%s' %s 2>&1", l->home, before, lab_program, words);
	f = popen(text_cstr(&command), "r");
	assert_non_null(f);
	while ((len = fread(bytes, 1, sizeof(bytes), f)) > 0)
		text_bytes(out, bytes, len);
	text_free(&command);
	if (out->len && strstr(out->at, "Sanitizer:"))
		fail_msg("%s", out->at);
	return WEXITSTATUS(pclose(f));
}

static inline int lab_run(const struct lab *l, const char *words,
			  struct text *out)
{
	return lab_run_in(l, "", words, out);
}

/* The whole log, as JSON lines; it is looked at the way a program would: what
 * a killed one left in the journal is taken in. */
static inline void lab_log(const struct lab *l, struct text *out)
{
	struct store_options o = { .now_ms = INT64_C(1767225600000),
				   .no_backup = true, .place = STORE_LOCAL };
	struct err err;
	struct store *s = store_open(l->home, &o, &err);

	if (!s || !store_verify(s, &err) || !store_export(s, out, &err))
		fail_msg("%s", err.what);
	store_close(s);
}

static inline size_t lab_count(const char *in, const char *words)
{
	size_t n = 0;

	while ((in = strstr(in, words))) {
		n++;
		in += strlen(words);
	}
	return n;
}

#endif
