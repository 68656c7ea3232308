/* program_weigh.c - the bytes a program holds, the same in every run
 *
 * What the allocator gave depends on liblua's random hash seed (when a table
 * is rebuilt) and on when garbage is collected.  So a program is weighed as a
 * scale would: everything that can be reached from its globals and from the
 * tasks that wait, each thing once, by its kind and content:
 *
 *	a table		56 B, and 40 B an entry (a node of a hash part)
 *	a string	24 B and its text
 *	a function	32 B, and 16 B an upvalue
 *	a coroutine	1 KiB, and what its stack holds
 *	the text	4 B a byte of source, for its code
 *
 * sizes of liblua 5.4 on 64 bits (lobject.h).  Simplified: garbage weighs
 * nothing, integer keys weigh as others do, tables do not grow by doubling.
 */
#include "lua/program_inside.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/mem.h"

#define TABLE_BYTES	56
#define ENTRY_BYTES	40
#define STRING_BYTES	24
#define CLOSURE_BYTES	32
#define UPVALUE_BYTES	16
#define THREAD_BYTES	1024
#define SOURCE_BYTES	4

/* Things seen, by address.  On the heap: it lives for one weighing. */
struct seen {
	const void **slots;
	size_t count, cap;		/* cap a power of two */
};

struct scale {
	lua_State *L;
	struct seen seen;
	int64_t bytes;
	int todo;			/* values on the stack, not looked into */
};

static size_t slot_of(const struct seen *s, const void *thing)
{
	size_t i = (size_t)(((uintptr_t)thing >> 4) *
			    UINT64_C(0x9e3779b97f4a7c15)) & (s->cap - 1);

	while (s->slots[i] && s->slots[i] != thing)
		i = (i + 1) & (s->cap - 1);
	return i;
}

static void grow(struct seen *s)
{
	struct seen old = *s;

	s->cap = old.cap ? 2 * old.cap : 1024;
	s->slots = mem_zeroed(s->cap, sizeof(*s->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i])
			s->slots[slot_of(s, old.slots[i])] = old.slots[i];
	free(old.slots);
}

static bool first_time(struct seen *s, const void *thing)
{
	size_t i;

	if (2 * s->count >= s->cap)
		grow(s);
	i = slot_of(s, thing);
	if (s->slots[i])
		return false;
	s->slots[i] = thing;
	s->count++;
	return true;
}

/* Pop the value on top: weigh it, or keep it to look into. */
static void put(struct scale *s)
{
	lua_State *L = s->L;
	int type = lua_type(L, -1);
	bool deep = type == LUA_TTABLE || type == LUA_TTHREAD ||
		    (type == LUA_TFUNCTION && !lua_iscfunction(L, -1));

	if ((deep || type == LUA_TSTRING) &&
	    first_time(&s->seen, lua_topointer(L, -1))) {
		if (deep && lua_checkstack(L, 8)) {
			s->todo++;
			return;
		}
		if (type == LUA_TSTRING)
			s->bytes += STRING_BYTES + (int64_t)lua_rawlen(L, -1);
	}
	lua_pop(L, 1);
}

/* Keys and values land below the table that is on top. */
static void look_into_table(struct scale *s)
{
	lua_State *L = s->L;
	int table = lua_gettop(L);

	s->bytes += TABLE_BYTES;
	lua_pushnil(L);
	while (lua_next(L, table)) {
		/* table ... key value: weigh both, keep the key for next */
		s->bytes += ENTRY_BYTES;
		put(s);
		if (lua_gettop(L) > table + 1) {	/* the value was kept */
			lua_insert(L, table);
			table++;
		}
		lua_pushvalue(L, -1);
		put(s);
		if (lua_gettop(L) > table + 1) {
			lua_insert(L, table);
			table++;
		}
	}
	lua_remove(L, table);
}

static void look_into_function(struct scale *s)
{
	lua_State *L = s->L;
	int function = lua_gettop(L);

	s->bytes += CLOSURE_BYTES;
	for (int i = 1; lua_getupvalue(L, function, i); i++) {
		s->bytes += UPVALUE_BYTES;
		put(s);
	}
	lua_remove(L, function);
}

static void take_from(struct scale *s, lua_State *co)
{
	lua_xmove(co, s->L, 1);
	put(s);
}

/* What the stack of a coroutine holds: of each function its locals and
 * temporaries; of one that has not begun, what it will be called with. */
static void look_into_thread(struct scale *s)
{
	lua_State *co = lua_tothread(s->L, -1);
	int thread = lua_gettop(s->L);
	lua_Debug ar;

	s->bytes += THREAD_BYTES;
	if (co == s->L || !lua_checkstack(co, 4)) {
		lua_remove(s->L, thread);
		return;
	}
	for (int i = 1, top = lua_gettop(co); i <= top; i++) {
		lua_pushvalue(co, i);
		take_from(s, co);
	}
	for (int level = 0; lua_getstack(co, level, &ar); level++) {
		lua_getinfo(co, "f", &ar);
		take_from(s, co);
		for (int i = 1; lua_getlocal(co, &ar, i); i++)
			take_from(s, co);
	}
	lua_remove(s->L, thread);
}

static void look(struct scale *s)
{
	s->todo--;
	switch (lua_type(s->L, -1)) {
	case LUA_TTABLE:
		look_into_table(s);
		break;
	case LUA_TTHREAD:
		look_into_thread(s);
		break;
	default:
		look_into_function(s);
		break;
	}
}

int64_t program_weigh(struct program *p)
{
	struct scale s = { .L = sandbox_state(p->sandbox) };
	int bottom = lua_gettop(s.L);

	s.bytes = (int64_t)p->text_len * SOURCE_BYTES;
	program_push_env(p);
	put(&s);
	for (uint32_t i = 0; i < p->service->tasks.count; i++) {
		struct task *t = p->service->tasks.at[i];

		if (!t->thread)
			continue;
		lua_pushthread(t->thread);
		lua_xmove(t->thread, s.L, 1);
		put(&s);
	}
	while (s.todo)
		look(&s);
	lua_settop(s.L, bottom);
	free(s.seen.slots);
	return s.bytes;
}
