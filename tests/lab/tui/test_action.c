/* test_action.c - the table of actions keeps the rules of screens.md 5
 *
 * Method: walk the table.  Goal: what can be done can be found, has a twin or
 * a reason, and no key means two things in one place.
 */
#include "tests/test.h"

#include <string.h>

#include "lab/tui/action.h"
#include "lab/tui/key.h"

static void every_action_has_a_name_and_a_twin_or_a_reason(void **state)
{
	(void)state;
	for (const struct action *a = actions; a->id; a++) {
		if (!a->name || !(a->twin || a->no_twin) ||
		    (a->twin && a->no_twin))
			fail_msg("%s: name, twin or reason", a->id);
		if (action_find(a->id) != a)
			fail_msg("%s: there are two", a->id);
		assert_non_null(context_names[a->context]);
	}
}

static void keys_exist_and_none_is_forbidden(void **state)
{
	static const char *const never[] = { "Ctrl-Z", "Ctrl-S", "Ctrl-Q",
					     "Ctrl-\\" };

	(void)state;
	for (const struct action *a = actions; a->id; a++) {
		for (int i = 0; i < ACTION_KEYS_MAX && a->keys[i]; i++) {
			if (key_named(a->keys[i]) == K_NONE)
				fail_msg("%s: no key %s", a->id, a->keys[i]);
			for (int n = 0; n < 4; n++)
				if (strcmp(a->keys[i], never[n]) == 0)
					fail_msg("%s: %s", a->id, never[n]);
		}
		if (a->label && !a->keys[0])
			fail_msg("%s: in the footer without a key", a->id);
	}
	for (int n = 0; n < 4; n++)
		assert_false(action_bind("time.toggle", never[n]));
}

static void no_key_means_two_things_in_one_context(void **state)
{
	(void)state;
	for (const struct action *a = actions; a->id; a++)
		for (const struct action *b = a + 1; b->id; b++) {
			if (a->context != b->context)
				continue;
			for (int i = 0; i < ACTION_KEYS_MAX && a->keys[i]; i++)
				if (action_has_key(b, key_named(a->keys[i])))
					fail_msg("%s: %s and %s", a->keys[i],
						 a->id, b->id);
		}
}

/* On other keyboards a shifted mark is somewhere else, or needs three keys. */
static void no_shifted_mark_is_the_only_key(void **state)
{
	static const char marks[] = "{}:?<>\"|_~@#$%^&*()+!";

	(void)state;
	for (const struct action *a = actions; a->id; a++)
		if (a->keys[0] && !a->keys[0][1] && strchr(marks, *a->keys[0]) &&
		    !a->keys[1])
			fail_msg("%s: only %s", a->id, a->keys[0]);
}

static void names_of_keys_go_both_ways(void **state)
{
	static const struct {
		const char *name;
		uint32_t key;
	} rows[] = {
		{ "a", 'a' }, { "?", '?' }, { "Space", ' ' }, { "Enter", 13 },
		{ "Esc", 27 }, { "Ctrl-C", 3 }, { "Ctrl-_", 31 },
		{ "F2", K_F2 }, { "F12", K_F12 }, { "Alt-B", K_ALT | 'b' },
		{ "Alt-Backspace", K_ALT | K_BACKSPACE },
		{ "Shift-Tab", K_BACKTAB }, { "ä", 0xe4 }, { "Z", 'Z' },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char name[KEY_NAME_MAX];

		assert_int_equal(key_named(rows[i].name), rows[i].key);
		key_name(rows[i].key, name);
		assert_string_equal(name, rows[i].name);
	}
	assert_int_equal(key_named(""), K_NONE);
	assert_int_equal(key_named("Ctrl-"), K_NONE);
	assert_int_equal(key_named("nope"), K_NONE);
}

static void a_bound_key_takes_the_place_of_the_others(void **state)
{
	static const enum context in[] = { CTX_TIME, CTX_COUNT };

	(void)state;
	assert_true(action_bind("time.save", "F12"));
	assert_string_equal(action_of_key(in, K_F12)->id, "time.save");
	assert_null(action_of_key(in, 's'));
	/* A key of another: the new owner has it. */
	assert_true(action_bind("time.save", "r"));
	assert_string_equal(action_of_key(in, 'r')->id, "time.save");
	action_bind_reset();
	assert_string_equal(action_of_key(in, 'r')->id, "time.rewind");
	assert_false(action_bind("time.save", "no such key"));
	assert_false(action_bind("no.such", "a"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_has_a_name_and_a_twin_or_a_reason),
		cmocka_unit_test(keys_exist_and_none_is_forbidden),
		cmocka_unit_test(no_key_means_two_things_in_one_context),
		cmocka_unit_test(no_shifted_mark_is_the_only_key),
		cmocka_unit_test(names_of_keys_go_both_ways),
		cmocka_unit_test(a_bound_key_takes_the_place_of_the_others),
	};

	return cmocka_run_group_tests_name("tui/action", tests, NULL, NULL);
}
