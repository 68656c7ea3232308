/* test_trace.c - traces: their text, who is sampled, whose child is whose
 *
 * The parse table follows section 3.2 of W3C Trace Context; the tree is made
 * by real requests between three processes.
 */
#include "tests/test.h"

#include "sim/host/clock.h"
#include "tests/sim/call_world.h"

#define TRACE	"4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN	"00f067aa0ba902b7"

/* -- text ------------------------------------------------------------------ */

static void traceparent_is_read_strictly(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t flags;
	} rows[] = {
		{ "00-" TRACE "-" SPAN "-01", true, TRACE_SAMPLED },
		{ "00-" TRACE "-" SPAN "-00", true, 0 },
		{ "00-" TRACE "-" SPAN "-03", true, TRACE_SAMPLED | TRACE_RANDOM },
		{ "00-" TRACE "-" SPAN "-ff", true, TRACE_SAMPLED | TRACE_RANDOM },
		{ "00-" TRACE "-" SPAN "-09", true, TRACE_SAMPLED },
		/* later versions: by their first four parts */
		{ "01-" TRACE "-" SPAN "-01", true, TRACE_SAMPLED },
		{ "cc-" TRACE "-" SPAN "-01-what-may-come", true, TRACE_SAMPLED },
		{ "cc-" TRACE "-" SPAN "-01-", true, TRACE_SAMPLED },
		{ "cc-" TRACE "-" SPAN "-01.what", false, 0 },
		{ "ff-" TRACE "-" SPAN "-01", false, 0 },
		/* version 00 ends there */
		{ "00-" TRACE "-" SPAN "-01-", false, 0 },
		{ "00-" TRACE "-" SPAN "-01-extra", false, 0 },
		{ "00-" TRACE "-" SPAN "-011", false, 0 },
		{ "00-" TRACE "-" SPAN "-01 ", false, 0 },
		{ " 00-" TRACE "-" SPAN "-01", false, 0 },
		/* too short at every place */
		{ "", false, 0 }, { "0", false, 0 }, { "00", false, 0 },
		{ "00-", false, 0 }, { "00-" TRACE, false, 0 },
		{ "00-" TRACE "-", false, 0 }, { "00-" TRACE "-" SPAN, false, 0 },
		{ "00-" TRACE "-" SPAN "-", false, 0 },
		{ "00-" TRACE "-" SPAN "-0", false, 0 },
		/* characters */
		{ "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", false, 0 },
		{ "00-" TRACE "-00F067AA0BA902B7-01", false, 0 },
		{ "00-" TRACE "-" SPAN "-0A", false, 0 },
		{ "00-" TRACE "-00f067aa0ba902bg-01", false, 0 },
		{ "00-" TRACE "-" SPAN "-0x", false, 0 },
		{ "0g-" TRACE "-" SPAN "-01", false, 0 },
		{ "00_" TRACE "_" SPAN "_01", false, 0 },
		{ "00-" TRACE "." SPAN "-01", false, 0 },
		{ "00-" SPAN "-" TRACE "-01", false, 0 },
		/* zero ids */
		{ "00-00000000000000000000000000000000-" SPAN "-01", false, 0 },
		{ "00-" TRACE "-0000000000000000-01", false, 0 },
		{ "00-00000000000000000000000000000001-" SPAN "-01", true,
		  TRACE_SAMPLED },
		{ "00-10000000000000000000000000000000-" SPAN "-01", true,
		  TRACE_SAMPLED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trace_context c = { .span = 77 };

		if (trace_context_parse(rows[i].text, &c) != rows[i].good)
			fail_msg("\"%s\"", rows[i].text);
		if (rows[i].good)
			assert_int_equal(c.flags, rows[i].flags);
		else
			assert_int_equal(c.span, 77);	/* left alone */
	}
}

/* Each character of a good field replaced by every other one, and the field
 * cut at every length. */
