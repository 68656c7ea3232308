/* test.h - cmocka, in the order it wants its headers
 *
 * One program per test_x.c, one group per file, each test named as a promise
 * (`ties_leave_in_arrival_order`).  Programs run in the top folder of the
 * tree.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Built with a sanitizer: slower by some times, with a malloc of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define TEST_SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TEST_SANITIZED	1
#endif
#endif

/* Line by line, so that stdout and stderr keep their order in a log and
 * nothing is lost when a test aborts. */
__attribute__((constructor)) static inline void test_stdout_by_line(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}

/*
 * Compare with tests/golden/NAME, a text people have read and agreed with.
 * With GOLDEN set (`make golden`) the file is rewritten instead; the diff is
 * then reviewed.  On a difference both texts are in the failure's output.
 */
static inline void test_golden(const char *name, const char *text)
{
	size_t len = strlen(text), want_len;
	char path[512], *want;
	long end;
	FILE *f;

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	f = fopen(path, getenv("GOLDEN") ? "wb" : "rb");
	if (!f)
		fail_msg("%s: cannot be opened; `make golden` writes it", path);
	if (getenv("GOLDEN")) {
		if (fwrite(text, 1, len, f) != len || fclose(f) != 0)
			fail_msg("%s: cannot be written", path);
		return;
	}
	fseek(f, 0, SEEK_END);
	end = ftell(f);
	rewind(f);
	assert_true(end >= 0);
	want = calloc((size_t)end + 1, 1);
	assert_non_null(want);
	want_len = fread(want, 1, (size_t)end, f);
	fclose(f);
	assert_int_equal(want_len, end);
	assert_string_equal(text, want);
	free(want);
}

#endif
