/* fuzz_json.c - any bytes as JSON: read, written, read again: the same text */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lua/json.h"
#include "lua/sandbox.h"
#include "sim/core/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void round_trip(lua_State *L, const char *bytes, size_t len)
{
	const char *once, *twice;
	size_t once_len, twice_len;
	struct err err;

	if (!json_push(L, bytes, len, &err)) {
		assert(lua_gettop(L) == 0);
		return;
	}
	json_push_text(L, 1);
	once = lua_tolstring(L, 2, &once_len);
	if (!json_push(L, once, once_len, &err))
		assert(!"what we write must be JSON");
	json_push_text(L, 3);
	twice = lua_tolstring(L, 4, &twice_len);
	assert(once_len == twice_len && memcmp(once, twice, once_len) == 0);
	lua_settop(L, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sandbox *s;

	if (!s)
		s = sandbox_new(NULL);
	if (len <= JSON_BYTES_MAX / 8)	/* escapes: the text grows */
		round_trip(sandbox_state(s), (const char *)data, len);
	return 0;
}
