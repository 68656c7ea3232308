/* test_settings.c - who is heard, and who is said to have said it
 *
 * Method: every set of layers that can speak of one key; the one that is heard
 * is the last of them (MicroProfile Config, ordinals).
 */
#include "tests/test.h"

#include "sim/app/settings.h"

static struct world *empty(void)
{
	static const struct module *const modules[MODULE_COUNT] = { NULL };
	struct world_spec spec = { .seed = 1, .modules = modules };

	return world_new(&spec);
}

static const char *const layers[SETTING_LAYERS] = {
	"default", "file", "environment", "argument",
};

static void the_strongest_layer_is_heard(void **state)
{
	(void)state;
	for (unsigned spoken = 0; spoken < 1u << SETTING_LAYERS; spoken++) {
		struct world *w = empty();
		struct settings s = {0};
		const struct setting *heard;
		int last = -1;

		for (int i = SETTING_LAYERS; i--;) {
			if (!(spoken >> i & 1))
				continue;
			settings_put(w, &s, (enum setting_layer)i,
				     i == SETTING_ENVIRONMENT ? "A_B_C" :
				     "a.b-c", layers[i], "somebody");
			last = last < 0 ? i : last;
		}
		heard = settings_find(w, &s, "a.b-c");
		if (last < 0)
			assert_null(heard);
		else
			assert_string_equal(world_text(w, heard->value),
					    layers[last]);
		world_free(w);
	}
}

static void a_variable_is_the_key_in_capitals(void **state)
{
	static const char *const pairs[][2] = {
		{ "server.port", "SERVER_PORT" },
		{ "consumer.auto.offset.reset", "CONSUMER_AUTO_OFFSET_RESET" },
		{ "a-b_c9", "A_B_C9" }, { "", "" },
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		setting_variable(pairs[i][0], out, sizeof(out));
		assert_string_equal(out, pairs[i][1]);
	}
	setting_variable("abcdef", out, 4);
	assert_string_equal(out, "ABC");
}

static void a_number_is_all_of_a_text_or_none(void **state)
{
	struct world *w = empty();
	struct settings s = {0};

	(void)state;
	settings_put(w, &s, SETTING_FILE, "n", "42", "f");
	assert_int_equal(settings_int(w, &s, "n", 7), 42);
	settings_put(w, &s, SETTING_FILE, "n", "42x", "f");
	assert_int_equal(settings_int(w, &s, "n", 7), 7);
	settings_put(w, &s, SETTING_FILE, "n", "", "f");
	assert_int_equal(settings_int(w, &s, "n", 7), 7);
	settings_forget(w, &s, SETTING_FILE, "f");
	assert_null(settings_find(w, &s, "n"));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_layer_is_heard),
		cmocka_unit_test(a_variable_is_the_key_in_capitals),
		cmocka_unit_test(a_number_is_all_of_a_text_or_none),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
