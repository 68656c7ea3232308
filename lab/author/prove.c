/* prove.c - the proofs of an exercise, while the screen stays alive */
#include "lab/author/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/mem.h"

enum { SIGNAL_MAX = 31 };

/* --- in the child --------------------------------------------------------- */

struct teller {
	int fd;
	pid_t parent;
};

/* Who listens is gone: then nobody wants to know. */
static void tell(const struct teller *t, struct text *line)
{
	const char *at = text_cstr(line);
	size_t left = line->len;

	while (left) {
		ssize_t n = write(t->fd, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || getppid() != t->parent)
			_exit(1);
		at += n;
		left -= (size_t)n;
	}
	text_free(line);
}

static void tell_run(void *ctx, const struct exercise *m, const char *proof)
{
	struct text t = {0};

	(void)m;
	text_addf(&t, "run %s\n", proof);
	tell(ctx, &t);
}

static void tell_seed(void *ctx, const char *proof, size_t done, size_t of)
{
	struct text t = {0};

	text_addf(&t, "seed %s %zu %zu\n", proof, done, of);
	tell(ctx, &t);
}

static const char *const result_words[] = {
	[PROOF_HOLDS] = "holds", [PROOF_FAILS] = "fails",
	[PROOF_SKIPPED] = "skipped",
};

static void tell_result(void *ctx, const struct proof *p)
{
	struct text t = {0};

	text_addf(&t, "%s %s ", result_words[p->status], p->name);
	for (const char *s = p->message; *s; s++)
		text_char(&t, *s == '\n' ? ' ' : *s);
	text_char(&t, '\n');
	tell(ctx, &t);
}

/* One word: the fields are parted by tabs. */
static void add_field(struct text *out, const char *s)
{
	text_char(out, '\t');
	for (; *s; s++)
		text_char(out, strchr("\t\n", *s) ? ' ' : *s);
}

static void tell_wrong(void *ctx, const struct wrong_fix *f)
{
	struct text t = {0};

	text_addf(&t, "wrong %s", f->is_caught ? "caught" : "missed");
	add_field(&t, f->by);
	add_field(&t, f->name);
	add_field(&t, f->said ? f->said : "");
	text_char(&t, '\n');
	tell(ctx, &t);
}

/*
 * What the program does on a signal is about its terminal, which is not ours.
 * Keys of an editor that has the terminal meanwhile (Ctrl-C) are not meant for
 * us, either.
 */
static void be_nobody(void)
{
	int nowhere = open("/dev/null", O_RDWR);

	for (int s = 1; s <= SIGNAL_MAX; s++)
		signal(s, s == SIGINT || s == SIGQUIT || s == SIGTSTP ?
			  SIG_IGN : SIG_DFL);
	for (int fd = 0; fd <= 2 && nowhere >= 0; fd++)
		dup2(nowhere, fd);
}

static void __attribute__((noreturn))
prove(const struct exercise *m, const struct verify_options *wanted,
      struct teller *t)
{
	struct verify_options o = *wanted;
	struct verify_report r;

	o.progress = tell_run;
	o.seed = tell_seed;
	o.proved = tell_result;
	o.ctx = t;
	be_nobody();
	verify_exercise(m, &o, &r);
	_exit(0);
}

/* --- its life ------------------------------------------------------------- */

static void set_message(struct prover_row *r, const char *message)
{
	free(r->message);
	r->message = mem_copy(message);
}

void prover_init(struct prover *p)
{
	size_t count = 0;

	while (proof_claims[count].name)
		count++;
	*p = (struct prover){ .row_count = count };
	p->rows = mem_zeroed(count, sizeof(*p->rows));
	for (size_t i = 0; i < count; i++) {
		p->rows[i].name = proof_claims[i].name;
		p->rows[i].claim = proof_claims[i].claim;
		set_message(&p->rows[i], "");
	}
}

static void forget_wrong(struct prover *p)
{
	for (size_t i = 0; i < p->wrong_count; i++) {
		free(p->wrong[i].by);
		free(p->wrong[i].name);
		free(p->wrong[i].said);
	}
	free(p->wrong);
	p->wrong = NULL;
	p->wrong_count = 0;
}

static void blank(struct prover *p)
{
	forget_wrong(p);
	for (size_t i = 0; i < p->row_count; i++) {
		struct prover_row *r = &p->rows[i];

		r->state = ROW_WAITS;
		r->done = r->of = 0;
		set_message(r, "");
	}
	p->failed = 0;
	text_clear(&p->heard);
}

static bool start(struct prover *p, const struct exercise *m,
		  const struct verify_options *o, int fds[2])
{
	struct teller t = { .fd = fds[1], .parent = getpid() };

	fflush(NULL);		/* nothing is to be written twice */
	p->pid = fork();
	if (p->pid == 0) {
		close(fds[0]);
		prove(m, o, &t);
	}
	close(fds[1]);
	p->fd = fds[0];
	if (p->pid < 0)
		close(p->fd);
	return p->pid > 0;
}