static void no_other_character_passes(void **state)
{
	static const char shape[] =
		"hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";
	const char *good = "00-" TRACE "-" SPAN "-01";
	struct trace_context c;

	(void)state;
	for (size_t i = 0; i < TRACEPARENT_LEN; i++)
		for (int k = 0; k < 256; k++) {
			char text[TRACEPARENT_LEN + 1];
			bool hex = (k >= '0' && k <= '9') ||
				   (k >= 'a' && k <= 'f');

			memcpy(text, good, sizeof(text));
			text[i] = (char)k;
			if (trace_context_parse(text, &c) !=
			    (shape[i] == 'h' ? hex : k == '-'))
				fail_msg("character %d at %zu", k, i);
		}
}

static void traceparent_is_written_as_it_is_read(void **state)
{
	const char *text = "00-" TRACE "-" SPAN "-01";
	char written[TRACEPARENT_LEN + 1];
	struct trace_context c;

	(void)state;
	assert_true(trace_context_parse(text, &c));
	assert_true(c.trace.high == UINT64_C(0x4bf92f3577b34da6));
	assert_true(c.trace.low == UINT64_C(0xa3ce929d0e0e4736));
	assert_true(c.span == UINT64_C(0x00f067aa0ba902b7));
	trace_context_write(&c, written);
	assert_string_equal(written, text);
	assert_int_equal(strlen(written), TRACEPARENT_LEN);
	c.flags = 0xff;			/* unknown flags are zero */
	trace_context_write(&c, written);
	assert_string_equal(written + 52, "-03");
}

static void a_request_with_a_context_is_longer(void **state)
{
	struct world *w = call_world(1);
	struct http_request *r = http_request_new(w, HTTP_GET, "/", NULL, 0, 1);
	uint32_t bytes = r->head.bytes;
	struct trace_context c = {0};

	(void)state;
	http_trace(r, &c);
	assert_int_equal(r->head.bytes, bytes);
	assert_true(trace_context_parse("00-" TRACE "-" SPAN "-01", &c));
	http_trace(r, &c);
	http_trace(r, &c);			/* replaces, adds nothing */
	assert_int_equal(r->head.bytes, bytes +
			 strlen("traceparent: 00-" TRACE "-" SPAN "-01\r\n"));
	message_free(w, &r->head);
	world_free(w);
}

/* -- the sampler ------------------------------------------------------------ */

static void the_sampler_is_monotone_and_keeps_its_share(void **state)
{
	static const uint32_t ratios[] = {
		0, 1, 1000, 10000, 250000, 500000, 999999, 1000000,
	};
	enum { RATIOS = sizeof(ratios) / sizeof(ratios[0]), IDS = 200000 };
	uint32_t kept[RATIOS] = {0};
	struct luck luck;

	(void)state;
	luck_init(&luck, 3, "sampler", "test");
	for (int i = 0; i < IDS; i++) {
		struct trace_id id = { luck_draw(&luck), luck_draw(&luck) };
		bool before = false;

		for (int k = 0; k < RATIOS; k++) {
			bool now = trace_id_sampled(id, ratios[k]);

			assert_true(now || !before);
			before = now;
			kept[k] += now;
		}
	}
	assert_int_equal(kept[0], 0);
	assert_int_equal(kept[RATIOS - 1], IDS);
	assert_true(kept[3] > 1800 && kept[3] < 2200);		/* 1 % */
	assert_true(kept[4] > 49000 && kept[4] < 51000);	/* 25 % */
	/* the bound itself: half of 2^64 is out at one half, one less is in */
	assert_false(trace_id_sampled((struct trace_id){ 0, UINT64_C(1) << 63 },
				      500000));
	assert_true(trace_id_sampled((struct trace_id){
		0, (UINT64_C(1) << 63) - 1 }, 500000));
}

/* -- spans of real requests --------------------------------------------------- */

struct chain {
	struct world *w;
	struct service *front, *middle, *back;
};

static struct chain chain(uint64_t seed)
{
	struct calls_config c = {
		.timeout = SIM_S(1), .retry = retry_defaults,
	};
	struct chain x = { .w = call_world(seed) };

	x.back = service_new(x.w, "back", SIM_MS(2));
	x.middle = service_new(x.w, "middle", SIM_MS(1));
	x.front = service_new(x.w, "front", SIM_MS(1));
	service_over(x.middle, x.back, c);
	service_over(x.front, x.middle, c);
	return x;
}

