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
#include "io/source.h"

#define PENDING_MAX ((size_t)256 << 10)
#define SPARE_MAGIC 0x184D2A50u /* RFC 8878; none of ours */
#define BLOCKS_FIRST \
	((size_t)64 << 10) /* bytes of the list, before it is cut */

enum sheaf_status segment_init(struct segment *s, struct sink *sink,
			       struct sheaf_error *err)
{
	memset(s, 0, sizeof(*s));
	s->sink = sink;
	s->start = sink_tell(sink);
	s->at = s->start;
	s->blocks_most = BLOCKS_FIRST;
	return tree_init(&s->tree, err);
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

enum sheaf_status segment_flush(struct segment *s, struct sheaf_error *err)
{
	enum sheaf_status st;

	if (s->pending.len == 0)
		return SHEAF_OK;
	st = sink_append(s->sink, s->pending.p, s->pending.len, err);
	buf_clear(&s->pending);
	return st;
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
	tree_add(&s->tree, p, len);
	if (s->pending.len + len > PENDING_MAX)
		st = segment_flush(s, err);
	if (st == SHEAF_OK && len > PENDING_MAX)
		return sink_append(s->sink, p, len, err);
	buf_bytes(&s->pending, p, len);
	return s->pending.bad ? fail_nomem(err) : st;
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
	struct source source;
	enum sheaf_status st = source_fd(&source, sink_fd(s->sink), err);

	if (st != SHEAF_OK)
		return st;
	if (buf_room(&bytes, len + 1) == NULL)
		st = fail_nomem(err);
	else
		st = source_read(&source, offset - len, bytes.p, len, err);
	tree_cut(&s->tree, (size_t)((offset - s->start) / LEAF_SIZE));
	if (st == SHEAF_OK)
		tree_add(&s->tree, bytes.p, len);
	buf_done(&bytes);
	source_done(&source);
	return st;
}

enum sheaf_status segment_cut(struct segment *s, uint64_t offset,
			      struct sheaf_error *err)
{
	enum sheaf_status st = segment_flush(s, err);

	if (st == SHEAF_OK)
		st = sink_truncate(s->sink, offset, err);
	if (st == SHEAF_OK)
		st = leaf_again(s, offset, err);
	s->at = offset;
	buf_clear(&s->blocks);
	return st;
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
	if (p == NULL)
		return fail_nomem(err);
	memset(p, 0, size);
	buf_grew(&frame, size);
	st = segment_bytes(s, frame.p, frame.len, err);
	buf_done(&frame);
	return st;
}

enum sheaf_status segment_close(struct segment *s, uint8_t root[SHA256_SIZE],
				struct sheaf_error *err)
{
	struct buf frame = { 0 };
	size_t leaves = tree_end(&s->tree);
	enum sheaf_status st = tree_root(&s->tree, root, err);

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
