/* supervisor.c - a terminal that is whole again, whatever happens inside */
#include "lab/tui/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { PATIENCE_S = 3 };	/* from TERM or HUP to KILL */

/* Mouse, paste, the other screen, keypad, character sets, cursor, colours: in
 * this order, so that nothing of it is drawn on the screen that stays. */
const char terminal_reset[] =
	"\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l"
	"\033[?1049l\033[?1l\033>\033(B\017\033[?25h\033[0m\r";

/* What the terminal was before. */
struct before {
	bool has_modes;		/* stdin is a terminal */
	bool has_screen;	/* stdout is one */
	struct termios modes;
	FILE *aside;		/* the child's stderr, or NULL */
};

/* For the handlers.  The child's number while there is one. */
static volatile sig_atomic_t watched;

static void hand_on(int signal)
{
	int was = errno;

	if (watched)
		kill((pid_t)watched, signal);
	alarm(PATIENCE_S);
	errno = was;
}

static void lose_patience(int signal)
{
	(void)signal;
	if (watched)
		kill((pid_t)watched, SIGKILL);
}

static void on(int signal, void (*handler)(int))
{
	struct sigaction act = { .sa_handler = handler };

	sigemptyset(&act.sa_mask);
	sigaction(signal, &act, NULL);
}

static const struct {
	int signal;
	void (*handler)(int);
} parents[] = {
	{ SIGINT, SIG_IGN }, { SIGQUIT, SIG_IGN }, { SIGTSTP, SIG_IGN },
	{ SIGTERM, hand_on }, { SIGHUP, hand_on }, { SIGALRM, lose_patience },
};
enum { PARENTS = sizeof(parents) / sizeof(*parents) };

/* --- the terminal --------------------------------------------------------------- */

static void look(struct before *b)
{
	*b = (struct before){0};
	b->has_modes = tcgetattr(STDIN_FILENO, &b->modes) == 0;
	b->has_screen = isatty(STDOUT_FILENO);
	b->aside = isatty(STDERR_FILENO) ? tmpfile() : NULL;
}

static void put(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;		/* nobody reads it any more */
		bytes += n;
		len -= (size_t)n;
	}
}

/* In the background these would stop us (SIGTTOU); then they are not ours. */
static void restore(const struct before *b)
{
	if (b->has_modes && tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSADRAIN, &b->modes);
	if (b->has_screen && tcgetpgrp(STDOUT_FILENO) == getpgrp())
		put(STDOUT_FILENO, terminal_reset, sizeof(terminal_reset) - 1);
}

static bool is_restored(const struct before *b)
{
	struct termios now;

	return !b->has_modes || (tcgetattr(STDIN_FILENO, &now) == 0 &&
				 now.c_lflag == b->modes.c_lflag &&
				 now.c_iflag == b->modes.c_iflag);
}

static void tell_aside(struct before *b)
{
	char bytes[4096];
	size_t len;

	if (!b->aside)
		return;
	rewind(b->aside);
	while ((len = fread(bytes, 1, sizeof(bytes), b->aside)) > 0)
		put(STDERR_FILENO, bytes, len);
	fclose(b->aside);
}

/* --- the child -------------------------------------------------------------------- */

static void __attribute__((noreturn))
become(int (*child)(void *ctx), void *ctx, const struct before *b,
       const sigset_t *mask, pid_t parent)
{
	for (int i = 0; i < PARENTS; i++)
		on(parents[i].signal, SIG_DFL);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != parent)	/* it died before we could ask */
		_exit(128 + SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (b->aside)
		dup2(fileno(b->aside), STDERR_FILENO);
	exit(child(ctx));
}

/* Nobody could wake us: no shell in this session started us. */
static bool is_alone(void)
{
	return getsid(getppid()) != getsid(0);
}

/*
 * It stopped: with ^Z it put the terminal back first (tui.c), any other way it
 * did not.  The parent stops with SIGSTOP and ignores SIGTSTP throughout, so
 * that a second ^Z right after `fg` stops the child first, as it should.
 */
static void stop_too(const struct before *b)
{
	if (!is_restored(b))
		restore(b);
	if (!is_alone())
		raise(SIGSTOP);
}

/*
 * When we run again, the shell may have woken the child already, and the child
 * may even have stopped anew; only if nothing is told of it, it still sleeps.
 */
static int watch(pid_t pid, const struct before *b)
{
	int status, wait = 0;

	for (;;) {
		pid_t got = waitpid(pid, &status, WUNTRACED | WCONTINUED | wait);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return 128 << 8;	/* somebody else took it */
		if (got == 0)
			kill(pid, SIGCONT);
		wait = 0;
		if (got == 0 || WIFCONTINUED(status))
			continue;
		if (!WIFSTOPPED(status))
			return status;
		stop_too(b);
		wait = WNOHANG;
	}
}

/* --- what to say -------------------------------------------------------------------- */

static const struct {
	int signal;
	const char *what;
} causes[] = {
	{ SIGKILL, "It was ended from outside (SIGKILL), perhaps because "
		   "memory ran out." },
	{ SIGTERM, "It was asked to end (SIGTERM)." },
	{ SIGHUP, "Its terminal went away (SIGHUP)." },
	{ SIGQUIT, "Ctrl-\\ ended it at once (SIGQUIT)." },
	{ SIGABRT, "A fault in Millrace ended it (SIGABRT)." },
	{ SIGSEGV, "A fault in Millrace ended it (SIGSEGV)." },
	{ SIGBUS, "A fault in Millrace ended it (SIGBUS)." },
	{ SIGFPE, "A fault in Millrace ended it (SIGFPE)." },
	{ SIGILL, "A fault in Millrace ended it (SIGILL)." },
};

static void explain(int signal)
{
	size_t i = 0, count = sizeof(causes) / sizeof(*causes);
	char line[320];
	int len;

	while (i < count && causes[i].signal != signal)
		i++;
	len = snprintf(line, sizeof(line), "millrace: %s What you did is kept; "
		       "`millrace` goes on from there.\n", i < count ?
		       causes[i].what : "A signal ended it.");
	put(STDERR_FILENO, line, (size_t)len);
}

static int finish(int status, struct before *b)
{
	int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
					 WEXITSTATUS(status);

	if (code > 128)
		restore(b);
	tell_aside(b);
	if (code > 128)
		explain(code - 128);
	return code;
}

/* --- both --------------------------------------------------------------------------- */

int supervise(int (*child)(void *ctx), void *ctx)
{
	struct sigaction were[PARENTS];
	pid_t pid, parent = getpid();
	sigset_t held, mask;
	struct before b;
	int status;

	look(&b);
	fflush(NULL);
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &mask);
	for (int i = 0; i < PARENTS; i++) {
		sigaction(parents[i].signal, NULL, &were[i]);
		on(parents[i].signal, parents[i].handler);
	}
	pid = fork();
	if (pid == 0)
		become(child, ctx, &b, &mask, parent);
	watched = pid > 0 ? pid : 0;
	sigprocmask(SIG_SETMASK, &mask, NULL);
	/* No second process: then without one. */
	status = pid < 0 ? child(ctx) << 8 : watch(pid, &b);
	watched = 0;
	alarm(0);
	for (int i = 0; i < PARENTS; i++)
		sigaction(parents[i].signal, &were[i], NULL);
	return finish(status, &b);
}