static void ratio(struct chain *x, const char *line)
{
	struct err err = {0};
	int64_t result;

	if (!world_command(x->w, line, &result, &err))
		fail_msg("%s", err.what);
}

static void tree_text(const struct chain *x, struct trace_id id, struct text *t)
{
	static const char *const kinds[] = {
		"INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER",
	};
	struct trace_node *nodes;
	uint32_t n = trace_tree(x->w, id, &nodes);

	for (uint32_t i = 0; i < n; i++) {
		const struct span_record *s = nodes[i].span;

		for (uint32_t k = 0; k < nodes[i].depth; k++)
			text_char(t, '.');
		text_addf(t, "%s %s %s%s\n",
			  world_text(x->w, hosts_of(x->w)->processes.
				     at[s->process]->name),
			  kinds[s->kind], world_text(x->w, s->name),
			  s->status == SPAN_ERROR ? " ERROR" : "");
		assert_true(s->end >= s->begin);
	}
	free(nodes);
}

static void parents_are_right_across_processes(void **state)
{
	struct chain x = chain(1);
	struct text t = {0};

	(void)state;
	ratio(&x, "trace-ratio ppm=1000000");
	service_ask(x.front, NULL);
	world_run_until(x.w, SIM_S(1));
	assert_int_equal(span_count(x.w), 5);
	tree_text(&x, span_at(x.w, 0)->context.trace, &t);
	assert_string_equal(text_cstr(&t),
			    "front INTERNAL tick\n"
			    ".front CLIENT GET\n"
			    "..middle SERVER GET /\n"
			    "...middle CLIENT GET\n"
			    "....back SERVER GET /\n");
	text_free(&t);
	world_free(x.w);
}

/* The middle's clock is half a second ahead: its spans say that they began
 * after those below ended.  Who asked whom is in the ids, not in the times. */
static void a_wrong_clock_moves_spans_and_not_parents(void **state)
{
	struct chain x = chain(1);
	struct trace_node *nodes;

	(void)state;
	clock_ntp_stop(x.w, x.middle->process->machine, 0);
	clock_step(x.w, x.middle->process->machine, SIM_MS(500));
	ratio(&x, "trace-ratio ppm=1000000");
	service_ask(x.front, NULL);
	world_run_until(x.w, SIM_S(1));
	assert_int_equal(trace_tree(x.w, span_at(x.w, 0)->context.trace,
				    &nodes), 5);
	for (uint32_t i = 0; i < 5; i++) {
		const struct span_record *s = nodes[i].span;

		assert_int_equal(nodes[i].depth, i);
		assert_int_equal(s->wall - s->begin,
				 i == 2 || i == 3 ? SIM_MS(500) : 0);
		assert_true(!i || s->begin >= nodes[i - 1].span->begin);
	}
	assert_true(nodes[3].span->wall > nodes[4].span->wall +
		    (nodes[4].span->end - nodes[4].span->begin));
	free(nodes);
	world_free(x.w);
}

static void each_attempt_is_a_span_of_its_own(void **state)
{
	struct chain x = chain(1);
	struct text t = {0};

	(void)state;
	ratio(&x, "trace-ratio ppm=1000000");
	process_kill(x.w, x.back->process);
	service_ask(x.middle, NULL);
	world_run_until(x.w, SIM_S(5));
	tree_text(&x, span_at(x.w, 0)->context.trace, &t);
	assert_string_equal(text_cstr(&t),
			    "middle INTERNAL tick ERROR\n"
			    ".middle CLIENT GET ERROR\n"
			    ".middle CLIENT GET ERROR\n"
			    ".middle CLIENT GET ERROR\n");
	text_free(&t);
	world_free(x.w);
}

