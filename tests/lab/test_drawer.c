/* test_drawer.c - the learner's files in a folder, scripts, and hashes
 *
 * Method: the same steps on a drawer of the disk and one in memory; a table of
 * scripts; published vectors.  Goal: both drawers answer alike, names cannot
 * leave the folder, a script is cut into the inputs a shell would read.
 */
#include "tests/test.h"

#include <unistd.h>

#include "lab/course/hash.h"
#include "lab/course/script.h"
#include "lab/drawer.h"
#include "lab/paths.h"

static void note(void *with, const char *name, size_t len)
{
	text_addf(with, "%s:%zu ", name, len);
}

static void both_drawers_answer_alike(void **state)
{
	char root[] = "/tmp/millrace-drawer-XXXXXX", path[80];
	struct files_memory *memory = files_memory_new();
	struct text said[2] = {{0}};
	struct drawer *drawer;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/deep/er", root);
	drawer = drawer_new(path);
	for (int i = 0; i < 2; i++) {
		struct files f = i ? drawer_face(drawer) :
				     files_memory_face(memory);
		struct text *t = &said[i];
		struct err err;

		text_addf(t, "%d", f.read(f.ctx, "a", t, &err));
		text_addf(t, "%s ", err.what);
		text_addf(t, "%d", f.write(f.ctx, "b", "xyz", 3, &err));
		text_addf(t, "%d", f.write(f.ctx, "conf/a", "1", 1, &err));
		text_addf(t, "%d", f.append(f.ctx, "b", "2", 1, &err));
		text_addf(t, "%d", f.append(f.ctx, "new", "2", 1, &err));
		text_addf(t, "%d", f.write(f.ctx, "../x", "1", 1, &err));
		text_addf(t, "%s ", err.what);
		text_addf(t, "%d", f.write(f.ctx, "/x", "1", 1, &err));
		text_addf(t, "%d ", f.read(f.ctx, "b", t, &err));
		f.list(f.ctx, note, t, &err);
		text_addf(t, "%d", f.remove(f.ctx, "b", &err));
		text_addf(t, "%d", f.remove(f.ctx, "b", &err));
		text_addf(t, "%s ", err.what);
		f.list(f.ctx, note, t, &err);
		f.remove(f.ctx, "conf/a", &err);
		f.remove(f.ctx, "new", &err);
	}
	assert_string_equal(text_cstr(&said[0]), text_cstr(&said[1]));
	assert_non_null(strstr(text_cstr(&said[1]), "xyz2"));
	text_free(&said[0]);
	text_free(&said[1]);
	drawer_free(drawer);
	files_memory_free(memory);
	snprintf(path, sizeof(path), "%s/deep/er/conf", root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/deep/er", root);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/deep", root);
	rmdir(path);
	assert_int_equal(rmdir(root), 0);
}

static void a_drawer_has_a_last_place(void **state)
{
	char root[] = "/tmp/millrace-drawer-XXXXXX", name[32];
	struct drawer *d;
	struct files f;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(root));
	d = drawer_new(root);
	f = drawer_face(d);
	for (int i = 0; i < FILES_COUNT_MAX; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		assert_true(f.write(f.ctx, name, "", 0, &err));
	}
	assert_false(f.write(f.ctx, "more", "", 0, &err));
	assert_true(f.write(f.ctx, "f3", "again", 5, &err));
	for (int i = 0; i < FILES_COUNT_MAX; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		assert_true(f.remove(f.ctx, name, &err));
	}
	drawer_free(d);
	assert_int_equal(rmdir(root), 0);
}

static void scripts_are_cut_into_inputs(void **state)
{
	static const struct { const char *script, *inputs; } cases[] = {
		{ "", "" }, { "\n\n# x\n  # y\n", "" },
		{ "a\nb", "1[a]2[b]" }, { "a\r\nb\r\n", "1[a]2[b]" },
		{ "a \\\nb\nc\n", "1[a \\\nb]3[c]" },
		{ "echo 'x\ny'\nz\n", "1[echo 'x\ny']3[z]" },
		{ "cat <<E\n# no comment\n\nE\nz\n",
		  "1[cat <<E\n# no comment\n\nE]5[z]" },
		{ "cat <<E\nnever ends\n", "1[cat <<E\nnever ends]" },
		{ "a |\nb\n", "1[a |\nb]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = {0}, out = {0};
		struct script s;

		script_init(&s, cases[i].script, strlen(cases[i].script));
		while (script_next(&s, &t))
			text_addf(&out, "%d[%s]", s.input_line, text_cstr(&t));
		assert_string_equal(text_cstr(&out), cases[i].inputs);
		text_free(&t);
		text_free(&out);
	}
}

static void scripts_are_plain_text(void **state)
{
	struct err err;

	(void)state;
	assert_true(script_check("f", "a\tb\r\n\xc3\xa4\n", 8, &err));
	assert_false(script_check("f", "a\nb\0c", 5, &err));
	assert_non_null(strstr(err.what, "f:2:"));
}

/* FIPS 180-4's examples, and lengths around a block. */
static void hashes_are_those_of_the_standard(void **state)
{
	static const struct { const char *text, *hash; } cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca49599"
		  "1b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410"
		  "ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419"
		  "db06c1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hash h;
		char hex[65];

		hash_init(&h);
		hash_add(&h, cases[i].text, strlen(cases[i].text));
		hash_hex(&h, hex);
		assert_string_equal(hex, cases[i].hash);
	}
}

/* A home that nothing names, as in a record that is only in memory. */
static void a_folder_without_a_name_is_refused(void **state)
{
	struct err err;

	(void)state;
	assert_false(path_make("", &err));
	assert_non_null(strstr(err.what, "where the folder"));
	assert_true(path_make("/", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_without_a_name_is_refused),
		cmocka_unit_test(both_drawers_answer_alike),
		cmocka_unit_test(a_drawer_has_a_last_place),
		cmocka_unit_test(scripts_are_cut_into_inputs),
		cmocka_unit_test(scripts_are_plain_text),
		cmocka_unit_test(hashes_are_those_of_the_standard),
	};

	return cmocka_run_group_tests_name("drawer", tests, NULL, NULL);
}
