/* test_topology_draw.c - what stands where, and what flows
 *
 * Method: platforms of 15 and 58 processes made here, drawn as golden pictures
 * in several sizes; every size for what must never be lost; every cell for what
 * a click means.  Goal: what is not well is seen in any room that has a cell
 * for it, and what one sees is what one hits.
 */
#include "tests/test.h"

#include <locale.h>

#include "lab/tui/topology_draw.h"

static const char *zones[] = { "a", "b", "c" };

/* --- 15 processes on 6 machines ------------------------------------------- */

static struct topo_machine small_machines[] = {
	{ .name = "n1", .zone = 0, .cpu = 3, .memory = 2, .disk = 2, .net = 1 },
	{ .name = "n2", .zone = 0, .cpu = -1, .memory = -1, .disk = -1,
	  .net = -1, .stale = true },
	{ .name = "n3", .zone = 1, .cpu = 3, .memory = 2, .disk = 2, .net = 1 },
	{ .name = "n4", .zone = 1, .cpu = 2, .memory = 2, .disk = 3, .net = 1 },
	{ .name = "n5", .zone = 2, .cpu = 2, .memory = 3, .disk = 8, .net = 1,
	  .worst = "disk 98%" },
	{ .name = "n6", .zone = 2, .cpu = 1, .memory = 1, .disk = 1, .net = 1 },
};

static struct topo_process small_processes[] = {
	{ .name = "kafka-0", .machine = 0, .load = "3k" },
	{ .name = "gw-0", .machine = 0, .load = "5k" },
	{ .name = "prom", .machine = 0 },
	{ .name = "jm", .machine = 1, .stale = true },
	{ .name = "registry", .machine = 1, .state = PART_UNKNOWN },
	{ .name = "kafka-1", .machine = 2, .load = "3k" },
	{ .name = "gw-1", .machine = 2, .load = "5k" },
	{ .name = "tm-0", .machine = 2, .load = "4k" },
	{ .name = "influx", .machine = 3, .load = "7k" },
	{ .name = "alerts", .machine = 3 },
	{ .name = "kafka-2", .machine = 4, .state = PART_WARN, .load = "1k",
	  .word = "not in sync" },
	{ .name = "tm-1", .machine = 4, .load = "4k" },
	{ .name = "backup-28411-x7k2p", .machine = 4 },
	{ .name = "model", .machine = 5, .state = PART_START },
	{ .name = "connect", .machine = 5, .state = PART_IDLE },
};

static struct topo_stage stages[] = {
	{ .name = "devices", .parts = 1, .parts_ok = 1, .rate = "10k/s" },
	{ .name = "gw", .parts = 2, .parts_ok = 2, .rate = "10k/s" },
	{ .name = "kafka", .parts = 3, .parts_ok = 2, .state = PART_WARN,
	  .rate = "7.2k/s", .word = "lag 148k" },
	{ .name = "backup", .parts = 1, .parts_ok = 0, .state = PART_DOWN },
	{ .name = "tm", .parts = 2, .parts_ok = 2, .rate = "7.2k/s" },
	{ .name = "influx", .parts = 1, .parts_ok = 1, .rate = "7.2k/s" },
};

static struct topo_edge edges[] = {
	{ 0, 1, PART_OK }, { 1, 2, PART_WARN }, { 1, 3, PART_DOWN },
	{ 2, 4, PART_OK }, { 4, 5, PART_OK }, { 1, 4, PART_OK },
};

static const struct topo small = {
	.zones = zones, .zone_count = 3, .machines = small_machines,
	.machine_count = 6, .processes = small_processes, .process_count = 15,
	.stages = stages, .stage_count = 6, .edges = edges, .edge_count = 6,
};

/* --- 58 processes on 9 machines, or on 18 --------------------------------- */

static struct {
	struct topo_machine machines[18];
	struct topo_process processes[116];
	char names[150][40];
	size_t name_count;
	struct topo topo;
} big;

static const char *named(const char *stem, size_t i)
{
	char *name = big.names[big.name_count++];

	snprintf(name, sizeof(big.names[0]), "%s%zu", stem, i);
	return name;
}

static void add(size_t machine, const char *stem, size_t from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		big.processes[big.topo.process_count++] = (struct topo_process){
			.name = named(stem, from + i),
			.machine = (uint32_t)machine,
		};
}