/* A span whose parent is not kept here stands at the top. */
static void a_callers_decision_is_followed(void **state)
{
	struct chain x = chain(1);
	struct trace_context c;
	struct http_request *r;
	struct text t = {0};

	(void)state;
	ratio(&x, "trace-ratio ppm=1");		/* roots: hardly ever */
	for (int i = 0; i < 2; i++) {
		assert_true(trace_context_parse(i ? "00-" TRACE "-" SPAN "-01" :
						    "00-" TRACE "-" SPAN "-00",
						&c));
		r = http_request_new(x.w, HTTP_GET, "/", NULL, 0, 0);
		http_trace(r, &c);
		net_send(x.w, x.front->process, x.middle->process, &r->head);
		world_run_until(x.w, SIM_S(i + 1));
		assert_int_equal(span_count(x.w), i ? 3 : 0);
	}
	tree_text(&x, c.trace, &t);
	assert_string_equal(text_cstr(&t), "middle SERVER GET /\n"
					   ".middle CLIENT GET\n"
					   "..back SERVER GET /\n");
	assert_true(span_at(x.w, 2)->parent == c.span);
	text_free(&t);
	world_free(x.w);
}

static void traces_are_whole_or_not_there(void **state)
{
	struct chain x = chain(5);
	uint32_t roots = 0;

	(void)state;
	ratio(&x, "trace-ratio ppm=250000");
	service_load(x.front, SIM_MS(20));
	world_run_until(x.w, SIM_S(20));
	x.front->gap = 0;
	world_run_until(x.w, SIM_S(25));
	for (uint64_t i = 0; i < span_count(x.w); i++)
		roots += !span_at(x.w, i)->parent;
	assert_int_equal(span_count(x.w), 5 * roots);
	assert_true(roots > x.front->done / 5 && roots < x.front->done / 3);
	world_free(x.w);
}

static uint64_t digest(const char *line, uint64_t *spans)
{
	struct chain x = chain(9);
	uint64_t d;

	if (line)
		ratio(&x, line);
	service_load(x.front, SIM_MS(20));
	world_run_until(x.w, SIM_S(5));
	d = world_digest(x.w);
	*spans = span_count(x.w);
	world_free(x.w);
	return d;
}

static void nobody_looks_and_nothing_is_done(void **state)
{
	struct chain x = chain(9);
	struct span *s;
	uint64_t spans, all;

	(void)state;
	s = span_begin(x.w, x.front->process, "x", SPAN_INTERNAL, NULL);
	assert_null(s);
	span_attribute(x.w, s, "k", "v");
	span_end(x.w, s, SPAN_OK);
	span_drop(x.w, s);
	assert_false(trace_context_given(&(struct trace_context){0}));
	assert_int_equal(trace_ratio(x.w), 0);
	world_free(x.w);
	(void)digest(NULL, &spans);
	assert_int_equal(spans, 0);
	assert_true(digest("trace-ratio ppm=1000000", &all) ==
		    digest("trace-ratio ppm=1000000", &spans));
	assert_int_equal(all, spans);
	assert_true(spans > 1000);
}

static void attributes_are_kept_up_to_a_limit(void **state)
{
	struct chain x = chain(1);
	const struct span_record *r;
	struct span *s;

	(void)state;
	trace_ratio_set(x.w, TRACE_RATIO_ALL);
	s = span_begin(x.w, x.front->process, "work", SPAN_INTERNAL, NULL);
	for (int i = 0; i < 6; i++)
		span_attribute(x.w, s, "messaging.system", i ? "other" : "kafka");
	span_end(x.w, s, SPAN_OK);
	r = span_at(x.w, 0);
	assert_int_equal(r->attributes, SPAN_ATTRIBUTES);
	assert_string_equal(world_text(x.w, r->at[0].name), "messaging.system");
	assert_string_equal(world_text(x.w, r->at[0].value), "kafka");
	assert_int_equal(r->status, SPAN_OK);
	world_free(x.w);
}

static void a_bad_ratio_is_refused(void **state)
{
	static const char *const lines[] = {
		"trace-ratio", "trace-ratio ppm=-1", "trace-ratio ppm=1000001",
		"trace-ratio ppm=many",
	};
	struct chain x = chain(1);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct err err = {0};
		int64_t result;

		assert_false(world_command(x.w, lines[i], &result, &err));
		assert_non_null(strstr(err.what, "ppm"));
	}
	world_free(x.w);
}

