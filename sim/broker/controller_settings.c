/* controller_settings.c - dynamic settings of brokers (DynamicBrokerConfig 3.9)
 *
 * Words of a request: set.KEY=VALUE..., delete=KEY,KEY.  Only settings that a
 * broker can change while it runs may be set so; all others stand in its
 * server.properties.
 */
#include "sim/broker/controller_inside.h"

#include <string.h>

#include "sim/broker/admin.h"

/* The number of a setting that may be changed while a broker runs; -1: none. */
static int dynamic_key(const char *name, struct err *err)
{
	int key = broker_key_find(name);

	if (key >= 0 && broker_keys[key].dynamic)
		return key;
	if (key >= 0)
		err_set(err, "Cannot update these configs dynamically: "
			"Set(%s)", name);
	else		/* the real one keeps what it does not know */
		err_set(err, "%s is no setting of brokers that is simulated "
			"here", name);
	return -1;
}

static bool set_all(struct broker_config *config, const char *args,
		    struct err *err)
{
	struct text key = {0}, value = {0};
	bool ok = true;

	while (ok && args_next(&args, &key, &value)) {
		if (strncmp(text_cstr(&key), "set.", 4) != 0)
			continue;
		ok = dynamic_key(key.at + 4, err) >= 0 &&
		     broker_config_set(config, key.at + 4, text_cstr(&value),
				       err);
	}
	text_free(&key);
	text_free(&value);
	return ok;
}

static bool unset_all(struct broker_config *config, const char *list,
		      struct err *err)
{
	char name[128];

	while (admin_item(&list, name, sizeof(name))) {
		int key = dynamic_key(name, err);

		if (key < 0)
			return false;
		config->set &= ~(UINT64_C(1) << key);
	}
	return true;
}

enum kafka_error controller_alter_broker(struct world *w, struct controller *c,
					 int32_t broker, const char *args,
					 struct err *err)
{
	const struct broker_config *now = broker == NO_BROKER ?
		c->view.broker_default : c->view.broker_configs[broker];
	struct metadata_record r = {
		.kind = METADATA_BROKER_CONFIG, .broker = broker,
	};
	struct broker_config config = {0};
	struct text list = {0};
	bool ok;

	if (now)
		config = *now;
	args_bytes(args, "delete", &list);
	ok = set_all(&config, args, err) &&
	     unset_all(&config, text_cstr(&list), err);
	text_free(&list);
	if (!ok)
		return KAFKA_INVALID_REQUEST;
	r.broker_config = world_take(w, struct broker_config);
	*r.broker_config = config;
	controller_write(w, c, &r);
	return KAFKA_NONE;
}
