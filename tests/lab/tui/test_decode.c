/* test_decode.c - what terminals send, read as keys, mouse and pastes
 *
 * Method: a table of bytes and what they mean, each fed whole, byte by byte,
 * and cut at every place; random bytes.  Goal: no way of cutting changes the
 * meaning, time decides only what it must, and nothing hangs or is lost.
 */
#include "tests/test.h"

#include "lab/tui/decode.h"

/* One input as text: "Up", "mouse press 3,4", "paste [..]". */
static void describe(const struct input *in, struct text *out)
{
	static const char *const what[] = {
		[MOUSE_PRESS] = "press", [MOUSE_RELEASE] = "release",
		[MOUSE_DRAG] = "drag", [MOUSE_DOUBLE] = "double",
		[MOUSE_WHEEL_UP] = "up", [MOUSE_WHEEL_DOWN] = "down",
	};
	char name[KEY_NAME_MAX];

	if (out->len)
		text_char(out, ' ');
	if (in->kind == INPUT_KEY) {
		key_name(in->key, name);
		text_add(out, name);
	} else if (in->kind == INPUT_MOUSE) {
		text_addf(out, "%s@%d,%d", what[in->mouse], in->row, in->col);
	} else {
		text_char(out, '[');
		text_bytes(out, in->text, in->len);
		text_char(out, ']');
	}
}

static void take_all(struct decode *d, int64_t now, struct text *out)
{
	struct input in;

	while (decode_next(d, &in, now))
		describe(&in, out);
}

static const struct {
	const char *bytes, *meaning;
} sequences[] = {
	{ "a", "a" }, { "é", "é" }, { "日", "日" }, { "\r", "Enter" },
	{ "\n", "Enter" }, { "\t", "Tab" }, { "\x7f", "Backspace" },
	{ "\x01", "Ctrl-A" }, { "\x1f", "Ctrl-_" }, { " ", "Space" },
	/* xterm, normal and application cursor keys, modifiers */
	{ "\033[A", "Up" }, { "\033OA", "Up" }, { "\033[1;5C", "Right" },
	{ "\033[1;3D", "Alt-Left" }, { "\033[H", "Home" },
	{ "\033[1~", "Home" }, { "\033[7~", "Home" }, { "\033OF", "End" },
	{ "\033[4~", "End" }, { "\033[8~", "End" }, { "\033[2~", "Insert" },
	{ "\033[3~", "Delete" }, { "\033[5~", "PgUp" }, { "\033[6~", "PgDn" },
	{ "\033[6;3~", "Alt-PgDn" }, { "\033[Z", "Shift-Tab" },
	/* function keys of xterm, rxvt, the Linux console, and with Alt */
	{ "\033OP", "F1" }, { "\033[11~", "F1" }, { "\033[[A", "F1" },
	{ "\033[P", "F1" }, { "\033[1;3P", "Alt-F1" }, { "\033OS", "F4" },
	{ "\033[14~", "F4" }, { "\033[[D", "F4" }, { "\033[15~", "F5" },
	{ "\033[[E", "F5" }, { "\033[17~", "F6" }, { "\033[21~", "F10" },
	{ "\033[23~", "F11" }, { "\033[24~", "F12" }, { "\033[1;5R", "F3" },
	{ "\033[15;2~", "F5" }, { "\033[15^", "F5" },
	/* rxvt: shift and control of an arrow; Alt as ESC before it */
	{ "\033[a", "Up" }, { "\033Oa", "Up" }, { "\033\033[A", "Alt-Up" },
	{ "\033\033OP", "Alt-F1" },
	/* the keypad, when it sends so */
	{ "\033Op", "0" }, { "\033Oy", "9" }, { "\033Ok", "+" },
	{ "\033OM", "Enter" },
	/* Alt */
	{ "\033x", "Alt-X" }, { "\033\r", "Alt-Enter" }, { "\033é", "Alt-é" },
	{ "\033\x7f", "Alt-Backspace" },
	/* kitty's and xterm's other forms */
	{ "\033[97;5u", "Ctrl-A" }, { "\033[27;5;97~", "Ctrl-A" },
	{ "\033[13;1u", "Enter" }, { "\033[9;2u", "Shift-Tab" },
	{ "\033[120;3u", "Alt-X" },
	/* mouse: SGR, and the old form */
	{ "\033[<0;5;4M", "press@3,4" }, { "\033[<0;5;4m", "release@3,4" },
	{ "\033[<32;6;4M", "drag@3,5" }, { "\033[<64;1;1M", "up@0,0" },
	{ "\033[<65;1;1M", "down@0,0" }, { "\033[<0;300;200M", "press@199,299" },
	{ "\033[<16;5;4M", "press@3,4" }, { "\033[M !!", "press@0,0" },
	{ "\033[M#!!", "release@0,0" }, { "\033[Ma\"!", "down@0,1" },
	/* other buttons, moves without one, sideways: nothing */
	{ "\033[<1;5;4M", "" }, { "\033[<2;5;4M", "" }, { "\033[<35;5;4M", "" },
	{ "\033[<66;5;4M", "" }, { "\033[<0;0;0M", "" },
	/* what is not for us leaves nothing behind */
	{ "\033[I", "" }, { "\033[?1;2c", "" }, { "\033[?2026;2$y", "" },
	{ "\033[99~", "" }, { "\033[1;2;3;4;5;6;7A", "Up" },
	/* pastes */
	{ "\033[200~q\033[201~", "[q]" }, { "\033[200~a\rb\033[201~", "[a\nb]" },
	{ "\033[200~a\r\nb\033[201~", "[a\nb]" }, { "\033[200~\033[201~", "" },
	{ "\033[200~\033[A\x03\033[20\033[201~", "[\033[A\x03\033[20]" },
};

