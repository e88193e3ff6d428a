/*
 * segment.c - what one commit appends: frames in order, their tree, their place
 * in the file
 *
 * The end of flow 1: everything that pack/ makes passes here on its way to the
 * sink.
 */
#include "write/segment.h"

#include <string.h>

#include "formats/sheaf/description.h"
#include "formats/sheaf/frame.h"
#include "formats/sheaf/sync.h"

#define WRITE_MAX ((size_t)256 << 10)
/* beyond what is held, before it is written */
#define PENDING_MORE ((size_t)1 << 20)
#define SPARE_MAGIC 0x184D2A50u /* RFC 8878; none of ours */
#define BLOCKS_FIRST \
	((size_t)64 << 10) /* bytes of the list, before it is cut */

enum sheaf_status segment_init(struct segment *s, struct sink *sink,
			       struct sheaf_error *err)
{
	enum sheaf_status st;

	memset(s, 0, sizeof(*s));
	s->sink = sink;
	s->start = sink_tell(sink);
	s->at = s->start;
	s->blocks_most = BLOCKS_FIRST;
	s->pending_most = PENDING_MORE;
	st = source_fd(&s->file, sink_fd(sink), err);
	return st == SHEAF_OK ? tree_init(&s->tree, err) : st;
}

enum sheaf_status segment_describe(struct segment *s, struct sheaf_error *err)
{
	struct buf b = { 0 };
	enum sheaf_status st;

	description_put(&b);
	st = b.bad ? fail_nomem(err) : segment_bytes(s, b.p, b.len, err);
	buf_done(&b);
	return st;
}

void segment_done(struct segment *s)
{
	source_done(&s->file);
	tree_done(&s->tree);
	buf_done(&s->pending);
	buf_done(&s->blocks);
}

void segment_measure(struct segment *s, uint64_t at)
{
	memset(s, 0, sizeof(*s));
	s->at = at;
	s->measures = true;
}

/* the pending bytes before @offset, into the tree and the file */
static enum sheaf_status write_until(struct segment *s, uint64_t offset,
				     struct sheaf_error *err)
{
	size_t len = s->pending.len - (size_t)(s->at - offset), done = 0;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && done < len) {
		size_t n = len - done < WRITE_MAX ? len - done : WRITE_MAX;

		if (!s->closed)
			tree_add(&s->tree, s->pending.p + done, n);
		st = sink_append(s->sink, s->pending.p + done, n, err);
		done += n;
	}
	s->pending.len -= done;
	if (s->pending.len != 0)
		memmove(s->pending.p, s->pending.p + done, s->pending.len);
	return st;
}

/* where those blocks begin that may be late; no block yet: here */
static uint64_t held_from(const struct segment *s)
{
	size_t n;
	const uint64_t *blocks = segment_blocks(s, &n);
	uint64_t written = s->at - s->pending.len;

	if (s->ends)
		return s->at;
	while (n > 1 && s->at - blocks[n - 1] < SEGMENT_LAST)
		n--;
	return n != 0 && blocks[n - 1] > written ? blocks[n - 1] : written;
}

enum sheaf_status segment_flush(struct segment *s, struct sheaf_error *err)
{
	return write_until(s, s->at, err);
}

enum sheaf_status segment_bytes(struct segment *s, const void *p, size_t len,
				struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	s->at += len;
	if (s->at > FILE_MAX)
		return fail(err, SHEAF_LIMIT, "larger than 16 TiB");
	if (s->measures)
		return SHEAF_OK;
	buf_bytes(&s->pending, p, len);
	if (s->pending.bad)
		return fail_nomem(err);
	if (s->pending.len >= s->pending_most) {
		st = write_until(s, held_from(s), err);
		s->pending_most = s->pending.len + PENDING_MORE;
	}
	return st;
}

enum sheaf_status segment_frame(struct segment *s, const struct buf *frame,
				struct sheaf_error *err)
{
	if (frame->bad)
		return fail_nomem(err);
	if (sync_inside(frame->p + 1, frame->len - 1))
		return fail(err, SHEAF_LIMIT,
			    "a table that can't be told from frames");
	return segment_bytes(s, frame->p, frame->len, err);
}

const uint64_t *segment_blocks(const struct segment *s, size_t *count)
{
	*count = s->blocks.len / sizeof(uint64_t);
	return (const uint64_t *)(const void *)s->blocks.p;
}

/* the list is cut where it has become twice as long as it has to be */
static enum sheaf_status block_note(struct segment *s, uint64_t offset,
				    struct sheaf_error *err)
{
	size_t n, old = 0;
	const uint64_t *blocks = segment_blocks(s, &n);

	if (s->blocks.len >= s->blocks_most) {
		while (old + 1 < n && offset - blocks[old + 1] >= SEGMENT_LAST)
			old++;
		s->blocks.len -= old * sizeof(offset);
		memmove(s->blocks.p, s->blocks.p + old * sizeof(offset),
			s->blocks.len);
		if (s->blocks_most < 2 * s->blocks.len)
			s->blocks_most = 2 * s->blocks.len;
	}
	buf_bytes(&s->blocks, &offset, sizeof(offset));
	return s->blocks.bad ? fail_nomem(err) : SHEAF_OK;
}

