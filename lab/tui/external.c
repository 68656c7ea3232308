/* external.c - other programs: an editor that gets the terminal, a tool that
 * gets a text */
#include "lab/tui/external.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/text.h"

enum { FEED_MS = 3000, CANNOT_START = 127 };

/* --- words ------------------------------------------------------------------------- */

/* Copies one word to *to; false: a quote is open. */
static bool cut_word(const char **from, char **to)
{
	const char *s = *from;
	char quote = 0;

	for (; *s && (quote || !strchr(" \t\n", *s)); s++) {
		if (quote ? *s == quote : *s == '\'' || *s == '"') {
			quote = quote ? 0 : *s;
			continue;
		}
		if (*s == '\\' && quote != '\'' && s[1])
			s++;
		*(*to)++ = *s;
	}
	*(*to)++ = '\0';
	*from = s;
	return !quote;
}

bool external_cut(struct external *e, const char *command, struct err *err)
{
	const char *s = command;
	char *to;

	*e = (struct external){ .bytes = malloc(2 * strlen(command) + 1) };
	if (!e->bytes)
		abort();
	to = e->bytes;
	while (*(s += strspn(s, " \t\n"))) {
		char *word = to;

		if (!cut_word(&s, &to)) {
			external_release(e);
			return err_set(err, "`%s`: a quote is open", command);
		}
		if (e->count == EXTERNAL_WORDS_MAX) {
			external_release(e);
			return err_set(err, "`%s`: more than %d words",
				       command, EXTERNAL_WORDS_MAX);
		}
		e->words[e->count++] = word;
	}
	if (e->count)
		return true;
	external_release(e);
	return err_set(err, "the command is empty");
}

bool external_add(struct external *e, const char *word)
{
	if (e->count > EXTERNAL_WORDS_MAX)
		return false;
	e->words[e->count++] = (char *)word;	/* borrowed, and not changed */
	return true;
}

void external_release(struct external *e)
{
	free(e->bytes);
	*e = (struct external){0};
}

/* --- running --------------------------------------------------------------------------- */

static void on(int signal, void (*handler)(int), struct sigaction *was)
{
	struct sigaction act = { .sa_handler = handler };

	sigemptyset(&act.sa_mask);
	sigaction(signal, &act, was);
}

/* What we ignore the other program must not. */
static void __attribute__((noreturn)) become(char *const argv[])
{
	static const int signals[] = { SIGINT, SIGQUIT, SIGTSTP, SIGTTIN,
				       SIGTTOU, SIGPIPE, SIGTERM, SIGHUP };
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		on(signals[i], SIG_DFL, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	_exit(CANNOT_START);
}

static bool judge(int status, const char *name, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_START)
		return err_set(err, "`%s` cannot be started", name);
	if (WIFEXITED(status))
		return err_set(err, "`%s` ended with status %d", name,
			       WEXITSTATUS(status));
	return err_set(err, "`%s` was ended by signal %d", name,
		       WTERMSIG(status));
}

/* --- an editor ----------------------------------------------------------------------------- */

/* It stopped with ^Z, and so do we; the shell's `fg` wakes us, we wake it. */
static void stop_too(pid_t pid)
{
	raise(SIGSTOP);
	kill(pid, SIGCONT);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	for (;;) {
		if (waitpid(pid, &status, WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			return CANNOT_START << 8;
		}
		if (!WIFSTOPPED(status))
			return status;
		stop_too(pid);
	}
}

static bool run_here(char *const argv[], struct err *err)
{
	static const int kept[] = { SIGINT, SIGQUIT, SIGTSTP };
	struct sigaction were[3];
	int status;
	pid_t pid;

	fflush(NULL);
	for (int i = 0; i < 3; i++)
		on(kept[i], SIG_IGN, &were[i]);
	pid = fork();
	if (pid == 0)
		become(argv);
	status = pid > 0 ? wait_for(pid) : CANNOT_START << 8;
	for (int i = 0; i < 3; i++)
		sigaction(kept[i], &were[i], NULL);
	return judge(status, argv[0], err);
}

static const char *editor(void)
{
	const char *e = getenv("VISUAL");

	if (!e || !*e)
		e = getenv("EDITOR");
	return e && *e ? e : "vi";
}

bool external_edit(const char *path, struct err *err)
{
	struct external e;
	struct err why;
	bool good;

	if (!external_cut(&e, editor(), &why))
		return err_set(err, "the editor: %s; set EDITOR", why.what);
	good = external_add(&e, path) && run_here(e.words, &why);
	external_release(&e);
	return good || err_set(err, "the editor: %s; EDITOR says which one",
			       why.what);
}

/* --- a tool ------------------------------------------------------------------------------------ */

bool external_exists(const char *name)
{
	const char *path = getenv("PATH");
	struct text full = {0};
	bool found = false;

	while (path && *path && !found) {
		size_t len = strcspn(path, ":");

		text_clear(&full);
		text_bytes(&full, path, len);
		text_addf(&full, "/%s", name);
		found = access(text_cstr(&full), X_OK) == 0;
		path += len + (path[len] == ':');
	}
	text_free(&full);
	return found;
}

/* Tools that hold a clipboard go on in the background; what they were started
 * by ends soon.  One that asks a display nobody answers at would not. */
static int wait_a_little(pid_t pid)
{
	int status;

	for (int waited = 0; waited < FEED_MS; waited += 5) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR)
			return CANNOT_START << 8;
		poll(NULL, 0, 5);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

/* From a file: a pipe would wait for one that does not read. */
static FILE *as_file(const char *text, size_t len)
{
	FILE *f = tmpfile();

	if (f && (fwrite(text, 1, len, f) != len || fflush(f) != 0)) {
		fclose(f);
		return NULL;
	}
	if (f)
		rewind(f);
	return f;
}

bool external_feed(char *const argv[], const char *text, size_t len,
		   struct err *err)
{
	FILE *input = as_file(text, len);
	int status, nowhere;
	pid_t pid;

	if (!input)
		return err_set(err, "no room for a temporary file: %s",
			       strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		nowhere = open("/dev/null", O_WRONLY);
		dup2(fileno(input), STDIN_FILENO);
		dup2(nowhere, STDOUT_FILENO);
		dup2(nowhere, STDERR_FILENO);
		become(argv);
	}
	status = pid > 0 ? wait_a_little(pid) : CANNOT_START << 8;
	fclose(input);
	return judge(status, argv[0], err);
}