static void every_cut_of_a_sequence_means_the_same(void **state)
{
	size_t count = sizeof(sequences) / sizeof(*sequences);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const char *bytes = sequences[i].bytes;
		size_t len = strlen(bytes);

		for (size_t cut = 0; cut <= len; cut++) {
			struct text got = {0}, want = {0};
			struct decode d;

			decode_init(&d);
			decode_feed(&d, bytes, cut, 0);
			take_all(&d, 0, &got);
			decode_feed(&d, bytes + cut, len - cut, 1);
			decode_feed(&d, "z", 1, 1);
			take_all(&d, 1, &got);
			text_addf(&want, "%s%sz", sequences[i].meaning,
				  *sequences[i].meaning ? " " : "");
			if (strcmp(text_cstr(&got), text_cstr(&want)) != 0)
				fail_msg("row %zu cut at %zu: %s, not %s", i,
					 cut, text_cstr(&got), text_cstr(&want));
			assert_int_equal(decode_wait_ms(&d, 1), -1);
			text_free(&got);
			text_free(&want);
			decode_release(&d);
		}
	}
}

/* What is at hand, and what it is once nothing more came in time. */
static const struct {
	const char *bytes, *at_once, *later;
} pauses[] = {
	{ "\033", "", "Esc" }, { "\033\033", "", "Esc Esc" },
	{ "\033[", "", "Alt-[" }, { "\033O", "", "Alt-O" },
	{ "\033[1;", "", "" }, { "\033[<0;5", "", "" }, { "\xc3", "", "" },
	{ "\033\xc3", "", "" }, { "\xff", "", "" }, { "\033[M!", "", "" },
	{ "a\033", "a", "a Esc" },
};

static void only_time_tells_esc_from_a_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		struct text got = {0};
		struct decode d;

		decode_init(&d);
		decode_feed(&d, pauses[i].bytes, strlen(pauses[i].bytes), 1000);
		take_all(&d, 1000, &got);
		assert_string_equal(text_cstr(&got), pauses[i].at_once);
		take_all(&d, 1000 + DECODE_ESC_MS - 1, &got);
		assert_string_equal(text_cstr(&got), pauses[i].at_once);
		assert_int_equal(decode_wait_ms(&d, 1000 + DECODE_ESC_MS - 1), 1);
		take_all(&d, 1000 + DECODE_ESC_MS, &got);
		assert_string_equal(text_cstr(&got), pauses[i].later);
		assert_int_equal(decode_wait_ms(&d, 1000 + DECODE_ESC_MS), -1);
		text_free(&got);
		decode_release(&d);
	}
}

static void a_paste_without_an_end_ends_by_itself(void **state)
{
	struct text got = {0};
	struct decode d;

	(void)state;
	decode_init(&d);
	decode_feed(&d, "\033[200~half", 10, 0);
	take_all(&d, DECODE_PASTE_MS - 1, &got);
	assert_string_equal(text_cstr(&got), "");
	take_all(&d, DECODE_PASTE_MS, &got);
	decode_feed(&d, "q", 1, DECODE_PASTE_MS);
	take_all(&d, DECODE_PASTE_MS, &got);
	assert_string_equal(text_cstr(&got), "[half] q");
	/* Also one that only began. */
	text_clear(&got);
	decode_feed(&d, "\033[200~", 6, 5000);
	take_all(&d, 5000, &got);
	assert_int_equal(decode_wait_ms(&d, 5000), DECODE_PASTE_MS);
	take_all(&d, 5000 + DECODE_PASTE_MS, &got);
	assert_string_equal(text_cstr(&got), "");
	assert_int_equal(decode_wait_ms(&d, 9000), -1);
	text_free(&got);
	decode_release(&d);
}

