/* ingest_words.h - what a stage answers, for people and for programs
 *
 * Each figure with its badge (figure.h), and an estimate with its interval:
 *
 *	produced      4 000 000   estimate  3 996 000 to 4 004 000
 */
#ifndef SIM_DEVICE_INGEST_WORDS_H
#define SIM_DEVICE_INGEST_WORDS_H

#include "sim/core/text.h"
#include "sim/device/ingest.h"

/* One of the figures of struct ingest_answer. */
struct ingest_word {
	const char *name;	/* "backlog_max" */
	size_t at;		/* offset of its struct figure */
	bool is_time;		/* nanoseconds, rather than records */
};
extern const struct ingest_word ingest_words[];	/* NULL name ends */

static inline const struct figure *ingest_figure(const struct ingest_answer *a,
						 const struct ingest_word *word)
{
	return (const struct figure *)((const char *)a + word->at);
}

/* A line a figure, then what the badges mean that stand there. */
void ingest_text(const struct world *w, const struct ingest *s,
		 struct text *out);
/* {"name":"fleet","as_of_ns":...,"figures":{"produced":{"value":... */
void ingest_json(const struct world *w, const struct ingest *s,
		 struct text *out);

#endif
