/* regex_run.c - a program of a pattern, run over a text
 *
 * All threads of the automaton walk side by side, one character at a time; the
 * order of the threads is their preference, so groups come out as RE2 reports
 * them (leftmost, first).  Two threads at one instruction have the same future,
 * so the less preferred is dropped: that is why nothing can hang.
 */
#include "sim/tsdb/regex_inside.h"

#include <string.h>

/* One way through the program that is still open. */
struct thread {
	uint32_t pc;
	int save[];		/* 2 * groups asked for */
};

struct threads {
	unsigned char *at;
	uint32_t count;
	uint32_t *seen;		/* by pc: in which round it was added */
	uint32_t round;
};

struct machine {
	const struct regex *re;
	const char *text, *end;
	int slots;		/* positions kept a thread */
	size_t thread_bytes;
	uint32_t *todo;		/* stack of follow_on */
	int *undo;		/* slot and old value */
};

static struct thread *thread_at(const struct machine *m,
				const struct threads *t, uint32_t i)
{
	return (struct thread *)(void *)(t->at + i * m->thread_bytes);
}

static bool word_at(const struct machine *m, const char *at)
{
	return at >= m->text && at < m->end &&
	       ((*at >= '0' && *at <= '9') || *at == '_' ||
		((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'));
}

static bool holds(const struct machine *m, enum node_kind what, const char *at)
{
	switch (what) {
	case NODE_BEGIN_TEXT:
		return at == m->text;
	case NODE_END_TEXT:
		return at == m->end;
	case NODE_BEGIN_LINE:
		return at == m->text || at[-1] == '\n';
	case NODE_END_LINE:
		return at == m->end || *at == '\n';
	case NODE_WORD:
		return word_at(m, at - 1) != word_at(m, at);
	default:
		return word_at(m, at - 1) == word_at(m, at);
	}
}

#define UNDO	0x80000000u	/* on the stack: take a save back */

/*
 * Add the thread at pc and all it reaches without reading a character, in
 * their order of preference.  A stack instead of recursion: patterns come
 * from outside.
 */
static void follow_on(struct machine *m, struct threads *t, uint32_t pc,
		      const int *save, const char *at)
{
	int now[2 * REGEX_GROUPS_MAX];
	uint32_t depth = 0, undone = 0;

	if (m->slots)
		memcpy(now, save, (size_t)m->slots * sizeof(*now));
	m->todo[depth++] = pc;
	while (depth) {
		const struct inst *inst;
		struct thread *added;

		pc = m->todo[--depth];
		if (pc & UNDO) {
			undone -= 2;
			now[m->undo[undone]] = m->undo[undone + 1];
			continue;
		}
		if (t->seen[pc] == t->round)
			continue;
		t->seen[pc] = t->round;
		inst = &m->re->program[pc];
		switch (inst->op) {
		case OP_JUMP:
			m->todo[depth++] = inst->x;
			break;
		case OP_SPLIT:
			m->todo[depth++] = inst->y;
			m->todo[depth++] = inst->x;
			break;
		case OP_ASSERT:
			if (holds(m, inst->what, at))
				m->todo[depth++] = pc + 1;
			break;
		case OP_SAVE:
			if (inst->x < (uint32_t)m->slots) {
				m->undo[undone++] = (int)inst->x;
				m->undo[undone++] = now[inst->x];
				now[inst->x] = (int)(at - m->text);
				m->todo[depth++] = UNDO;
			}
			m->todo[depth++] = pc + 1;
			break;
		default:
			added = thread_at(m, t, t->count++);
			added->pc = pc;
			if (m->slots)
				memcpy(added->save, now,
				       (size_t)m->slots * sizeof(*now));
		}
	}
}

static bool run(struct machine *m, struct threads *now, struct threads *next,
		int *save)
{
	int none[2 * REGEX_GROUPS_MAX];
	const char *at = m->text;
	bool matched = false;

	for (int i = 0; i < 2 * REGEX_GROUPS_MAX; i++)
		none[i] = -1;
	now->round = 1;
	follow_on(m, now, 0, none, at);
	while (now->count) {
		uint32_t rune = 0;
		size_t len = at < m->end ? regex_rune(at, m->end, &rune) : 0;
		struct threads *swap = now;

		next->round = now->round + 1;
		next->count = 0;
		for (uint32_t i = 0; i < now->count; i++) {
			struct thread *t = thread_at(m, now, i);
			const struct inst *inst = &m->re->program[t->pc];

			if (inst->op == OP_MATCH) {
				matched = true;
				if (m->slots)
					memcpy(save, t->save, (size_t)m->slots *
							      sizeof(*save));
				break;		/* the rest is less preferred */
			}
			if (len && regex_class_has(inst->class, rune))
				follow_on(m, next, t->pc + 1, t->save,
					  at + len);
		}
		now = next;
		next = swap;
		if (!len)
			break;
		at += len;
	}
	return matched;
}

static bool match(const struct regex *re, const char *text, int slots,
		  int *save)
{
	size_t thread_bytes = sizeof(struct thread) +
			      (size_t)slots * sizeof(int);
	struct pool pool = {0};
	struct machine m = {
		.re = re, .text = text, .end = text + strlen(text),
		.slots = slots, .thread_bytes = thread_bytes,
	};
	struct threads a = {0}, b = {0};
	bool matched;

	/* Each pc goes onto the stack at most twice, plus one undo. */
	m.todo = pool_array(&pool, uint32_t, 3 * (size_t)re->count + 3);
	m.undo = pool_array(&pool, int, 2 * (size_t)re->count + 2);
	a.at = pool_take(&pool, re->count * thread_bytes);
	b.at = pool_take(&pool, re->count * thread_bytes);
	a.seen = pool_array(&pool, uint32_t, re->count);
	b.seen = pool_array(&pool, uint32_t, re->count);
	matched = run(&m, &a, &b, save);
	pool_release(&pool);
	return matched;
}

bool regex_match(const struct regex *re, const char *text)
{
	if (re->literal)
		return strcmp(re->literal, text) == 0;
	return match(re, text, 0, NULL);
}

bool regex_groups(const struct regex *re, const char *text,
		  int from[REGEX_GROUPS_MAX], int to[REGEX_GROUPS_MAX])
{
	int save[2 * REGEX_GROUPS_MAX];

	for (int i = 0; i < 2 * REGEX_GROUPS_MAX; i++)
		save[i] = -1;
	if (!match(re, text, 2 * REGEX_GROUPS_MAX, save))
		return false;
	for (int i = 1; i < REGEX_GROUPS_MAX; i++) {
		from[i] = save[2 * i];
		to[i] = save[2 * i + 1];
	}
	from[0] = 0;
	to[0] = (int)strlen(text);
	return true;
}