static void a_huge_paste_comes_in_parts_and_whole(void **state)
{
	size_t total = 3 * DECODE_PASTE_MAX, came = 0, parts = 0;
	char block[4096];
	struct decode d;
	struct input in;

	(void)state;
	memset(block, 'x', sizeof(block));
	decode_init(&d);
	decode_feed(&d, "\033[200~", 6, 0);
	for (size_t sent = 0; sent < total; sent += sizeof(block)) {
		decode_feed(&d, block, sizeof(block), 0);
		while (decode_next(&d, &in, 0)) {
			assert_int_equal(in.kind, INPUT_PASTE);
			came += in.len;
			parts++;
		}
	}
	decode_feed(&d, "\033[201~k", 7, 0);
	assert_true(decode_next(&d, &in, 0));
	came += in.len;
	assert_true(decode_next(&d, &in, 0));
	assert_int_equal(in.key, 'k');
	assert_int_equal(came, total);
	assert_in_range(parts, 2, 3);
	decode_release(&d);
}

static void two_presses_are_a_double_click_once(void **state)
{
	static const char click[] = "\033[<0;5;4M", beside[] = "\033[<0;6;4M";
	struct text got = {0};
	struct decode d;

	(void)state;
	decode_init(&d);
	for (int i = 0; i < 4; i++)
		decode_feed(&d, click, strlen(click), 10);
	take_all(&d, 10, &got);
	decode_feed(&d, click, strlen(click), 1000);
	take_all(&d, 1000, &got);
	decode_feed(&d, click, strlen(click), 1001 + DECODE_DOUBLE_MS);
	take_all(&d, 1001 + DECODE_DOUBLE_MS, &got);
	decode_feed(&d, beside, strlen(beside), 1002 + DECODE_DOUBLE_MS);
	take_all(&d, 1002 + DECODE_DOUBLE_MS, &got);
	assert_string_equal(text_cstr(&got),
			    "press@3,4 double@3,4 press@3,4 double@3,4 "
			    "press@3,4 press@3,4 press@3,5");
	text_free(&got);
	decode_release(&d);
}

static void an_answer_is_an_answer_only_when_asked(void **state)
{
	struct text got = {0};
	struct decode d;

	(void)state;
	decode_init(&d);
	d.asked = true;
	decode_feed(&d, "a\033[1;5Rb\033[1;5R", 14, 0);
	take_all(&d, 0, &got);
	assert_string_equal(text_cstr(&got), "a b F3");
	assert_int_equal(d.answer_col, 5);
	text_free(&got);
	decode_release(&d);
}

static void terminfo_adds_keys_of_its_own(void **state)
{
	struct text got = {0};
	struct decode d;

	(void)state;
	decode_init(&d);
	d.erase = 8;
	decode_key(&d, "\033?q", K_F7);
	decode_key(&d, "\033[225z", K_F2);
	decode_key(&d, "x", K_F9);	/* would take a letter away */
	decode_feed(&d, "\033?q\033[225z", 9, 0);
	decode_feed(&d, "\033?", 2, 0);
	take_all(&d, 0, &got);
	assert_string_equal(text_cstr(&got), "F7 F2");
	take_all(&d, DECODE_ESC_MS, &got);
	decode_feed(&d, "\bx", 2, 100);
	take_all(&d, 100, &got);
	assert_string_equal(text_cstr(&got), "F7 F2 Alt-? Backspace x");
	text_free(&got);
	decode_release(&d);
}

/* Whatever comes, it is used up, and inputs are within bounds. */
static void random_bytes_are_all_used_up(void **state)
{
	static const char parts[] = "\033\033[[<OM~;0123456789mABRZu\xc3\xa9"
				    "\x01\r\n~200201";
	uint64_t seed = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : 1;
	int64_t now = 0;
	struct decode d;
	struct input in;

	(void)state;
	decode_init(&d);
	for (int round = 0; round < 200000; round++) {
		char c;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		c = parts[(seed >> 33) % (sizeof(parts) - 1)];
		now += (seed >> 60) == 0 ? 2000 : 0;
		decode_feed(&d, &c, 1, now);
		while (decode_next(&d, &in, now))
			if (in.kind == INPUT_MOUSE)
				assert_true(in.row >= 0 && in.col >= 0);
	}
	while (decode_next(&d, &in, now + 10000))
		continue;
	while (decode_next(&d, &in, now + 20000))
		continue;
	assert_int_equal(decode_wait_ms(&d, now + 20000), -1);
	decode_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_of_a_sequence_means_the_same),
		cmocka_unit_test(only_time_tells_esc_from_a_beginning),
		cmocka_unit_test(a_paste_without_an_end_ends_by_itself),
		cmocka_unit_test(a_huge_paste_comes_in_parts_and_whole),
		cmocka_unit_test(two_presses_are_a_double_click_once),
		cmocka_unit_test(an_answer_is_an_answer_only_when_asked),
		cmocka_unit_test(terminfo_adds_keys_of_its_own),
		cmocka_unit_test(random_bytes_are_all_used_up),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
