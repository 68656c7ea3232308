/* admin_dirs.c - administrative requests about log directories
 *
 *	describe-log-dirs	{"broker": 1, "log_dirs": [{"log_dir": path,
 *				"error": name (of one that is offline), "total",
 *				"usable", "partitions": [...]}]}
 *
 * After ReplicaManager.describeLogDirs, 3.9 (KIP-113, KIP-827).
 */
#include <string.h>

#include "sim/broker/admin.h"
#include "sim/broker/log_dirs.h"

static void comma(struct text *t)
{
	if (t->len && !strchr("[{", t->at[t->len - 1]))
		text_char(t, ',');
}

static void partition(struct world *w, const struct replica *r, struct text *t)
{
	int64_t lag = r->high_watermark - r->log.end_offset;

	comma(t);
	text_add(t, "{\"topic\":");
	text_json(t, world_text(w, r->partition->topic->name));
	text_addf(t, ",\"partition\":%u,\"size\":%lld,\"offset_lag\":%lld,"
		  "\"is_future\":false}", r->partition->index,
		  (long long)r->log.bytes, (long long)(lag > 0 ? lag : 0));
}

static void content(struct world *w, const struct log_dir *d, struct text *t)
{
	const struct broker *b = d->broker;

	text_addf(t, ",\"total\":%lld,\"usable\":%lld,\"partitions\":[",
		  (long long)d->disk->bytes_total,
		  (long long)disk_free_bytes(d->disk));
	for (uint32_t i = 0; i < b->replicas.count; i++) {
		const struct replica *r = b->replicas.at[i];

		if (r && r->dir == d && r->role != REPLICA_NONE)
			partition(w, r, t);
	}
	text_char(t, ']');
}

static void directory(struct world *w, const struct log_dir *d, struct text *t)
{
	comma(t);
	text_add(t, "{\"log_dir\":");
	text_json(t, log_dir_path(w, d));
	if (d->offline)
		text_addf(t, ",\"error\":\"%s\",\"partitions\":[]",
			  kafka_error_name(KAFKA_STORAGE_ERROR));
	else
		content(w, d, t);
	text_char(t, '}');
}

bool admin_log_dirs(struct world *w, struct broker *b, const char *api,
		    struct text *json)
{
	if (strcmp(api, "describe-log-dirs") != 0)
		return false;
	text_addf(json, "{\"broker\":%d,\"log_dirs\":[", b->node_id);
	for (uint32_t i = 0; i < b->log_dirs.count; i++)
		directory(w, b->log_dirs.at[i], json);
	text_add(json, "]}");
	return true;
}