static void make_big(size_t machines)
{
	memset(&big, 0, sizeof(big));
	big.topo = (struct topo){ .zones = zones, .zone_count = 3,
				  .machines = big.machines,
				  .processes = big.processes,
				  .machine_count = machines };
	for (size_t m = 0; m < machines; m++) {
		big.machines[m] = (struct topo_machine){
			.name = named("n", m + 1),
			.zone = (uint32_t)(m * 3 / machines), .cpu = 4,
			.memory = 5, .disk = 2, .net = 3,
		};
		if (m % 3 == 0) {
			add(m, "kafka-", 2 * m, 2);
			add(m, "gw-", 3 * m, 3);
		} else if (m % 3 == 1) {
			add(m, "tm-8-", 6 * m, 6);
		} else {
			add(m, "influx-", m, 1);
			add(m, "model-", 4 * m, 4);
			add(m, "fluent-", m, 1);
		}
	}
	big.processes[big.topo.process_count - 8].state = PART_DOWN;
	big.processes[big.topo.process_count - 16].state = PART_WARN;
}

/* --- pictures ------------------------------------------------------------- */

static void picture(struct text *t, const struct topo *topo,
		    const struct topo_look *look, int rows, int cols)
{
	struct grid g;

	text_addf(t, "=== %d x %d\n", cols, rows);
	grid_init(&g, rows, cols);
	topo_draw(&g, grid_all(&g), topo, look);
	grid_text(&g, true, t);
	grid_release(&g);
}

static void places_look_as_agreed(void **state)
{
	struct topo_look look = { .selected = { TOPO_PROCESS, 10 } };
	struct text t = {0};

	(void)state;
	picture(&t, &small, &look, 15, 40);
	picture(&t, &small, &look, 8, 31);
	look.selected.thing = TOPO_NOTHING;
	picture(&t, &small, &look, 14, 80);
	picture(&t, &small, &look, 6, 40);
	picture(&t, &small, &look, 3, 60);
	picture(&t, &small, &look, 1, 60);
	make_big(9);
	look.is_truth = true;
	picture(&t, &big.topo, &look, 20, 80);
	picture(&t, &big.topo, &look, 12, 80);
	make_big(18);
	look.is_truth = false;
	picture(&t, &big.topo, &look, 12, 60);
	test_golden("tui/topology_place.scr", text_cstr(&t));
	text_free(&t);
}

static void flows_look_as_agreed(void **state)
{
	struct topo_look look = { .view = TOPO_FLOW,
				  .selected = { TOPO_STAGE, 2 } };
	struct topo straight = small;
	struct text t = {0};

	(void)state;
	picture(&t, &small, &look, 10, 80);
	straight.edge_count = 2;
	straight.stage_count = 3;
	picture(&t, &straight, &look, 4, 60);
	picture(&t, &small, &look, 3, 60);
	picture(&t, &small, &look, 3, 120);	/* a row each */
	test_golden("tui/topology_flow.scr", text_cstr(&t));
	text_free(&t);
}

/* --- promises ------------------------------------------------------------- */

static bool shows(const struct topo *topo, int rows, int cols, const char *glyph)
{
	struct topo_look look = {0};
	struct text t = {0};
	struct grid g;
	bool seen;

	grid_init(&g, rows, cols);
	topo_draw(&g, grid_all(&g), topo, &look);
	grid_text(&g, false, &t);
	seen = strstr(text_cstr(&t), glyph) != NULL;
	text_free(&t);
	grid_release(&g);
	return seen;
}

static void what_is_not_well_is_never_left_out(void **state)
{
	(void)state;
	for (size_t machines = 9; machines <= 18; machines += 9) {
		make_big(machines);
		for (int rows = 4; rows < 30; rows++) {
			for (int cols = 42; cols < 120; cols += 7) {
				if (!shows(&big.topo, rows, cols, "✗") ||
				    !shows(&big.topo, rows, cols, "▲"))
					fail_msg("%zu machines in %dx%d",
						 machines, cols, rows);
			}
		}
	}
}

static void what_one_sees_is_what_one_hits(void **state)
{
	struct rect r = { 2, 3, 15, 40 };
	struct topo_look look = {0};

	(void)state;
	for (size_t i = 0; i < small.process_count; i++) {
		struct grid g;
		int cells = 0;

		look.selected = (struct topo_spot){ TOPO_PROCESS, i };
		grid_init(&g, 20, 50);
		topo_draw(&g, r, &small, &look);
		for (int row = 0; row < g.rows; row++)
			for (int col = 0; col < g.cols; col++) {
				struct topo_spot hit =
					topo_hit(r, &small, &look, row, col);
				bool is_it = hit.thing == TOPO_PROCESS &&
					     hit.index == i;

				assert_int_equal(is_it, !!(grid_at(&g, row,
						 col)->flags & CELL_SELECTED));
				cells += is_it;
			}
		assert_true(cells > 0);
		grid_release(&g);
	}
	assert_int_equal(topo_hit(r, &small, &look, 0, 0).thing, TOPO_NOTHING);
}

