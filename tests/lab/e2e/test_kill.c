/* test_kill.c - the program is killed, and what was settled is there again
 *
 * Method: lines are typed into an exercise of the real program, line by line
 * on a pipe (each prompt after a line acknowledges it) and as keys in a
 * terminal (each settled Enter does); at a seeded moment it is killed, in
 * every way there is: the moment itself is the machine's.  Goal: every line
 * acknowledged is in the log, in order, none twice; the world stands where it
 * stood or later; a task that was done is done; the terminal is whole.
 */
#include "tests/lab/e2e/lab.h"

#include "sim/core/luck.h"

#ifdef TEST_SANITIZED
enum { PLAIN_ROUNDS = 24, SCREEN_ROUNDS = 20, SLOWER = 6 };
#else
enum { PLAIN_ROUNDS = 160, SCREEN_ROUNDS = 40, SLOWER = 1 };
#endif
enum { FRESH_EVERY = 20, LINES_MAX = 6, EVER_MAX = 4096 };

#define EXERCISE	"bigdata.first-log"
#define SERVER		"--bootstrap-server broker-1:9092"

/* What is known to be in the record. */
struct kept {
	struct lab lab;
	struct luck luck;
	struct text ever[EVER_MAX];	/* our lines of the log, in order */
	size_t ever_count;
	int64_t at_ms;		/* the world stood there when seen last */
	bool topic;		/* the first task was seen done */
	int round, line;	/* numbers, so that no two lines are alike */
	struct text sent[LINES_MAX];
	size_t sent_count, acked;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void keep_begin(struct kept *k, const char *name)
{
	*k = (struct kept){ .line = 0 };
	lab_make(&k->lab);
	luck_init(&k->luck, 1, "kill", name);
}

static void forget_sent(struct kept *k)
{
	for (size_t i = 0; i < k->sent_count; i++)
		text_free(&k->sent[i]);
	k->sent_count = k->acked = 0;
}

static void keep_end(struct kept *k)
{
	forget_sent(k);
	for (size_t i = 0; i < k->ever_count; i++)
		text_free(&k->ever[i]);
	lab_remove(&k->lab);
}

/* --- what is typed ---------------------------------------------------------------- */

/* The order is drawn by the seed; the topic, and how many partitions. */
static void read_order(struct kept *k, struct text *create)
{
	struct text out = {0};
	char topic[64];
	const char *at;
	int partitions = 0;

	lab_run_in(&k->lab, "echo 'cat order.txt' |", "start " EXERCISE
		   " --fresh --plain", &out);
	at = strstr(text_cstr(&out), "> cat order.txt\n");
	assert_non_null(at);
	if (!(at = strstr(at, "\ntopic ")) ||
	    sscanf(at, " topic %63s %d partitions", topic, &partitions) != 2)
		fail_msg("an order of another form: %s",
			 text_cstr(&out));
	text_addf(create, "kafka-topics.sh " SERVER " --create --topic %s "
		  "--partitions %d --replication-factor 3", topic, partitions);
	text_free(&out);
}

static void draw_line(struct kept *k, struct text *out)
{
	static const char *const tails[] = {
		"", "; kafka-topics.sh " SERVER " --list",
		"; sleep 1", "; ls",
	};

	k->line++;
	if (luck_between(&k->luck, 0, 5) == 0)	/* a word, no command */
		text_addf(out, "run 1.%03ds", k->line % 1000);
	else
		text_addf(out, "echo r%d.%d%s", k->round, k->line,
			  tails[luck_between(&k->luck, 0, 3)]);
}

static void draw_lines(struct kept *k)
{
	size_t count = (size_t)luck_between(&k->luck, 1, LINES_MAX);

	forget_sent(k);
	while (k->sent_count < count)
		draw_line(k, &k->sent[k->sent_count++]);
}

/* --- what is there ------------------------------------------------------------------ */

/* Our lines of the log, as draw_line makes them. */
static size_t lines_of(const char *log, struct text *out)
{
	static const char mark[] = "\"text\":\"";
	size_t n = 0;

	while ((log = strstr(log, mark))) {
		const char *from = log + strlen(mark);
		size_t len = strcspn(from, "\"");

		log = from;
		if (strncmp(from, "echo r", 6) != 0 &&
		    strncmp(from, "run 1.", 6) != 0)
			continue;
		assert_true(n < EVER_MAX);
		text_clear(&out[n]);
		text_bytes(&out[n++], from, len);
		log = from + len;
	}
	return n;
}

/* The log now: all of before, then a beginning of what was sent, at least what
 * was acknowledged. */
static void look_at_log(struct kept *k)
{
	static struct text now[EVER_MAX];
	struct text log = {0};
	size_t n, fresh;

	lab_log(&k->lab, &log);
	n = lines_of(text_cstr(&log), now);
	text_free(&log);
	if (n < k->ever_count + k->acked || n > k->ever_count + k->sent_count)
		fail_msg("round %d: %zu lines were kept, %zu acknowledged, "
			 "%zu sent; the log has %zu", k->round, k->ever_count,
			 k->acked, k->sent_count, n);
	for (size_t i = 0; i < k->ever_count; i++)
		assert_string_equal(text_cstr(&now[i]), text_cstr(&k->ever[i]));
	fresh = n - k->ever_count;
	for (size_t i = 0; i < fresh; i++)
		assert_string_equal(text_cstr(&now[k->ever_count + i]),
				    text_cstr(&k->sent[i]));
	for (size_t i = 0; i < fresh; i++)
		text_add(&k->ever[k->ever_count + i], text_cstr(&k->sent[i]));
	k->ever_count = n;
	for (size_t i = 0; i < n; i++)
		text_free(&now[i]);
}

/* "T+04:00.125" or "T+1:02:03"; -1: something else. */
static int64_t time_ms(const char *s)
{
	int64_t whole = 0, part = 0, unit = 1000;

	if (strncmp(s, "T+", 2) != 0)
		return -1;
	for (s += 2; *s; s++) {
		if (*s == ':') {
			whole = (whole + part) * 60;
			part = 0;
		} else if (*s >= '0' && *s <= '9') {
			part = part * 10 + *s - '0';
		} else {
			break;
		}
	}
	whole = (whole + part) * 1000;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && unit > 1; s++)
			whole += (*s - '0') * (unit /= 10);
	return whole;
}

