/* host.c - what a store asks of the machine: whose, which disk, one only */
#include "lab/progress/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "lab/paths.h"

int host_private(void)
{
	return (int)umask(077);
}

void host_usual(int was)
{
	umask((mode_t)was);
}

bool host_folder(const char *path, struct err *err)
{
	int was = host_private();
	bool good = path_make(path, err);

	host_usual(was);
	if (good && !path_is_folder(path))
		return err_set(err, "%s: is no folder; move it away, or set "
			       "MILLRACE_HOME to another place", path);
	if (good)
		chmod(path, 0700);	/* not ours to insist on */
	return good;
}

/* The numbers are those of statfs(2). */
const char *host_network(const char *folder)
{
#ifdef __linux__
	static const struct { unsigned long magic; const char *name; } known[] =
	{
		{ 0x6969, "NFS" }, { 0x517b, "SMB" }, { 0xff534d42, "SMB" },
		{ 0xfe534d42, "SMB" }, { 0x5346414f, "AFS" },
		{ 0x6b414653, "AFS" }, { 0x73757245, "Coda" },
		{ 0x65735546, "FUSE" }, { 0x01021997, "9p" },
	};
	struct statfs fs;

	if (statfs(folder, &fs) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == known[i].magic)
			return known[i].name;
#else
	(void)folder;
#endif
	return NULL;
}

static void host_name(char *out, size_t cap)
{
	if (gethostname(out, cap) != 0)
		snprintf(out, cap, "unknown");
	out[cap - 1] = '\0';
}

/* Of this machine, and no longer running. */
static bool is_stale(const char *path, long *pid, char host[256])
{
	char here[256];
	FILE *f = fopen(path, "r");
	int n;

	*pid = 0;
	strcpy(host, "unknown");
	if (!f)
		return errno == ENOENT;
	n = fscanf(f, "%ld %255s", pid, host);
	fclose(f);
	host_name(here, sizeof(here));
	return n == 2 && *pid > 0 && strcmp(host, here) == 0 &&
	       kill((pid_t)*pid, 0) != 0 && errno == ESRCH;
}

static bool try_lock(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char here[256];

	if (fd < 0)
		return false;
	host_name(here, sizeof(here));
	dprintf(fd, "%ld %s\n", (long)getpid(), here);
	close(fd);
	return true;
}

bool host_lock(const char *path, struct err *err)
{
	char host[256];
	long pid;

	if (try_lock(path))
		return true;
	if (errno != EEXIST)
		return err_set(err, "%s: cannot be made: %s", path,
			       strerror(errno));
	if (is_stale(path, &pid, host)) {
		unlink(path);
		if (try_lock(path))
			return true;
	}
	return err_set(err, "%s: another Millrace has progress open (process "
		       "%ld on %s); end it, or remove this file if there is "
		       "none", path, pid, host);
}

void host_unlock(const char *path)
{
	unlink(path);
}

bool host_move(const char *from, const char *to, struct err *err)
{
	static const char *const beside[] = { "", "-wal", "-shm", "-journal" };

	for (int i = 0; i < 4; i++) {
		struct text a = {0}, b = {0};
		bool good;

		text_addf(&a, "%s%s", from, beside[i]);
		text_addf(&b, "%s%s", to, beside[i]);
		good = rename(text_cstr(&a), text_cstr(&b)) == 0 ||
		       errno == ENOENT;
		if (!good)
			err_set(err, "%s: cannot be renamed to %s: %s",
				text_cstr(&a), text_cstr(&b), strerror(errno));
		text_free(&a);
		text_free(&b);
		if (!good)
			return false;
	}
	return true;
}

bool host_sync(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (!good)
		err_set(err, "%s: cannot be written to the disk: %s", path,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

bool host_random(void *bytes, size_t len, struct err *err)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read(fd, bytes, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return good || err_set(err, "/dev/urandom: cannot be read: %s",
			       strerror(errno));
}