static void any_size_and_an_empty_world_are_drawn_inside(void **state)
{
	static const struct topo nothing;

	(void)state;
	make_big(9);
	for (int rows = 1; rows < 26; rows++) {
		for (int cols = 1; cols < 90; cols += 4) {
			struct rect r = { 1, 1, rows, cols };
			struct grid g, clean;

			grid_init(&g, 28, 96);
			grid_init(&clean, 28, 96);
			for (int view = 0; view < 2; view++) {
				struct topo_look look = {
					.view = (enum topo_view)view
				};

				topo_draw(&g, r, &small, &look);
				topo_draw(&g, r, &big.topo, &look);
				topo_draw(&g, r, &nothing, &look);
			}
			grid_blank(&g, r);
			assert_true(grid_same(&g, &clean));
			grid_release(&g);
			grid_release(&clean);
		}
	}
}

static void it_can_be_said_in_one_line(void **state)
{
	struct text t = {0};

	(void)state;
	topo_count_text(&small, &t);
	assert_string_equal(text_cstr(&t),
			    "15 processes  11 ●  1 ▲  1 ◌  1 ○  1 ?");
	text_clear(&t);
	topo_stages_text(&small, &t);
	assert_string_equal(text_cstr(&t), "devices ●  gw ●  kafka ▲ 2/3  "
			    "backup ✗ 0/1  tm ●  influx ●");
	text_free(&t);
}

static void the_next_thing_and_the_next_trouble_are_a_step_away(void **state)
{
	struct topo_spot at = {0};
	static const struct topo nothing;

	(void)state;
	at = topo_step(&small, at, 1);
	assert_true(at.thing == TOPO_PROCESS && at.index == 0);
	at = topo_step(&small, at, -1);
	assert_int_equal(at.index, 14);
	at = topo_step(&small, at, 3);
	assert_int_equal(at.index, 2);
	at = topo_next_bad(&small, at, 1);
	assert_int_equal(at.index, 10);
	at = topo_next_bad(&small, at, -1);
	assert_int_equal(at.index, 10);
	make_big(9);
	at = topo_next_bad(&big.topo, (struct topo_spot){0}, -1);
	assert_int_equal(big.processes[at.index].state, PART_DOWN);
	at = topo_next_bad(&big.topo, at, -1);
	assert_int_equal(big.processes[at.index].state, PART_WARN);
	at = topo_step(&nothing, (struct topo_spot){0}, 1);
	assert_int_equal(at.thing, TOPO_NOTHING);
	at = topo_next_bad(&nothing, at, 1);
	assert_int_equal(at.thing, TOPO_NOTHING);
}

static void a_thing_is_told_in_two_lines(void **state)
{
	static const struct {
		struct topo_spot spot;
		const char *want;
	} rows[] = {
		{ { TOPO_NOTHING, 0 }, "" }, { { TOPO_PROCESS, 99 }, "" },
		{ { TOPO_PROCESS, 10 },
		  "kafka-2 on n5 in c  warn: not in sync  1k\n"
		  "stands there with tm-1, backup-28411-x7k2p; disk 98% of n5" },
		{ { TOPO_MACHINE, 5 }, "n6 in c\ncarries model, connect" },
		{ { TOPO_STAGE, 2 }, "kafka  warn, 2 of 3  7.2k/s  lag 148k\n"
		  "fed by gw  feeds tm" },
	};
	struct text t = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_clear(&t);
		topo_spot_text(&small, rows[i].spot, &t);
		assert_string_equal(text_cstr(&t), rows[i].want);
	}
	text_free(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_look_as_agreed),
		cmocka_unit_test(flows_look_as_agreed),
		cmocka_unit_test(what_is_not_well_is_never_left_out),
		cmocka_unit_test(what_one_sees_is_what_one_hits),
		cmocka_unit_test(any_size_and_an_empty_world_are_drawn_inside),
		cmocka_unit_test(it_can_be_said_in_one_line),
		cmocka_unit_test(
			the_next_thing_and_the_next_trouble_are_a_step_away),
		cmocka_unit_test(a_thing_is_told_in_two_lines),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
