/*
 * block.c - the frame before every block (section 5)
 *
 * A block header says all that is needed to read its block, so that the file
 * can be read with no table whole.  The packer writes one before each zstd
 * frame; a read decodes the one that an index entry points to.
 */
#include "formats/sheaf/block.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"

enum {
	BLOCK_DICTIONARY = 1,
	BLOCK_PARENT = 2,
	BLOCK_SEEDS = 4,
	BLOCK_FLAGS = 7,
};

void block_done(struct block_head *h)
{
	free(h->lengths);
	free(h->seeds);
	*h = (struct block_head){ 0 };
}

static bool any_seed(const struct block_head *h)
{
	for (uint32_t i = 0; h->seeds && i < h->count; i++)
		if (h->seeds[i] != 0)
			return true;
	return false;
}

void block_put(struct buf *b, const struct block_head *h, uint64_t offset)
{
	bool has_parent = h->parent != BLOCK_NO_PARENT;
	bool has_seeds = any_seed(h);
	size_t start = frame_begin(b, FRAME_BLOCK);

	assert(!has_parent || h->parent < offset);
	buf_u8(b, (uint8_t)((h->is_dictionary ? BLOCK_DICTIONARY : 0) |
			    (has_parent ? BLOCK_PARENT : 0) |
			    (has_seeds ? BLOCK_SEEDS : 0)));
	buf_varint(b, h->commit);
	buf_varint(b, h->first);
	buf_varint(b, h->packed);
	buf_varint(b, h->plain);
	if (h->is_dictionary)
		buf_varint(b, h->lead);
	if (has_parent)
		buf_varint(b, offset - h->parent);
	buf_varint(b, h->count);
	for (uint32_t i = 0; i < h->count; i++)
		buf_varint(b, h->lengths[i]);
	for (uint32_t i = 0; has_seeds && i < h->count; i++)
		buf_varint(b, h->seeds[i]);
	frame_end(b, start, offset);
}

/* @count numbers of at most @max each, at least a byte each, into *out */
static enum sheaf_status column_get(struct cur *c, uint32_t count, uint64_t max,
				    uint32_t **out, struct sheaf_error *err)
{
	uint32_t *column;
	uint64_t v;

	if (count > c->left)
		return fail(err, SHEAF_CORRUPT, "block header: cut short");
	column = calloc(count ? count : 1, sizeof(*column));
	if (!column)
		return fail_nomem(err);
	*out = column;
	for (uint32_t i = 0; i < count; i++) {
		v = cur_varint(c);
		if (c->bad || v > max)
			return fail(err, SHEAF_CORRUPT,
				    "block header: length or seed of "
				    "article %" PRIu32 " out of range",
				    i);
		column[i] = (uint32_t)v;
	}
	return SHEAF_OK;
}

/* the numbers before the columns */
static enum sheaf_status numbers_get(struct cur *c, unsigned int flags,
				     uint64_t offset, struct block_head *h,
				     struct sheaf_error *err)
{
	uint64_t back = 0, count, end;

	h->commit = cur_varint(c); /* 1 or more */
	h->first = cur_varint(c);  /* first + count fits 64 bits */
	h->packed = cur_varint(c); /* bytes; 1 .. PACKED_MAX */
	h->plain = cur_varint(c);  /* bytes; 0 .. BLOCK_MAX */
	if (flags & BLOCK_DICTIONARY)
		h->lead = cur_varint(c); /* bytes; at most plain */
	if (flags & BLOCK_PARENT)
		back = cur_varint(c); /* bytes; 1 or more */
	count = cur_varint(c);	      /* 0 .. ARTICLES_MAX */

	if (c->bad)
		return fail(err, SHEAF_CORRUPT, "block header: cut short");
	if (h->commit == 0 || h->packed == 0 || h->packed > PACKED_MAX ||
	    h->plain > BLOCK_MAX || h->lead > h->plain)
		return fail(err, SHEAF_CORRUPT,
			    "block header: size out of range");
	/* [S-14]: backwards only, and not to the description */
	if ((flags & BLOCK_PARENT) && (back == 0 || back >= offset))
		return fail(err, SHEAF_CORRUPT,
			    "block header: parent out of range");
	if (count > ARTICLES_MAX ||
	    __builtin_add_overflow(h->first, count, &end))
		return fail(err, SHEAF_CORRUPT,
			    "block header: count out of range");
	if (count == 0 && !(flags & BLOCK_DICTIONARY))
		return fail(err, SHEAF_CORRUPT,
			    "block header: no articles, and no dictionary");
	if (flags & BLOCK_PARENT)
		h->parent = offset - back;
	h->count = (uint32_t)count;
	return SHEAF_OK;
}

static enum sheaf_status body_get(struct cur *c, uint64_t offset,
				  struct block_head *h, struct sheaf_error *err)
{
	unsigned int flags = cur_u8(c);
	uint64_t sum;
	enum sheaf_status st;

	if (c->bad || (flags & ~(unsigned int)BLOCK_FLAGS) ||
	    ((flags & BLOCK_DICTIONARY) && (flags & BLOCK_PARENT))) /* [S-14] */
		return fail(err, SHEAF_CORRUPT, "block header: wrong flags");
	h->is_dictionary = flags & BLOCK_DICTIONARY;
	st = numbers_get(c, flags, offset, h, err);
	if (st == SHEAF_OK)
		st = column_get(c, h->count, BLOCK_MAX, &h->lengths, err);
	if (st == SHEAF_OK && (flags & BLOCK_SEEDS))
		st = column_get(c, h->count, SEED_MAX, &h->seeds, err);
	if (st != SHEAF_OK)
		return st;
	if (!cur_done(c))
		return fail(err, SHEAF_CORRUPT,
			    "block header: bytes behind its last field");
	sum = h->lead; /* 65,535 lengths of 2^26 at most: no overflow */
	for (uint32_t i = 0; i < h->count; i++)
		sum += h->lengths[i];
	if (sum != h->plain) /* [S-13] */
		return fail(err, SHEAF_CORRUPT,
			    "block header: articles have %" PRIu64
			    " bytes, the block %" PRIu64,
			    sum, h->plain);
	return SHEAF_OK;
}

enum sheaf_status block_get(const void *frame, size_t len, uint64_t offset,
			    struct block_head *out, struct sheaf_error *err)
{
	struct block_head h = { .parent = BLOCK_NO_PARENT };
	struct cur c;
	enum sheaf_status st;

	*out = (struct block_head){ 0 };
	st = frame_get(frame, len, offset, FRAME_BLOCK, &c, err);
	if (st == SHEAF_OK)
		st = body_get(&c, offset, &h, err);
	if (st != SHEAF_OK) {
		block_done(&h);
		return frame_blame(st, offset, err);
	}
	if (!any_seed(&h)) {
		free(h.seeds);
		h.seeds = NULL;
	}
	*out = h;
	return SHEAF_OK;
}
