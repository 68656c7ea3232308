/* console_stream.c - pipes and streams: what flows between stages
 *
 * A pipe holds so many bytes and no more: whoever writes into a full one waits
 * until its reader has taken them, whoever reads an empty one until there is
 * something or nobody is left to write.
 */
#include "lua/console_inside.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static size_t pipe_len(const struct pipe *p)
{
	return p->bytes.len - p->head;
}

static size_t pipe_put(struct pipe *p, const char *bytes, size_t len)
{
	size_t room = CONSOLE_PIPE_BYTES - pipe_len(p);

	if (len > room)
		len = room;
	text_bytes(&p->bytes, bytes, len);
	return len;
}

static void pipe_take_all(struct pipe *p, struct text *out)
{
	text_bytes(out, p->bytes.at + p->head, pipe_len(p));
	text_clear(&p->bytes);
	p->head = 0;
}

void stream_close(struct stream *s)
{
	if (s->kind == STREAM_PIPE_READ)
		s->pipe->readers--;
	if (s->kind == STREAM_PIPE_WRITE)
		s->pipe->writers--;
	free(s->file);
	*s = (struct stream){0};
}

struct stream stream_same(const struct stream *s)
{
	struct stream copy = *s;

	if (s->kind == STREAM_PIPE_READ)
		s->pipe->readers++;
	if (s->kind == STREAM_PIPE_WRITE)
		s->pipe->writers++;
	if (s->file)
		copy.file = console_copy(s->file);
	return copy;
}

/* -- reading ------------------------------------------------------------ */

/* Forget what was handed on, once it is worth the move. */
static void in_compact(struct stage *st)
{
	size_t left = st->in.len - st->in_head;

	if (st->in_head == 0 || (left && st->in_head < CONSOLE_PIPE_BYTES))
		return;
	if (left)
		memmove(st->in.at, st->in.at + st->in_head, left);
	st->in.len = left;
	st->in_head = 0;
}

static enum fill fill_from(struct stage *st, struct pipe *p, bool ended)
{
	if (pipe_len(p)) {
		pipe_take_all(p, &st->in);
		return FILL_MORE;
	}
	if (!ended)
		return FILL_WAIT;
	st->in_ended = true;
	return FILL_END;
}

static enum fill fill_keys(struct stage *st)
{
	struct console *c = st->console;
	bool ended = c->keys_ended || st->job->background;
	enum fill fill = fill_from(st, &c->keys, ended);

	if (fill == FILL_END)
		c->keys_ended = false;	/* a Ctrl-D ends one reader's input */
	return fill;
}

enum fill stage_fill(struct stage *st)
{
	struct stream *s = &st->stream[0];

	in_compact(st);
	if (st->in_ended || s->kind == STREAM_NONE)
		return FILL_END;
	if (st->in.len - st->in_head > CONSOLE_HELD_BYTES_MAX)
		return FILL_TOO_LONG;
	if (s->kind == STREAM_KEYS)
		return fill_keys(st);
	assert(s->kind == STREAM_PIPE_READ);
	return fill_from(st, s->pipe, s->pipe->writers == 0);
}

bool stage_can_fill(const struct stage *st)
{
	const struct stream *s = &st->stream[0];

	if (s->kind == STREAM_PIPE_READ)
		return pipe_len(s->pipe) || s->pipe->writers == 0;
	if (s->kind == STREAM_KEYS)
		return pipe_len(&st->console->keys) ||
		       st->console->keys_ended || st->job->background;
	return true;
}

/* -- writing ------------------------------------------------------------ */

bool stage_can_drain(const struct stage *st)
{
	const struct stream *s = &st->stream[st->pending_fd];

	return s->kind != STREAM_PIPE_WRITE || s->pipe->readers == 0 ||
	       pipe_len(s->pipe) < CONSOLE_PIPE_BYTES;
}

static enum drain drain_pipe(struct stage *st, struct pipe *p)
{
	size_t n;

	if (p->readers == 0)
		return DRAIN_BROKEN;
	n = pipe_put(p, st->pending.at, st->pending.len);
	if (n == st->pending.len) {
		text_clear(&st->pending);
		return DRAIN_DONE;
	}
	memmove(st->pending.at, st->pending.at + n, st->pending.len - n);
	st->pending.len -= n;
	return DRAIN_WAIT;
}

enum drain stage_drain(struct stage *st, struct err *err)
{
	struct stream *s = &st->stream[st->pending_fd];
	struct console *c = st->console;
	bool ok = true;

	if (st->pending.len == 0)
		return DRAIN_DONE;
	if (s->kind == STREAM_PIPE_WRITE)
		return drain_pipe(st, s->pipe);
	if (s->kind == STREAM_SCREEN)
		c->host.out(c->host.ctx, s->screen, st->pending.at,
			    st->pending.len);
	else if (s->kind == STREAM_FILE)
		ok = c->files.append(c->files.ctx, s->file, st->pending.at,
				     st->pending.len, err);
	text_clear(&st->pending);
	return ok ? DRAIN_DONE : DRAIN_REFUSED;
}

/* A short message: what does not fit into a full pipe is lost. */
void stage_say(struct stage *st, const char *fmt, ...)
{
	struct text keep = st->pending;
	int keep_fd = st->pending_fd;
	va_list args;

	st->pending = (struct text){0};
	st->pending_fd = 2;
	va_start(args, fmt);
	text_vaddf(&st->pending, fmt, args);
	va_end(args);
	stage_drain(st, NULL);
	text_free(&st->pending);
	st->pending = keep;
	st->pending_fd = keep_fd;
}
