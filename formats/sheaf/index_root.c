/*
 * index_root.c - where the pages of an index are (section 8.2)
 *
 * Of an index with more pages than one: the upper bits of a key are the number
 * of its page, and the root says which bytes of the file that page is.  It may
 * also have a table of the offsets that the entries of all its pages have.
 */
#include <assert.h>
#include <stdlib.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/index.h"
#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"

enum {
	ROOT_BITS_MIN = 1,
	ROOT_BITS_MAX = 24,
};

void index_root_done(struct index_root *root)
{
	free(root->pages);
	*root = (struct index_root){ 0 };
}

void index_root_put(struct buf *b, const struct index_where *where,
		    const uint64_t *pages, uint64_t offset)
{
	size_t start = frame_begin(b, FRAME_INDEX_ROOT);
	size_t count = (size_t)1 << where->p;

	assert(where->p >= ROOT_BITS_MIN && where->p <= ROOT_BITS_MAX);
	buf_u8(b, (uint8_t)where->which);
	buf_u8(b, (uint8_t)where->p);
	buf_varint(b, pages[0]);
	for (size_t i = 0; i < count; i++)
		buf_varint(b, pages[i + 1] - pages[i]);
	index_offsets_put(b, where->offsets, where->offset_count);
	frame_end(b, start, offset);
}

static enum sheaf_status body_get(struct cur *c, uint64_t offset,
				  struct index_root *root,
				  struct sheaf_error *err)
{
	unsigned int which = cur_u8(c);
	unsigned int p = cur_u8(c);  /* 1 .. 24 */
	uint64_t at = cur_varint(c); /* offset of page 0; 1 or more */
	uint64_t size;
	size_t count;

	if (c->bad || which >= INDEX_COUNT || p < ROOT_BITS_MIN ||
	    p > ROOT_BITS_MAX || at == 0 || at > FILE_MAX)
		return fail(err, SHEAF_CORRUPT,
			    "index root: value out of range");
	count = (size_t)1 << p;
	if (count > c->left) /* a byte each at the least */
		return fail(err, SHEAF_CORRUPT, "index root: cut short");
	root->pages = calloc(count + 1, sizeof(*root->pages));
	if (!root->pages)
		return fail_nomem(err);
	root->which = (enum index_which)which;
	root->p = (uint8_t)p;
	root->pages[0] = at;
	for (size_t i = 0; i < count; i++) {
		size = cur_varint(c); /* bytes of a frame */
		if (c->bad || size < FRAME_OVERHEAD || size > INDEX_PAGE_MAX ||
		    size > FILE_MAX - at)
			return fail(err, SHEAF_CORRUPT,
				    "index root: size of page %zu out of range",
				    i);
		at += size;
		root->pages[i + 1] = at;
	}
	if (!index_offsets_get(c, offset, &root->offsets))
		return fail(err, SHEAF_CORRUPT,
			    "index root: table of offsets out of range");
	if (!cur_done(c))
		return fail(err, SHEAF_CORRUPT,
			    "index root: bytes behind its table of offsets");
	return SHEAF_OK;
}

enum sheaf_status index_root_get(const void *frame, size_t len, uint64_t offset,
				 struct index_root *out,
				 struct sheaf_error *err)
{
	struct index_root root = { 0 };
	struct cur c;
	enum sheaf_status st;

	*out = (struct index_root){ 0 };
	st = frame_get(frame, len, offset, FRAME_INDEX_ROOT, &c, err);
	if (st == SHEAF_OK)
		st = body_get(&c, offset, &root, err);
	if (st != SHEAF_OK) {
		index_root_done(&root);
		return frame_blame(st, offset, err);
	}
	*out = root;
	return SHEAF_OK;
}
