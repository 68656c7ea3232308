/* test_fold.c - printed lines in a narrow pane
 *
 * Method: a table of lines, widths and rows; then lines of any kind at every
 * width.  Goal: a row of a table breaks between its cells, nothing is lost, and
 * no row is wider than the pane.
 */
#include "tests/test.h"

#include "lab/tui/grid.h"
#include "lab/views/fold.h"

static const struct {
	const char *line;
	int cols;
	const char *rows;
} folded[] = {
	/* docker ps: a status of three words stays in one piece */
	{ "3f2a1b4c5d6e   apache/kafka:3.9.0   Up 3 minutes   9092/tcp   kafka",
	  47, "3f2a1b4c5d6e  apache/kafka:3.9.0  Up 3 minutes\n"
	      "  9092/tcp  kafka" },
	{ "3f2a1b4c5d6e   apache/kafka:3.9.0   Up 3 minutes   9092/tcp   kafka",
	  40, "3f2a1b4c5d6e  apache/kafka:3.9.0\n"
	      "  Up 3 minutes  9092/tcp  kafka" },
	/* kafka-topics.sh: a name is not parted from its value */
	{ "\tTopic: valves\tPartition: 0\tLeader: 1\tReplicas: 1,3,2\tIsr: 1,3",
	  45, " Topic: valves Partition: 0 Leader: 1\n"
	      "  Replicas: 1,3,2 Isr: 1,3" },
	/* a label and a text that fits in no row */
	{ "alarm      group alarm-39, only what arrives from now on:", 32,
	  "alarm  group alarm-39, only what\n  arrives from now on:" },
	{ "one two three four", 9, "one two\n  three\n  four" },
	{ "short", 40, "short" }, { "", 40, "" }, { "   ", 40, "   " },
};

static void a_row_breaks_between_its_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folded) / sizeof(*folded); i++) {
		struct text t = {0};
		int rows = 1;

		for (const char *s = folded[i].rows; *s; s++)
			rows += *s == '\n';
		assert_int_equal(fold_line(&t, folded[i].line,
					   strlen(folded[i].line),
					   folded[i].cols), rows);
		assert_string_equal(text_cstr(&t), folded[i].rows);
		text_free(&t);
	}
}

/* All but blanks. */
static void squeezed(const char *s, struct text *out)
{
	for (; *s; s++)
		if (!strchr(" \t\n", *s))
			text_char(out, *s);
}

static void nothing_is_lost_and_nothing_is_wider_than_the_pane(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folded) / sizeof(*folded); i++)
		for (int cols = 6; cols < 90; cols++) {
			const char *line = folded[i].line;
			struct text t = {0}, a = {0}, b = {0};

			fold_line(&t, line, strlen(line), cols);
			squeezed(line, &a);
			squeezed(text_cstr(&t), &b);
			assert_string_equal(text_cstr(&a), text_cstr(&b));
			for (char *row = strtok(t.at, "\n"); row;
			     row = strtok(NULL, "\n"))
				assert_true(text_width(row) <= cols);
			text_free(&t);
			text_free(&a);
			text_free(&b);
		}
}

static void a_table_is_told_from_running_text(void **state)
{
	static const char *const tables[] = {
		"NAME   READY", "a\tb", "  P: 0\tLeader: 0",
	};
	static const char *const texts[] = {
		"one two", "    indented text", "ends in blanks   ", "",
		"[2026-11-22 09:00:00,000] INFO [Broker 1] Started.",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		assert_true(fold_is_table(tables[i], strlen(tables[i])));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_false(fold_is_table(texts[i], strlen(texts[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_breaks_between_its_cells),
		cmocka_unit_test(
			nothing_is_lost_and_nothing_is_wider_than_the_pane),
		cmocka_unit_test(a_table_is_told_from_running_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
