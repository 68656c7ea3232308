/* main.c - millrace, from the outside: a command line and an exit status */
#include <signal.h>

#include "lab/cli.h"

int main(int argc, char **argv)
{
	int status;

	/* A file that may not grow further (ulimit -f) is an error like a full
	 * disk, told where it happens, and no reason to die. */
	signal(SIGXFSZ, SIG_IGN);
	status = cli_main(cli_verbs, argc, argv, stdin, stdout, stderr);

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("millrace: the output could not be written\n", stderr);
	return CLI_ENVIRONMENT;
}
