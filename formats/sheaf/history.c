/*
 * history.c - the commits that a compaction folded into one segment (section
 * 9a)
 *
 * Written by pack/compact.c; read when a compacted corpus is opened as of one
 * of them, or its log is asked for.  The table has one commit less than the
 * first footer's number [S-37].
 */
#include "formats/sheaf/history.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"

#define COMMIT_LEAST (SHA256_SIZE + 16 + 8) /* bytes of one in the payload */

void history_done(struct history *h)
{
	free(h->commits);
	buf_done(&h->bytes);
	memset(h, 0, sizeof(*h));
}

static void numbers_put(struct buf *b, const struct past_commit *c)
{
	buf_zigzag(b, c->time);
	buf_varint(b, c->live);
	buf_varint(b, c->articles);
	buf_varint(b, c->article_bytes);
	buf_varint(b, c->new_records);
	buf_varint(b, c->new_articles);
	buf_varint(b, c->new_bytes);
	buf_varint(b, c->message.len);
}

enum sheaf_status history_put(struct buf *b, const struct history *h,
			      uint64_t offset, int level,
			      struct sheaf_error *err)
{
	struct buf plain = { 0 };
	size_t start;
	enum sheaf_status st = SHEAF_OK;

	buf_varint(&plain, h->count);
	for (size_t i = 0; i < h->count; i++) {
		buf_bytes(&plain, h->commits[i].id, SHA256_SIZE);
		buf_bytes(&plain, h->commits[i].fingerprint, 16);
	}
	for (size_t i = 0; i < h->count; i++)
		numbers_put(&plain, &h->commits[i]);
	for (size_t i = 0; i < h->count; i++)
		buf_bytes(&plain, h->commits[i].message.p,
			  h->commits[i].message.len);
	if (plain.bad)
		st = fail_nomem(err);
	else if (plain.len > HISTORY_MAX)
		st = fail(err, SHEAF_LIMIT, "history: larger than 64 MiB");
	if (st == SHEAF_OK) {
		start = frame_begin(b, FRAME_HISTORY);
		st = coded_put(b, plain.p, plain.len, level, err);
		frame_end(b, start, offset);
	}
	buf_done(&plain);
	return st == SHEAF_OK && b->bad ? fail_nomem(err) : st;
}

static void numbers_get(struct cur *c, struct past_commit *out)
{
	out->time = cur_zigzag(c);
	out->live = cur_varint(c);
	out->articles = cur_varint(c);
	out->article_bytes = cur_varint(c);
	out->new_records = cur_varint(c);
	out->new_articles = cur_varint(c);
	out->new_bytes = cur_varint(c);
	out->message.len = (size_t)cur_varint(c);
	if (out->message.len > MESSAGE_MAX)
		c->bad = true;
}

static enum sheaf_status payload_get(struct history *h, struct sheaf_error *err)
{
	struct cur c = cur_over(h->bytes.p, h->bytes.len);
	uint64_t count = cur_varint(&c);

	if (c.bad || count == 0 || count > c.left / COMMIT_LEAST)
		return fail(err, SHEAF_CORRUPT, "history: count out of range");
	h->commits = calloc((size_t)count, sizeof(*h->commits));
	if (h->commits == NULL)
		return fail_nomem(err);
	h->count = (size_t)count;
	for (size_t i = 0; i < h->count; i++) {
		cur_copy(&c, h->commits[i].id, SHA256_SIZE);
		cur_copy(&c, h->commits[i].fingerprint, 16);
	}
	for (size_t i = 0; i < h->count && !c.bad; i++)
		numbers_get(&c, &h->commits[i]);
	for (size_t i = 0; i < h->count && !c.bad; i++)
		h->commits[i].message.p =
			(const char *)cur_bytes(&c, h->commits[i].message.len);
	if (!cur_done(&c))
		return fail(err, SHEAF_CORRUPT, "history: damaged");
	return SHEAF_OK;
}

enum sheaf_status history_get(const void *frame, size_t len, uint64_t offset,
			      struct history *out, struct sheaf_error *err)
{
	struct history h = { 0 };
	struct cur c;
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	st = frame_get(frame, len, offset, FRAME_HISTORY, &c, err);
	if (st == SHEAF_OK)
		st = coded_get(&c, HISTORY_MAX, &h.bytes, err);
	if (st == SHEAF_OK)
		st = payload_get(&h, err);
	if (st == SHEAF_OK)
		*out = h;
	else
		history_done(&h);
	return st;
}
