#include "tests/lab/e2e/lab.h"
static void dump(struct pty *p, const char *what) { struct text t={0}; pty_text(p,&t); printf("== %s\n%s", what, text_cstr(&t)); text_free(&t); }
static void look(void **state)
{
	struct lab l; (void)state;
	lab_make(&l);
	lab_open(&l, "start", "bigdata.five-vs", NULL);
	pty_keys(&l.p, "Esc"); dump(&l.p, "esc");
	pty_keys(&l.p, ":"); dump(&l.p, ":");
	pty_keys(&l.p, "Esc"); dump(&l.p, "esc");
	pty_keys(&l.p, "?"); dump(&l.p, "?");
	pty_keys(&l.p, "Esc"); dump(&l.p, "esc");
	pty_keys(&l.p, ":"); dump(&l.p, ":");
	pty_stop(&l.p);
	lab_remove(&l);
}
int main(int argc, char **argv) { const struct CMUnitTest t[] = { cmocka_unit_test(look) }; (void)argc; lab_find_program(argv[0]); return cmocka_run_group_tests(t,NULL,NULL); }
