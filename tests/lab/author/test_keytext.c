/* test_keytext.c - names of keys in texts
 *
 * Method: a table of texts, each with what a learner with keys and one without
 * reads.  Goal: well-formed names are filled in and nothing else is touched,
 * wherever a text is cut.
 */
#include "tests/test.h"

#include "lab/course/keytext.h"

/* A keymap with two keys. */
static const char *keys(void *ctx, const char *action)
{
	(void)ctx;
	if (strcmp(action, "exercise.check") == 0)
		return "F2";
	return strcmp(action, "view.metrics.next-page") == 0 ? "Ctrl-F" : NULL;
}

static const struct {
	const char *text, *screen, *plain;
} cases[] = {
	{ "", "", "" },
	{ "no key here { } {key", "no key here { } {key",
	  "no key here { } {key" },
	{ "Press {key:exercise.check}.", "Press F2.", "Press check." },
	{ "{key:exercise.check}{key:exercise.check}", "F2F2", "checkcheck" },
	{ "{key:view.metrics.next-page}", "Ctrl-F", "next-page" },
	{ "{key:exercise.hint}", "hint", "hint" },	/* has no key */
	{ "\\{key:exercise.check} is the form", "{key:exercise.check} is the "
	  "form", "{key:exercise.check} is the form" },
	{ "a \\ b", "a \\ b", "a \\ b" },
	/* ill-formed: left as they are */
	{ "{key:check}", "{key:check}", "{key:check}" },
	{ "{key:}", "{key:}", "{key:}" },
	{ "{key:Exercise.Check}", "{key:Exercise.Check}",
	  "{key:Exercise.Check}" },
	{ "{key:a..b}", "{key:a..b}", "{key:a..b}" },
	{ "{key:a.b.}", "{key:a.b.}", "{key:a.b.}" },
	{ "{key: exercise.check}", "{key: exercise.check}",
	  "{key: exercise.check}" },
	{ "{key:exercise.\ncheck}", "{key:exercise.\ncheck}",
	  "{key:exercise.\ncheck}" },
	{ "{key:{key:exercise.check}", "{key:{key:exercise.check}",
	  "{key:{key:exercise.check}" },
	{ "{key:exercise.check", "{key:exercise.check",
	  "{key:exercise.check" },
};

static void expect(const char *s, keytext_lookup *lookup, const char *want)
{
	struct text t = {0};

	keytext_fill(s, strlen(s), lookup, NULL, &t);
	if (strcmp(text_cstr(&t), want) != 0)
		fail_msg("`%s`: `%s`, not `%s`", s, text_cstr(&t), want);
	text_free(&t);
}

static void texts_name_the_keys_that_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect(cases[i].text, keys, cases[i].screen);
		expect(cases[i].text, NULL, cases[i].plain);
	}
}

static void long_names_are_no_names(void **state)
{
	char s[200];

	(void)state;
	strcpy(s, "{key:a.");
	memset(s + 7, 'b', 100);
	strcpy(s + 107, "}");
	expect(s, keys, s);
}

/* Every cut in memory of exactly its size; ASan watches its edges. */
static void any_cut_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t n = 0; n <= strlen(cases[i].text); n++) {
			char *exact = malloc(n ? n : 1);
			struct text t = {0};

			assert_non_null(exact);
			memcpy(exact, cases[i].text, n);
			keytext_fill(exact, n, keys, NULL, &t);
			assert_true(t.len <= n + 8);
			text_free(&t);
			free(exact);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_name_the_keys_that_hold),
		cmocka_unit_test(long_names_are_no_names),
		cmocka_unit_test(any_cut_is_safe),
	};

	return cmocka_run_group_tests_name("keytext", tests, NULL, NULL);
}
