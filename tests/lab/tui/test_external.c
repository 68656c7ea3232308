/* test_external.c - other programs: words of a command, an editor, a clipboard
 *
 * Method: a table of commands; scripts in a folder of our own that note what
 * they were given, first in $PATH.  Goal: no shell ever sees a name, what fails
 * is told by name, and a text goes to the clipboard the person can reach.
 */
#include "tests/test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lab/tui/clipboard.h"
#include "lab/tui/external.h"

static const struct {
	const char *command, *words;	/* words in brackets, or the error */
} commands[] = {
	{ "vi", "[vi]" }, { "  code  -w\t", "[code][-w]" },
	{ "'a b' \"c d\" e\\ f", "[a b][c d][e f]" },
	{ "a'b'\"c\"d", "[abcd]" }, { "'' x", "[][x]" },
	{ "$(rm -rf /) `x` ;& *", "[$(rm][-rf][/)][`x`][;&][*]" },
	{ "\"a\\\"b\" 'c\\d'", "[a\"b][c\\d]" },
	{ "'open", "`'open`: a quote is open" }, { "", "the command is empty" },
	{ " \n", "the command is empty" },
	{ "a b c d e f g h i j k l m n o p q",
	  "`a b c d e f g h i j k l m n o p q`: more than 16 words" },
};

static void a_command_is_cut_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		struct text got = {0};
		struct external e;
		struct err err;

		if (external_cut(&e, commands[i].command, &err)) {
			assert_null(e.words[e.count]);
			for (int w = 0; w < e.count; w++)
				text_addf(&got, "[%s]", e.words[w]);
			external_release(&e);
		} else {
			text_add(&got, err.what);
		}
		assert_string_equal(text_cstr(&got), commands[i].words);
		text_free(&got);
	}
}

/* --- scripts that note what they are given ------------------------------------------- */

static char folder[64];
static char was_path[4096];

static void script(const char *name, const char *body)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", body);
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
}

static int begin(void **state)
{
	static const char *const unset[] = {
		"TMUX", "SSH_TTY", "SSH_CONNECTION", "DISPLAY",
		"WAYLAND_DISPLAY", "VISUAL", "EDITOR",
	};
	char path[4200];

	(void)state;
	for (size_t i = 0; i < sizeof(unset) / sizeof(*unset); i++)
		unsetenv(unset[i]);
	snprintf(was_path, sizeof(was_path), "%s", getenv("PATH"));
	strcpy(folder, "/tmp/millrace-ext-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s:%s", folder, was_path);
	setenv("PATH", path, 1);
	return 0;
}

static int finish(void **state)
{
	static const char *const names[] = { "tmux", "wl-copy", "xclip", "ed",
					     "got", "bad" };
	char path[128];

	(void)state;
	setenv("PATH", was_path, 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static const char *got(void)
{
	static char bytes[4096];
	char path[128];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/got", folder);
	f = fopen(path, "r");
	len = f ? fread(bytes, 1, sizeof(bytes) - 1, f) : 0;
	bytes[len] = '\0';
	if (f)
		fclose(f);
	unlink(path);
	return bytes;
}

#define NOTE "{ echo \"$0 $*\" | sed 's,.*/,,'; cat; } >\"${0%/*}/got\""

static char emitted[256];

static void emit(void *ctx, const char *bytes, size_t len)
{
	(void)ctx;
	assert_true(len < sizeof(emitted));
	memcpy(emitted, bytes, len);
	emitted[len] = '\0';
}

static void copy(const char *text, const char *tool, const char *words)
{
	struct text said = {0};

	emitted[0] = '\0';
	assert_true(clipboard_copy(text, strlen(text), emit, NULL, &said));
	assert_string_equal(got(), tool);
	if (!strstr(text_cstr(&said), words))
		fail_msg("said: %s", text_cstr(&said));
	text_free(&said);
}

static void a_text_goes_where_the_person_can_paste_it(void **state)
{
	(void)state;
	script("wl-copy", NOTE);
	script("xclip", NOTE);
	script("tmux", NOTE);
	copy("a b\n", "", "OSC 52");
	assert_string_equal(emitted, "\033]52;c;YSBiCg==\a");
	setenv("DISPLAY", ":9", 1);
	copy("two", "xclip -selection clipboard\ntwo", "(xclip)");
	setenv("WAYLAND_DISPLAY", "w", 1);
	copy("one", "wl-copy \none", "(wl-copy)");
	script("wl-copy", "exit 1");	/* it failed: the next */
	copy("x", "xclip -selection clipboard\nx", "(xclip)");
	setenv("SSH_CONNECTION", "1 2 3 4", 1);
	copy("abc", "", "OSC 52");
	assert_string_equal(emitted, "\033]52;c;YWJj\a");
	setenv("TMUX", "x", 1);
	copy("three", "tmux load-buffer -w -\nthree", "tmux");
	assert_string_equal(emitted, "");
	script("tmux", "exit 1");	/* older than 3.2 */
	copy("ab", "", "OSC 52");
	assert_string_equal(emitted, "\033]52;c;YWI=\a");
}

static void too_long_for_a_terminal_is_said(void **state)
{
	size_t len = CLIPBOARD_OSC52_MAX + 1;
	char *text = calloc(len, 1);
	struct text said = {0};

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	assert_false(clipboard_copy(text, len, emit, NULL, &said));
	assert_non_null(strstr(text_cstr(&said), "kept inside Millrace"));
	text_free(&said);
	free(text);
}

static void an_editor_gets_the_file_as_one_word(void **state)
{
	struct err err;

	(void)state;
	script("ed", "echo \"$#:$*\" >\"${0%/*}/got\"");
	setenv("EDITOR", "ed -w", 1);
	assert_true(external_edit("my file; rm $HOME", &err));
	assert_string_equal(got(), "2:-w my file; rm $HOME\n");
	setenv("VISUAL", "/nowhere/vi", 1);
	assert_false(external_edit("x", &err));
	assert_non_null(strstr(err.what, "`/nowhere/vi` cannot be started"));
	setenv("VISUAL", "bad", 1);
	script("bad", "exit 3");
	assert_false(external_edit("x", &err));
	assert_non_null(strstr(err.what, "ended with status 3"));
	setenv("VISUAL", "'", 1);
	assert_false(external_edit("x", &err));
	assert_non_null(strstr(err.what, "set EDITOR"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_cut_and_nothing_else),
		cmocka_unit_test_setup_teardown(
			a_text_goes_where_the_person_can_paste_it, begin,
			finish),
		cmocka_unit_test_setup_teardown(too_long_for_a_terminal_is_said,
						begin, finish),
		cmocka_unit_test_setup_teardown(
			an_editor_gets_the_file_as_one_word, begin, finish),
	};

	return cmocka_run_group_tests_name("external", tests, NULL, NULL);
}
