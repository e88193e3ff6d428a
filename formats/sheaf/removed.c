/*
 * removed.c - the ids that were taken down (section 9)
 *
 * `rm` appends a table with the ids of all tables before and its own; readers
 * ask it about every article that they are about to show.
 */
#include "formats/sheaf/removed.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/frame.h"
#include "formats/sheaf/limits.h"

enum {
	REMOVED_BYTES_MIN = SHEAF_ID_SIZE + 1, /* an id, and its commit */
};

void removed_done(struct removed *r)
{
	free(r->ids);
	*r = (struct removed){ 0 };
}

/* ids are anyone's to choose, so they can spell the sync pattern; a coded
 * payload is cut up then [S-11] */
enum sheaf_status removed_put(struct buf *b, const struct removed *r,
			      uint64_t offset, struct sheaf_error *err)
{
	size_t start = frame_begin(b, FRAME_REMOVED);
	struct buf plain = { 0 };
	enum sheaf_status st;

	assert(r->count <= REMOVED_MAX);
	buf_varint(&plain, r->count);
	for (size_t i = 0; i < r->count; i++) {
		buf_bytes(&plain, r->ids[i].id, SHEAF_ID_SIZE);
		buf_varint(&plain, r->ids[i].commit);
	}
	st = plain.bad ? fail_nomem(err) :
			 coded_put(b, plain.p, plain.len, 0, err);
	buf_done(&plain);
	if (st == SHEAF_OK)
		frame_end(b, start, offset);
	return st;
}

static enum sheaf_status body_get(struct cur *c, struct removed *r,
				  struct sheaf_error *err)
{
	uint64_t count = cur_varint(c);

	if (c->bad || count > REMOVED_MAX ||
	    count > c->left / REMOVED_BYTES_MIN)
		return fail(err, SHEAF_CORRUPT,
			    "removed ids: count out of range");
	r->ids = calloc(count ? count : 1, sizeof(*r->ids));
	if (!r->ids)
		return fail_nomem(err);
	r->count = (size_t)count;
	for (size_t i = 0; i < r->count; i++) {
		cur_copy(c, r->ids[i].id, SHEAF_ID_SIZE);
		r->ids[i].commit = cur_varint(c); /* 1 or more */
		if (c->bad || r->ids[i].commit == 0)
			return fail(err, SHEAF_CORRUPT,
				    "removed ids: commit out of range");
		if (i > 0 &&
		    memcmp(r->ids[i - 1].id, r->ids[i].id, SHEAF_ID_SIZE) >= 0)
			return fail(err, SHEAF_CORRUPT,
				    "removed ids: out of order");
	}
	if (!cur_done(c))
		return fail(err, SHEAF_CORRUPT,
			    "removed ids: bytes behind the last");
	return SHEAF_OK;
}

enum sheaf_status removed_get(const void *frame, size_t len, uint64_t offset,
			      struct removed *out, struct sheaf_error *err)
{
	struct removed r = { 0 };
	struct buf plain = { 0 };
	struct cur c, body;
	uint64_t max;
	enum sheaf_status st;

	*out = (struct removed){ 0 };
	st = frame_get(frame, len, offset, FRAME_REMOVED, &c, err);
	if (st == SHEAF_OK) {
		/* nothing in it compresses, so a payload that is larger than
		 * what it is in was made to cost memory */
		max = c.left < REMOVED_BYTES_MAX ? c.left : REMOVED_BYTES_MAX;
		st = coded_get(&c, max, &plain, err);
	}
	if (st == SHEAF_OK) {
		body = cur_over(plain.p, plain.len);
		st = body_get(&body, &r, err);
	}
	buf_done(&plain);
	if (st != SHEAF_OK) {
		removed_done(&r);
		return frame_blame(st, offset, err);
	}
	*out = r;
	return SHEAF_OK;
}

const struct removed_id *removed_find(const struct removed *r,
				      const uint8_t id[SHEAF_ID_SIZE])
{
	size_t low = 0, high = r->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = memcmp(r->ids[middle].id, id, SHEAF_ID_SIZE);
		if (order == 0)
			return &r->ids[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* [S-25]: what was removed later than @commit is still there as of it */
bool removed_has(const struct removed *r, const uint8_t id[SHEAF_ID_SIZE],
		 uint64_t commit)
{
	const struct removed_id *found = removed_find(r, id);

	return found != NULL && found->commit <= commit;
}

bool removed_same(const struct removed *a, const struct removed *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->ids[i].commit != b->ids[i].commit ||
		    memcmp(a->ids[i].id, b->ids[i].id, SHEAF_ID_SIZE) != 0)
			return false;
	return true;
}