static void a_rewound_world_traces_the_same_again(void **state)
{
	struct chain x = chain(2);
	uint64_t spans, last;

	(void)state;
	world_travel_on(x.w, SIM_S(1), 16);
	service_load(x.front, SIM_MS(20));
	world_run_until(x.w, SIM_S(2));
	ratio(&x, "trace-ratio ppm=500000");
	world_run_until(x.w, SIM_S(6));
	spans = span_count(x.w);
	last = span_at(x.w, spans - 1)->context.span;
	world_rewind(x.w, SIM_S(1));
	assert_int_equal(span_count(x.w), 0);
	world_run_until(x.w, SIM_S(6));
	assert_int_equal(span_count(x.w), spans);
	assert_true(span_at(x.w, spans - 1)->context.span == last);
	world_rewind(x.w, SIM_S(4));
	assert_true(span_count(x.w) > 0 && span_count(x.w) < spans);
	world_free(x.w);
}

/* -- log lines ----------------------------------------------------------------- */

static void lines_look_as_their_program_prints_them(void **state)
{
	static const struct {
		const char *command, *plain, *fields;
	} rows[] = {
		{ "kafka.Kafka server.properties",
		  "[2026-01-05 08:00:01,250] WARN it \"is\" late",
		  "[2026-01-05 08:00:01,250] INFO ready port=9090 "
		  "why=\"two words\"" },
		{ "/bin/prometheus --config.file=x",
		  "time=2026-01-05T08:00:01.250Z level=WARN "
		  "msg=\"it \\\"is\\\" late\"",
		  "time=2026-01-05T08:00:01.250Z level=INFO msg=ready "
		  "port=9090 why=\"two words\"" },
		{ "/usr/local/bin/etcd",
		  "{\"level\":\"warn\",\"ts\":\"2026-01-05T08:00:01.250Z\","
		  "\"msg\":\"it \\\"is\\\" late\"}",
		  "{\"level\":\"info\",\"ts\":\"2026-01-05T08:00:01.250Z\","
		  "\"msg\":\"ready\",\"port\":\"9090\",\"why\":\"two words\"}" },
		{ "kube-scheduler --v=2",
		  "W0105 08:00:01.250000     101] it \"is\" late",
		  "I0105 08:00:01.250000     101] \"ready\" port=\"9090\" "
		  "why=\"two words\"" },
		{ "kubelet",
		  "W0105 08:00:01.250000     101] it \"is\" late",
		  "I0105 08:00:01.250000     101] \"ready\" port=\"9090\" "
		  "why=\"two words\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = call_world(1);
		struct process_events none = {0};
		struct process *p = process_new(w, "p", machine_new(
			w, "m", "a", &machine_small), rows[i].command, &none,
			MODULE_WORLD, NULL);
		struct text t = {0};

		process_start(w, p);
		world_run_until(w, SIM_MS(1250));
		log_write(w, p, LOG_WARN, "it \"%s\" late", "is");
		log_write_fields(w, p, LOG_INFO, "ready", "port", "9090", "why",
				 "two words", NULL);
		log_line_text(w, log_at(w, 0), &t);
		assert_string_equal(text_cstr(&t), rows[i].plain);
		text_clear(&t);
		log_line_text(w, log_at(w, 1), &t);
		assert_string_equal(text_cstr(&t), rows[i].fields);
		assert_string_equal(log_text(w, log_at(w, 1)), "ready");
		text_free(&t);
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traceparent_is_read_strictly),
		cmocka_unit_test(no_other_character_passes),
		cmocka_unit_test(traceparent_is_written_as_it_is_read),
		cmocka_unit_test(a_request_with_a_context_is_longer),
		cmocka_unit_test(the_sampler_is_monotone_and_keeps_its_share),
		cmocka_unit_test(parents_are_right_across_processes),
		cmocka_unit_test(a_wrong_clock_moves_spans_and_not_parents),
		cmocka_unit_test(each_attempt_is_a_span_of_its_own),
		cmocka_unit_test(a_callers_decision_is_followed),
		cmocka_unit_test(traces_are_whole_or_not_there),
		cmocka_unit_test(nobody_looks_and_nothing_is_done),
		cmocka_unit_test(attributes_are_kept_up_to_a_limit),
		cmocka_unit_test(a_bad_ratio_is_refused),
		cmocka_unit_test(a_rewound_world_traces_the_same_again),
		cmocka_unit_test(lines_look_as_their_program_prints_them),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
