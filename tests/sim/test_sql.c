/* test_sql.c - the parser of the relational store against any text
 *
 * Method: statements that are right are cut, doubled, and mixed word by word;
 * whatever comes is understood, or refused with a code and a message.  What
 * the statements mean is tested in test_database.c.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/app/sql.h"
#include "sim/core/luck.h"
#include "sim/core/text.h"

static const char *const good[] = {
	"create table if not exists t (a bigint primary key, b text not null "
	"unique, c numeric, d boolean, unique (c, d))",
	"insert into t (a, b) values (1, 'it''s'), (-2, null) on conflict (a) "
	"do update set b = excluded.b, c = t.c + 1.5",
	"select a, \"b\" from t where a >= 5 and b <> 'x' and c is not null "
	"order by a desc, b limit 10;",
	"select count(*), sum(c), min(a), max(b) from t",
	"update t set a = a - 1, d = true where b is null",
	"delete from t where a < 3", "begin work", "commit", "rollback",
};
#define GOOD	(sizeof(good) / sizeof(good[0]))

static void feed(const char *text, size_t len)
{
	struct sql_error e;
	struct sql *s = sql_parse(text, len, &e);

	if (!s) {
		assert_int_equal(strlen(e.code), 5);
		assert_true(e.message[0] != '\0');
	}
	sql_free(s);
}

static void what_is_right_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOOD; i++) {
		struct sql_error e;
		struct sql *s = sql_parse(good[i], strlen(good[i]), &e);

		if (!s)
			fail_msg("%s: %s", good[i], e.message);
		sql_free(s);
	}
}

/* A copy that ends where the text does, so that ASan sees a step too far. */
static void feed_exactly(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	copy[len] = '\0';
	feed(copy, len);
	free(copy);
}

static void every_beginning_is_refused_or_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < GOOD; i++)
		for (size_t len = 0; len <= strlen(good[i]); len++)
			feed_exactly(good[i], len);
}

static void mixed_words_do_no_harm(void **state)
{
	struct luck luck;

	(void)state;
	luck_init(&luck, 1, "test", "sql");
	for (int round = 0; round < 20000; round++) {
		struct text t = {0};
		uint64_t pieces = 1 + luck_below(&luck, 12);

		while (pieces--) {
			const char *s = good[luck_below(&luck, GOOD)];
			size_t from = (size_t)luck_below(&luck, strlen(s));
			size_t len = (size_t)luck_below(&luck, 12);

			text_bytes(&t, s + from, len < strlen(s) - from ? len :
				   strlen(s) - from);
			if (luck_chance(&luck, 1, 3))
				text_char(&t, (char)luck_between(&luck, 1,
								 127));
		}
		feed_exactly(text_cstr(&t), t.len);
		text_free(&t);
	}
}

/* As many values, columns, conditions as there is room for, and one more. */
static void limits_are_said(void **state)
{
	struct text t = {0};
	struct sql_error e;

	(void)state;
	text_add(&t, "insert into t values (0");
	for (int i = 1; i < SQL_COLUMNS_MAX; i++)
		text_add(&t, ", 0");
	text_add(&t, ")");
	sql_free(sql_parse(t.at, t.len, &e));
	assert_string_equal(e.code, "");
	t.at[t.len - 1] = ',';
	text_add(&t, " 0)");
	assert_null(sql_parse(t.at, t.len, &e));
	assert_string_equal(e.code, "54000");
	text_clear(&t);
	text_add(&t, "select * from t where a = 0");
	for (int i = 0; i < SQL_WHERE_MAX; i++)
		text_add(&t, " and a = 0");
	assert_null(sql_parse(t.at, t.len, &e));
	assert_string_equal(e.code, "54000");
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_right_is_understood),
		cmocka_unit_test(every_beginning_is_refused_or_understood),
		cmocka_unit_test(mixed_words_do_no_harm),
		cmocka_unit_test(limits_are_said),
	};

	return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