enum sheaf_status segment_block(struct segment *s, const struct block_head *h,
				const struct buf *frame, uint64_t *offset,
				struct sheaf_error *err)
{
	struct buf head = { 0 };
	enum sheaf_status st;

	*offset = s->at;
	block_put(&head, h, *offset);
	st = segment_frame(s, &head, err);
	if (st == SHEAF_OK)
		st = segment_bytes(s, frame->p, frame->len, err);
	if (st == SHEAF_OK)
		st = block_note(s, *offset, err);
	buf_done(&head);
	return st;
}

/* the leaf that ends at @offset is begun again */
static enum sheaf_status leaf_again(struct segment *s, uint64_t offset,
				    struct sheaf_error *err)
{
	size_t len = (size_t)((offset - s->start) % LEAF_SIZE);
	struct buf bytes = { 0 };
	enum sheaf_status st = SHEAF_OK;

	if (buf_room(&bytes, len + 1) == NULL)
		st = fail_nomem(err);
	else
		st = source_read(&s->file, offset - len, bytes.p, len, err);
	tree_cut(&s->tree, (size_t)((offset - s->start) / LEAF_SIZE));
	if (st == SHEAF_OK)
		tree_add(&s->tree, bytes.p, len);
	buf_done(&bytes);
	return st;
}

enum sheaf_status segment_take(struct segment *s, uint64_t offset,
			       struct buf *out, struct sheaf_error *err)
{
	size_t len = (size_t)(s->at - offset);

	s->ends = true;
	if (len == 0)
		return SHEAF_OK;
	buf_bytes(out, s->pending.p + s->pending.len - len, len);
	if (out->bad)
		return fail_nomem(err);
	s->pending.len -= len;
	s->at = offset;
	return SHEAF_OK;
}

enum sheaf_status segment_cut(struct segment *s, uint64_t offset,
			      struct sheaf_error *err)
{
	uint64_t written = s->at - s->pending.len;
	enum sheaf_status st = SHEAF_OK;

	if (offset >= written) {
		s->pending.len = (size_t)(offset - written);
	} else {
		buf_clear(&s->pending);
		st = sink_truncate(s->sink, offset, err);
		if (st == SHEAF_OK)
			st = leaf_again(s, offset, err);
	}
	s->at = offset;
	return st;
}

/* --- read back --- */

static enum sheaf_status read_size(void *ctx, uint64_t *out,
				   struct sheaf_error *err)
{
	const struct segment *s = ctx;

	(void)err;
	*out = s->at;
	return SHEAF_OK;
}

static enum sheaf_status read_at(void *ctx, uint64_t offset, void *dst,
				 size_t len, struct sheaf_error *err)
{
	const struct segment *s = ctx;
	uint64_t written = s->at - s->pending.len;
	size_t before = 0;
	enum sheaf_status st = SHEAF_OK;

	if (offset > s->at || len > s->at - offset)
		return fail_at(err, SHEAF_CORRUPT, s->at, "ends before");
	if (offset < written) {
		before = written - offset < len ? (size_t)(written - offset) :
						  len;
		st = source_read(&s->file, offset, dst, before, err);
	}
	if (st == SHEAF_OK && before < len)
		memcpy((uint8_t *)dst + before,
		       s->pending.p + (offset + before - written),
		       len - before);
	return st;
}

static void read_end(void *ctx)
{
	(void)ctx;
}

void segment_source(struct segment *s, struct source *out)
{
	static const struct source_ops ops = { read_size, read_at, read_end };

	out->ops = &ops;
	out->ctx = s;
}

enum sheaf_status segment_spare(struct segment *s, uint64_t offset,
				struct sheaf_error *err)
{
	struct buf frame = { 0 };
	uint8_t *p;
	uint32_t size;
	enum sheaf_status st;

	if (s->at >= offset)
		return SHEAF_OK;
	size = s->at + SEGMENT_SPARE_LEAST < offset ?
		       (uint32_t)(offset - s->at - SEGMENT_SPARE_LEAST) :
		       0;
	buf_u32(&frame, SPARE_MAGIC);
	buf_u32(&frame, size);
	p = buf_room(&frame, size);
	if (p != NULL)
		memset(p, 0, size);
	buf_grew(&frame, size);
	st = frame.bad ? fail_nomem(err) :
			 segment_bytes(s, frame.p, frame.len, err);
	buf_done(&frame);
	return st;
}

enum sheaf_status segment_close(struct segment *s, uint8_t root[SHA256_SIZE],
				struct sheaf_error *err)
{
	struct buf frame = { 0 };
	enum sheaf_status st = segment_flush(s, err);
	size_t leaves = tree_end(&s->tree);

	s->closed = true;
	if (st == SHEAF_OK)
		st = tree_root(&s->tree, root, err);
	if (st == SHEAF_OK && leaves > 1) {
		tree_put(&frame, s->start, s->tree.leaves.p, leaves, s->at);
		if (frame.bad)
			st = fail_nomem(err);
		else if (sync_inside(frame.p + 1, frame.len - 1))
			st = fail(err, SHEAF_LIMIT,
				  "a tree that can't be told from frames");
		if (st == SHEAF_OK) {
			buf_bytes(&s->pending, frame.p, frame.len);
			s->at += frame.len;
		}
		if (s->pending.bad)
			st = fail_nomem(err);
	}
	buf_done(&frame);
	if (st == SHEAF_OK)
		st = segment_flush(s, err);
	return st;
}
