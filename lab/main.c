/* main.c - millrace, from the outside: a command line and an exit status */
#include "lab/cli.h"

int main(int argc, char **argv)
{
	int status = cli_main(cli_verbs, argc, argv, stdin, stdout, stderr);

	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fputs("millrace: the output could not be written\n", stderr);
	return CLI_ENVIRONMENT;
}
