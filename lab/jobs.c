/* jobs.c - the same work for many things, several at a time */
#include "lab/jobs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/mem.h"

struct worker {
	pid_t pid;		/* 0: none could be made */
	int fd;			/* what it says */
};

static void be_worker(const struct jobs *j, size_t i, int fd)
{
	struct text said = {0};
	bool good = j->work(j->ctx, i, &said);
	const char *at = text_cstr(&said);
	ssize_t n = 1;

	for (; said.len && n > 0; at += n, said.len -= (size_t)n)
		n = write(fd, at, said.len);
	_exit(good ? 0 : 1);
}

static void worker_start(const struct jobs *j, size_t i, struct worker *w)
{
	int fds[2];

	if (pipe(fds) != 0)
		return;
	fflush(NULL);
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		be_worker(j, i, fds[1]);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (w->pid < 0) {
		close(w->fd);
		w->pid = 0;
	}
}

static bool worker_end(const struct jobs *j, size_t i, struct worker *w)
{
	struct text said = {0};
	char buf[4096];
	ssize_t n;
	int status = -1;
	bool more;

	while ((n = read(w->fd, buf, sizeof(buf))) > 0)
		text_bytes(&said, buf, (size_t)n);
	close(w->fd);
	waitpid(w->pid, &status, 0);
	w->pid = 0;
	more = j->heard(j->ctx, i, WIFEXITED(status) && !WEXITSTATUS(status),
			WIFSIGNALED(status) ? WTERMSIG(status) : 0, &said);
	text_free(&said);
	return more;
}

static bool work_here(const struct jobs *j, size_t i)
{
	struct text said = {0};
	bool good = j->work(j->ctx, i, &said);
	bool more = j->heard(j->ctx, i, good, 0, &said);

	text_free(&said);
	return more;
}

static void give_up(struct worker *workers, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (!workers[i].pid)
			continue;
		kill(workers[i].pid, SIGKILL);
		close(workers[i].fd);
		waitpid(workers[i].pid, NULL, 0);
	}
}

void jobs_run(const struct jobs *j)
{
	struct worker *workers = mem_zeroed(j->count + 1, sizeof(*workers));
	size_t started = 0, i = 0;
	bool more = true;

	for (; more && i < j->count; i++) {
		while (j->at_once > 1 && started < j->count &&
		       started < i + j->at_once) {
			worker_start(j, started, &workers[started]);
			started++;
		}
		more = workers[i].pid ? worker_end(j, i, &workers[i]) :
					work_here(j, i);
	}
	give_up(workers, i, started);
	free(workers);
}

size_t jobs_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (size_t)n : 1;
}