static bool begin(struct prover *p, const struct exercise *m,
		  const struct verify_options *o, struct err *err)
{
	int fds[2];

	prover_stop(p);
	blank(p);
	p->state = PROVER_STOPPED;
	if (pipe(fds) != 0)
		return err_set(err, "no pipe for the proof: %s",
			       strerror(errno));
	/* An editor that is started meanwhile has no use for it. */
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	if (!start(p, m, o, fds)) {
		p->pid = 0;
		return err_set(err, "no process for the proof: %s",
			       strerror(errno));
	}
	snprintf(p->hash, sizeof(p->hash), "%s", m->hash);
	p->state = PROVER_RUNS;
	return true;
}

bool prover_start(struct prover *p, const struct exercise *m, run_maker *make,
		  int seeds, struct err *err)
{
	struct verify_options o = { .make = make, .seeds = seeds };

	return begin(p, m, &o, err);
}

bool prover_try(struct prover *p, const struct exercise *m, run_maker *make,
		uint64_t seed, struct err *err)
{
	struct verify_options o = {
		.make = make, .seed_only = seed, .proof_only = "V5",
		.tried = tell_wrong,
	};

	return begin(p, m, &o, err);
}

static int bury(struct prover *p)
{
	int status = 0;

	close(p->fd);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	p->pid = 0;
	return status;
}

void prover_stop(struct prover *p)
{
	if (!p->pid)
		return;
	kill(p->pid, SIGKILL);
	bury(p);
	p->state = PROVER_STOPPED;
	for (size_t i = 0; i < p->row_count; i++)
		if (p->rows[i].state == ROW_RUNS)
			p->rows[i].state = ROW_WAITS;
}

void prover_release(struct prover *p)
{
	prover_stop(p);
	for (size_t i = 0; i < p->row_count; i++)
		free(p->rows[i].message);
	free(p->rows);
	forget_wrong(p);
	text_free(&p->heard);
	*p = (struct prover){0};
}

bool prover_is_of(const struct prover *p, const struct exercise *m)
{
	return p->state != PROVER_NEVER && m && strcmp(p->hash, m->hash) == 0;
}

/* --- what it says --------------------------------------------------------- */

static struct prover_row *row_named(struct prover *p, const char *name)
{
	for (size_t i = 0; i < p->row_count; i++)
		if (strcmp(p->rows[i].name, name) == 0)
			return &p->rows[i];
	return NULL;
}

static void take_state(struct prover *p, struct prover_row *r,
		       const char *word)
{
	static const struct {
		const char *word;
		enum row_state state;
	} states[] = {
		{ "run", ROW_RUNS }, { "holds", ROW_HOLDS },
		{ "fails", ROW_FAILS }, { "skipped", ROW_SKIPPED },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (strcmp(word, states[i].word) == 0)
			r->state = states[i].state;
	p->failed += r->state == ROW_FAILS;
}

/* Up to the tab; the caller frees it.  *at goes behind that. */
static char *take_field(const char **at)
{
	size_t len = strcspn(*at, "\t");
	char *s = strndup(*at, len);

	if (!s)
		abort();
	*at += len + ((*at)[len] == '\t');
	return s;
}

static void take_wrong(struct prover *p, const char *line)
{
	const char *at = line + strcspn(line, "\t");
	struct prover_wrong *w;

	at += *at == '\t';
	p->wrong = mem_grow(p->wrong, (p->wrong_count + 1) * sizeof(*p->wrong));
	w = &p->wrong[p->wrong_count++];
	w->is_caught = strncmp(line, "wrong caught", 12) == 0;
	w->by = take_field(&at);
	w->name = take_field(&at);
	w->said = take_field(&at);
}

static void take_line(struct prover *p, const char *line)
{
	struct prover_row *r;
	char word[16], name[16];
	int used = 0;

	if (strncmp(line, "wrong ", 6) == 0) {
		take_wrong(p, line);
		return;
	}
	if (sscanf(line, "%15s %15s %n", word, name, &used) < 2)
		return;
	r = row_named(p, name);
	if (!r)
		return;
	if (strcmp(word, "seed") == 0) {
		sscanf(line + used, "%zu %zu", &r->done, &r->of);
		return;
	}
	take_state(p, r, word);
	set_message(r, line + used);
}

static void take_lines(struct prover *p)
{
	char *from = p->heard.at, *end;
	size_t left = p->heard.len;

	while (left && (end = memchr(from, '\n', left))) {
		*end = '\0';
		take_line(p, from);
		left -= (size_t)(end + 1 - from);
		from = end + 1;
	}
	if (left < p->heard.len) {
		memmove(p->heard.at, from, left);
		p->heard.at[left] = '\0';
		p->heard.len = left;
	}
}

static void end(struct prover *p)
{
	int status = bury(p);

	p->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	p->state = WIFEXITED(status) && WEXITSTATUS(status) == 0 ?
		   PROVER_DONE : PROVER_CRASHED;
	for (size_t i = 0; i < p->row_count; i++)
		if (p->rows[i].state == ROW_RUNS)
			p->rows[i].state = ROW_WAITS;
}

bool prover_look(struct prover *p, int wait_ms)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	if (!p->pid || poll(&wait, 1, wait_ms) <= 0)
		return false;
	n = read(p->fd, buf, sizeof(buf));
	if (n < 0)
		return false;	/* a signal came first */
	if (n == 0) {
		end(p);
		return true;
	}
	text_bytes(&p->heard, buf, (size_t)n);
	take_lines(p);
	return true;
}
