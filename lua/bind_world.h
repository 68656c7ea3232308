/* bind_world.h - the world as exercises see it: `w`, `h` and `s`
 *
 * Checks and setup are written by authors, who know what is wrong because they
 * caused it; so they see the truth, all of it, at once (design D7: marked as
 * such, and no tool of a learner's console has it).
 *
 *	w	the world as it is now; looking at it changes nothing
 *	h	the history of the run: what was typed, logged, decided
 *	s	for setup: all of w, and the power to change things
 *
 * What each offers stands in lua/README.md.  Whatever they give is a copy.
 *
 * A handle outlives its world politely: after bind_world_end every call on it
 * is a Lua error that says so.
 */
#ifndef LUA_BIND_WORLD_H
#define LUA_BIND_WORLD_H

struct lua_State;
struct session;
struct world;

/* Push a handle.  World and session are borrowed. */
void bind_world_push(struct lua_State *L, struct world *w);

/* The session's transcript is h:commands(); NULL: nothing was typed. */
void bind_history_push(struct lua_State *L, struct world *w,
		       const struct session *session);

/*
 * Lines of s:console are typed in this session, which should be one made for
 * setup alone, with the learner's drawer (session.h); s:file puts a file into
 * that drawer.  With the session ends what s can do: a module that keeps s
 * cannot change the world from a check.
 *
 * s:run runs the world inside the call: give the sandbox of a setup fuel (20
 * steps an event) and CPU time accordingly.
 */
void bind_setup_push(struct lua_State *L, struct session *session);

/* The world is about to be freed: close all handles on it. */
void bind_world_end(struct lua_State *L, const struct world *w);

#endif