/* --- line by line -------------------------------------------------------------------- */

struct talk {
	pid_t pid;
	int in, out;		/* ours */
	struct text said;
	size_t looked;		/* of said, searched for prompts */
	size_t prompts;
	int64_t first_ms, last_ms;	/* the world's time in them */
	bool over;
};

static void talk_begin(struct talk *t, const struct lab *l, bool fresh)
{
	int in[2], out[2];

	*t = (struct talk){ .first_ms = -1, .last_ms = -1 };
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	fflush(NULL);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		setpgid(0, 0);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		for (int i = 0; i < 2; i++) {
			close(in[i]);
			close(out[i]);
		}
		setenv("MILLRACE_HOME", l->home, 1);
		setenv("ASAN_OPTIONS", "handle_segv=0", 1);
		execl(lab_program, lab_program, "start", EXERCISE, "--plain",
		      fresh ? "--fresh" : (char *)NULL, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	t->in = in[1];
	t->out = out[0];
	fcntl(t->out, F_SETFL, O_NONBLOCK);
}

/* A prompt begins a line and ends in "> ", with nothing behind it yet or the
 * line that was read. */
static void find_prompts(struct talk *t)
{
	const char *s;

	while ((s = strstr(text_cstr(&t->said) + t->looked, "\nT+"))) {
		size_t len = strcspn(s + 1, "> ");

		if (!s[1 + len] || !s[2 + len])
			return;		/* not whole yet */
		t->looked = (size_t)(s + 1 + len - t->said.at);
		if (strncmp(s + 1 + len, "> ", 2) != 0)
			continue;
		t->last_ms = time_ms(s + 1);
		if (!t->prompts++)
			t->first_ms = t->last_ms;
	}
}

/* What it says until so many prompts have come or the moment has. */
static void listen(struct talk *t, size_t prompts, int64_t until_us)
{
	struct pollfd p = { .fd = t->out, .events = POLLIN };
	char bytes[8192];

	while (!t->over && t->prompts < prompts) {
		int64_t left = until_us - now_us();
		ssize_t n;

		if (until_us && left <= 0)
			return;
		/* The last millisecond by looking again and again. */
		if (poll(&p, 1, until_us ? (int)(left / 1000) :
					   1000 * PTY_SECONDS) == 0) {
			if (!until_us)
				fail_msg("it says nothing more after: %s",
					 text_cstr(&t->said));
			continue;
		}
		n = read(t->out, bytes, sizeof(bytes));
		t->over = n == 0;
		if (n > 0)
			text_bytes(&t->said, bytes, (size_t)n);
		find_prompts(t);
	}
}

static void hear_all(struct talk *t)
{
	listen(t, SIZE_MAX, 0);
}

static int talk_end(struct talk *t)
{
	int status;

	if (t->in >= 0)
		close(t->in);
	hear_all(t);
	close(t->out);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	return status;
}

static int64_t moment(struct luck *luck, int64_t us_max)
{
	return now_us() + luck_between(luck, 0, SLOWER * us_max);
}

static void say(struct talk *t, const char *line)
{
	size_t len = strlen(line);

	/* A pipe takes them at once; it may be dead already. */
	if (write(t->in, line, len) == (ssize_t)len &&
	    write(t->in, "\n", 1) != 1)
		return;
}

static void say_lines(struct talk *t, const struct kept *k)
{
	for (size_t i = 0; i < k->sent_count; i++)
		say(t, text_cstr(&k->sent[i]));
}

/* The first task is done and checked; the prompt behind it settles that. */
static void do_first_task(struct kept *k, const char *create)
{
	struct talk t;

	talk_begin(&t, &k->lab, true);
	say(&t, create);
	say(&t, "sleep 5");
	say(&t, "check");
	listen(&t, 4, 0);
	kill(t.pid, SIGKILL);
	talk_end(&t);
	k->topic = strstr(text_cstr(&t.said), "Task 2 of 4") != NULL;
	if (!k->topic)
		fail_msg("the first task is not done: %s", text_cstr(&t.said));
	k->at_ms = t.last_ms;
	text_free(&t.said);
}

/* It goes on where it was. */
static void goes_on(const struct kept *k, const struct talk *t)
{
	if (t->first_ms < 0)
		return;		/* killed before it said anything */
	if (t->first_ms < k->at_ms)
		fail_msg("round %d: the world stood at %lld ms, now at %lld",
			 k->round, (long long)k->at_ms, (long long)t->first_ms);
	if (k->topic && !strstr(text_cstr(&t->said), "Task 2 of 4"))
		fail_msg("round %d: the first task is not done any more: %s",
			 k->round, text_cstr(&t->said));
}

static const int plain_signals[] = { SIGKILL, SIGKILL, SIGSEGV, SIGTERM,
				     SIGHUP };

static void plain_round(struct kept *k)
{
	int sig = plain_signals[luck_between(&k->luck, 0, 4)];
	bool at_work = luck_between(&k->luck, 0, 3) > 0;
	struct talk t;

	draw_lines(k);
	talk_begin(&t, &k->lab, false);
	say_lines(&t, k);
	if (at_work)	/* else it may be killed before it has begun */
		listen(&t, (size_t)luck_between(&k->luck, 1,
				(int64_t)k->sent_count + 1), 0);
	listen(&t, SIZE_MAX, moment(&k->luck, at_work ? 4000 : 120000));
	kill(luck_between(&k->luck, 0, 1) ? t.pid : -t.pid, sig);
	talk_end(&t);
	if (strstr(text_cstr(&t.said), "Sanitizer:"))
		fail_msg("%s", text_cstr(&t.said));
	k->acked = t.prompts ? t.prompts - 1 : 0;
	goes_on(k, &t);
	if (t.prompts)
		k->at_ms = t.last_ms;
	look_at_log(k);
	text_free(&t.said);
}

static void lines_survive_a_kill(void **state)
{
	struct text create = {0};
	struct kept k;
	size_t lines;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	keep_begin(&k, "lines");
	read_order(&k, &create);
	for (k.round = 0; k.round < PLAIN_ROUNDS; k.round++) {
		if (k.round % FRESH_EVERY == 0)
			do_first_task(&k, text_cstr(&create));
		plain_round(&k);
	}
	lines = k.ever_count;
	print_message("%d kills, %zu lines kept\n", PLAIN_ROUNDS, lines);
	assert_true(lines >= PLAIN_ROUNDS);	/* it did work in between */
	text_free(&create);
	keep_end(&k);
}

/* --- on the screen ----------------------------------------------------------------------- */

enum whom { CHILD, PARENT, GROUP };

static const struct death {
	enum whom whom;
	int signal;
	int status;		/* what the shell sees */
	bool is_whole;		/* somebody is left to mend the terminal */
} deaths[] = {
	{ CHILD, SIGKILL, 128 + SIGKILL, true },
	{ CHILD, SIGSEGV, 128 + SIGSEGV, true },
	{ CHILD, SIGTERM, 128 + SIGTERM, true },
	{ CHILD, SIGHUP, 128 + SIGHUP, true },
	{ CHILD, SIGABRT, 128 + SIGABRT, true },
	{ PARENT, SIGTERM, 128 + SIGTERM, true },
	{ PARENT, SIGHUP, 128 + SIGHUP, true },
	{ PARENT, SIGKILL, 128 + SIGKILL, true },
	{ GROUP, SIGTERM, 128 + SIGTERM, true },
	{ GROUP, SIGKILL, 128 + SIGKILL, false },
};
enum { DEATHS = sizeof(deaths) / sizeof(*deaths) };

static void await_end_of(pid_t pid)
{
	int64_t until = pty_now_ms() + 1000 * PTY_SECONDS;

	while (kill(pid, 0) == 0) {
		if (pty_now_ms() >= until)
			fail_msg("process %d goes on", (int)pid);
		poll(NULL, 0, 1);
	}
}

static void kill_it(struct kept *k, const struct death *d)
{
	struct pty *p = &k->lab.p;
	pid_t child = pty_child_of(p->pid), parent = p->pid;
	pid_t whom = d->whom == CHILD ? child : d->whom == PARENT ? parent :
								    -parent;

	assert_true(child > 1);
	kill(whom, d->signal);
	assert_int_equal(pty_end(p), d->status);
	await_end_of(child);
	while (pty_pump(p, 0))
		continue;
	if (d->is_whole && !pty_is_restored(p))
		pty_fail(p, "the terminal is not restored", "");
	if (d->whom == CHILD)
		assert_shows(p, "you did is kept");
}

/* Types for so long; what Enter was settled behind is acknowledged. */
static void type(struct kept *k, int64_t until_us)
{
	struct pty *p = &k->lab.p;

	for (size_t i = 0; i < k->sent_count; i++) {
		const struct text *line = &k->sent[i];
		bool is_last = i + 1 == k->sent_count;

		for (size_t c = 0; c < line->len; c++) {
			pty_sendn(p, line->at + c, 1);
			if (c % 8 == 7 && !is_last)
				pty_settle(p);
		}
		pty_send(p, "\r");
		if (is_last)
			break;
		pty_settle(p);
		k->acked++;
	}
	while (!pty_is_settled(p) || p->done < p->sent) {
		if (now_us() >= until_us)
			return;
		pty_pump(p, 0);
	}
	k->acked++;
}

/* The time in the corner: "PAUSED at T+02:00". */
static int64_t time_shown(struct pty *p)
{
	struct text t = {0};
	const char *at;
	int64_t ms;

	pty_text(p, &t);
	at = strstr(text_cstr(&t), "PAUSED at ");
	ms = at ? time_ms(at + strlen("PAUSED at ")) : -1;
	text_free(&t);
	return ms;
}

static void screen_round(struct kept *k)
{
	struct pty *p = &k->lab.p;

	draw_lines(k);
	lab_open(&k->lab, "start", EXERCISE, NULL);
	if (k->round) {
		assert_shows(p, "You are back at");
		if (time_shown(p) < k->at_ms)
			pty_fail(p, "the world stands before where it was", "");
	}
	if (k->ever_count) {
		char words[32];
		const char *last = text_cstr(&k->ever[k->ever_count - 1]);

		snprintf(words, sizeof(words), "%.*s", (int)strcspn(last, ";"),
			 last);
		assert_shows(p, words);
	}
	type(k, moment(&k->luck, 20000));
	if (pty_is_settled(p))
		k->at_ms = time_shown(p);
	kill_it(k, &deaths[k->round % DEATHS]);
	pty_stop(p);
	look_at_log(k);
}

static void keys_survive_a_kill(void **state)
{
	struct kept k;

	(void)state;
	keep_begin(&k, "keys");
	for (k.round = 0; k.round < SCREEN_ROUNDS; k.round++)
		screen_round(&k);
	print_message("%d kills, %zu lines kept\n", SCREEN_ROUNDS,
		      k.ever_count);
	assert_true(k.ever_count >= SCREEN_ROUNDS);
	keep_end(&k);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_survive_a_kill),
		cmocka_unit_test(keys_survive_a_kill),
	};

	(void)argc;
	lab_find_program(argv[0]);
	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
