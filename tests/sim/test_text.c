/* test_text.c - table and model: growing, taking, JSON strings */
#include "tests/test.h"

#include "sim/core/text.h"

static void an_empty_text_can_be_printed_and_freed(void **state)
{
	struct text t = {0};

	(void)state;
	assert_string_equal(text_cstr(&t), "");
	text_clear(&t);
	text_free(&t);
	text_free(&t);
	assert_string_equal(text_cstr(&t), "");
}

static void pieces_stand_in_order(void **state)
{
	struct text t = {0};

	(void)state;
	text_add(&t, "lag ");
	text_addf(&t, "%d of %s", 7, "orders");
	text_char(&t, '!');
	text_bytes(&t, "", 0);
	assert_string_equal(text_cstr(&t), "lag 7 of orders!");
	assert_int_equal(t.len, 16);
	text_free(&t);
}

/* Model: a plain array, long enough to cross several growths. */
static void growth_loses_nothing(void **state)
{
	static char want[5001];
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(want) - 1; i++) {
		want[i] = (char)('a' + i % 26);
		text_char(&t, want[i]);
		assert_int_equal(t.at[t.len], 0);
	}
	assert_int_equal(t.len, sizeof(want) - 1);
	assert_string_equal(text_cstr(&t), want);
	text_addf(&t, "%s", want);	/* longer than what is left */
	assert_int_equal(t.len, 2 * (sizeof(want) - 1));
	assert_string_equal(text_cstr(&t) + sizeof(want) - 1, want);
	text_free(&t);
}

static void bytes_may_hold_nuls(void **state)
{
	struct text t = {0};

	(void)state;
	text_bytes(&t, "a\0b", 3);
	assert_int_equal(t.len, 3);
	assert_memory_equal(t.at, "a\0b", 4);
	text_free(&t);
}

static void clearing_keeps_the_memory(void **state)
{
	struct text t = {0};
	size_t cap;

	(void)state;
	text_add(&t, "once");
	cap = t.cap;
	text_clear(&t);
	assert_string_equal(text_cstr(&t), "");
	assert_int_equal(t.cap, cap);
	text_add(&t, "more");
	assert_string_equal(text_cstr(&t), "more");
	text_free(&t);
}

static void taking_leaves_an_empty_text(void **state)
{
	struct text t = {0};
	char *s;

	(void)state;
	text_add(&t, "mine");
	s = text_take(&t);
	assert_string_equal(s, "mine");
	assert_null(t.at);
	free(s);

	s = text_take(&t);	/* of an empty text too */
	assert_string_equal(s, "");
	free(s);
}

static void json_strings_are_always_json(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} row[] = {
		{ "", 0, "\"\"" },
		{ "plain", 5, "\"plain\"" },
		{ "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
		{ "\n\t\r", 3, "\"\\n\\t\\r\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"" },
		/* well-formed: two, three and four bytes, and the last one */
		{ "\xc3\xa9", 2, "\"\xc3\xa9\"" },
		{ "\xe2\x82\xac", 3, "\"\xe2\x82\xac\"" },
		{ "\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"" },
		{ "\xf4\x8f\xbf\xbf", 4, "\"\xf4\x8f\xbf\xbf\"" },
		/* no UTF-8: alone, cut, overlong, surrogate, beyond the last */
		{ "\x80", 1, "\"\xef\xbf\xbd\"" },
		{ "\xff" "a", 2, "\"\xef\xbf\xbd" "a\"" },
		{ "\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80", 4,
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		/* the length counts, not the NUL behind it */
		{ "\xe2\x82\xac", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct text t = {0};

		text_json_bytes(&t, row[i].in, row[i].len);
		assert_string_equal(text_cstr(&t), row[i].out);
		text_free(&t);
	}
}

static void json_adds_to_what_is_there(void **state)
{
	struct text t = {0};

	(void)state;
	text_add(&t, "{\"name\":");
	text_json(&t, "broker-1");
	text_char(&t, '}');
	assert_string_equal(text_cstr(&t), "{\"name\":\"broker-1\"}");
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_text_can_be_printed_and_freed),
		cmocka_unit_test(pieces_stand_in_order),
		cmocka_unit_test(growth_loses_nothing),
		cmocka_unit_test(bytes_may_hold_nuls),
		cmocka_unit_test(clearing_keeps_the_memory),
		cmocka_unit_test(taking_leaves_an_empty_text),
		cmocka_unit_test(json_strings_are_always_json),
		cmocka_unit_test(json_adds_to_what_is_there),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
