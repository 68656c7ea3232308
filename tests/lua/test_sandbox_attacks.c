/* test_sandbox_attacks.c - who tries to break out of the fence ends as it says
 *
 * The attacks are in tests/sandbox/, one script each.  Its first line says how
 * it must end:
 *
 *	-- expect: limit TEXT	a fatal stop, with TEXT in what is said
 *	-- expect: error TEXT	an ordinary error
 *	-- expect: ok TEXT	it returns a string with TEXT in it
 *
 * and each must end within two seconds of CPU time, with one line of text.
 */
#define _POSIX_C_SOURCE 200809L
#include "tests/test.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <lua.h>

#include "lua/sandbox.h"
#include "sim/core/err.h"

#define CORPUS "tests/sandbox"

static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	*len = (size_t)ftell(f);
	rewind(f);
	text = calloc(*len + 1, 1);
	assert_int_equal(fread(text, 1, *len, f), *len);
	fclose(f);
	return text;
}

static bool is_one_line(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

/* Under a sanitizer C is several times slower, and a script that is stopped by
 * fuel elsewhere can meet the CPU clock first. */
#if defined(__SANITIZE_ADDRESS__)
#define SLOW true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW true
#endif
#endif
#ifndef SLOW
#define SLOW false
#endif

static bool says_it(const char *said, const char *fragment)
{
	if (!said)
		return !fragment[0];
	return strstr(said, fragment) || (SLOW && strstr(said, "host limit"));
}

/* True when the script ended as its first line says. */
static bool attack(const char *name)
{
	char path[512], outcome[16], fragment[200] = "";
	const char *ended, *said;
	struct err err = { "" };
	size_t len;

	snprintf(path, sizeof(path), CORPUS "/%s", name);
	char *source = read_file(path, &len);
	if (sscanf(source, "-- expect: %15s %199[^\n]", outcome,
		   fragment) < 1)
		fail_msg("%s: the first line is no `-- expect:`", path);

	struct sandbox *s = sandbox_new(NULL);
	int64_t began_ms = cpu_ms();
	bool ok = sandbox_load(s, name, source, len, &err) &&
		  sandbox_call(s, 0, 1, 0, &err);
	int64_t took_ms = cpu_ms() - began_ms;

	ended = ok ? "ok" : sandbox_stopped(s) ? "limit" : "error";
	said = ok ? lua_tostring(sandbox_state(s), -1) : err.what;
	bool good = strcmp(ended, outcome) == 0 && took_ms < 2000 &&
		    (ok || is_one_line(err.what)) &&
		    says_it(said, fragment);
	if (!good || getenv("VERBOSE"))
		print_message("%s %s: %s, %d ms, %s\n", good ? "    " : "BAD:",
			      name, ended, (int)took_ms, said ? said : "nil");
	if (!ok)
		assert_int_equal(lua_gettop(sandbox_state(s)), 0);
	sandbox_free(s);
	free(source);
	return good;
}

static int is_script(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".lua") == 0;
}

static void every_attack_ends_as_it_says(void **state)
{
	struct dirent **names;
	int n = scandir(CORPUS, &names, is_script, alphasort);
	int bad = 0;

	(void)state;
	assert_true(n >= 35);
	for (int i = 0; i < n; i++) {
		bad += !attack(names[i]->d_name);
		free(names[i]);
	}
	free(names);
	if (bad)
		fail_msg("%d of %d attacks ended otherwise", bad, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_attack_ends_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
