/* embed.c - turns files into one C table (struct embedded_file)
 *
 * Usage: embed PREFIX FILE...  > embedded.c
 * The name of an entry is its path without PREFIX.  Runs on the machine that
 * builds.  One line of a file becomes one line of the table, to be readable
 * in a debugger and in a diff.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(int c)
{
	switch (c) {
	case '\n':
		fputs("\\n\"\n\t\"", stdout);
		return;
	case '"':
	case '\\':
	case '?':	/* no trigraphs by accident */
		printf("\\%c", c);
		return;
	}
	if (c < 0x20 || c > 0x7e)
		printf("\\%03o", (unsigned)c);
	else
		putchar(c);
}

static void embed(const char *path, const char *prefix)
{
	size_t skip = strlen(prefix), len = 0;
	FILE *in = fopen(path, "rb");
	int c;

	if (!in) {
		perror(path);
		exit(1);
	}
	if (strncmp(path, prefix, skip) != 0)
		skip = 0;
	printf("{\n\t\"%s\",\n\t\"", path + skip);
	for (; (c = getc(in)) != EOF; len++)
		put(c);
	printf("\",\n\t%zu\n},\n", len);
	if (ferror(in)) {
		perror(path);
		exit(1);
	}
	fclose(in);
}

int main(int argc, char **argv)
{
	printf("/* Written by scripts/embed.c. */\n"
	       "#include \"lua/embedded.h\"\n\n"
	       "const struct embedded_file embedded_files[] = {\n");
	for (int i = 2; i < argc; i++)
		embed(argv[i], argv[1]);
	printf("{ NULL, NULL, 0 }\n};\n");
	return fflush(stdout) == 0 ? 0 : 1;
}
