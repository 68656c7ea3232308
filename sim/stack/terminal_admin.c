/* terminal_admin.c - the AdminClient a person starts
 *
 * One command is one call; its answer is one entry of the mailbox.  A client
 * that is kept answers further calls under the same id (kafka-topics.sh makes
 * several of one client).
 */
#include "sim/stack/terminal_inside.h"

#include <string.h>

#include "sim/core/args.h"

#define KEEP_IDLE	SIM_S(5)	/* an admin client nobody asks ends */

void terminal_admin_log(struct world *w, void *who, uint16_t arg)
{
	const struct admin_said *said = who;

	(void)arg;
	terminal_post(w, said->owner, TERMINAL_LOG, said->text,
		      strlen(said->text));
}

void terminal_admin_done(struct world *w, void *who, uint16_t arg)
{
	const struct admin_said *said = who;
	struct terminal *t = said->owner;

	(void)arg;
	terminal_post(w, t, TERMINAL_REPLY, said->text, strlen(said->text));
	/* Not from inside the client's own call; one that is kept and then
	 * forgotten ends by itself. */
	terminal_poll_in(w, t, t->keep ? KEEP_IDLE : 0);
}

static bool admin_again(struct world *w, const char *args, int64_t *result,
			struct err *err)
{
	struct terminal *t = terminal_named(w, args, WHAT_ADMIN, err);

	if (!t)
		return false;
	if (admin_client_busy(t->admin))
		return err_set(err, "id=%lld: its last call is not over",
			       (long long)t->id);
	*result = t->id;
	world_cancel(w, &t->poll);
	admin_client_call(w, t->admin, args);
	return true;
}

bool terminal_admin(struct world *w, const char *args, int64_t *result,
		    struct err *err)
{
	struct admin_client_owner owner = {
		.log = TERMINAL_ADMIN_LOG, .done = TERMINAL_ADMIN_DONE,
	};
	struct text bootstrap = {0}, client_id = {0}, command = {0};
	struct terminal *t;
	struct machine *m;

	if (args_has(args, "id"))
		return admin_again(w, args, result, err);
	m = terminal_machine(w, args, err);
	if (!m)
		return false;
	if (!cluster_of(w))
		return err_set(err, "this world has no Kafka cluster");
	t = terminal_open(w, WHAT_ADMIN);
	t->keep = args_has(args, "keep");
	*result = t->id;
	owner.self = t;
	terminal_argument(args, "bootstrap", "", &bootstrap);
	terminal_argument(args, "client_id", "adminclient-1", &client_id);
	terminal_argument(args, "command", "java kafka-admin", &command);
	t->admin = admin_client_open(w, m, text_cstr(&bootstrap),
				     client_id.at, command.at, &owner);
	text_free(&bootstrap);
	text_free(&client_id);
	text_free(&command);
	admin_client_call(w, t->admin, args);
	return true;
}

bool terminal_admin_close(struct world *w, const char *args, int64_t *result,
			  struct err *err)
{
	struct terminal *t = terminal_named(w, args, WHAT_ADMIN, err);

	if (!t)
		return false;
	*result = t->id;
	admin_client_close(w, t->admin);
	terminal_ended(w, t);
	return true;
}
