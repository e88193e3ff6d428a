/*
 * view.c - the bytes of a corpus that a reader may look at, frame by frame
 *
 * Every offset that comes from the file passes here before it reaches the
 * source.
 */
#include "read/view.h"

/* most tables of small commits and most block headers fit in one read */
#define FIRST_READ 512

enum sheaf_status view_read(const struct view *v, uint64_t offset, void *dst,
			    size_t len, struct sheaf_error *err)
{
	if (offset > v->end || len > v->end - offset)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "damaged: points beyond the end");
	return source_read(&v->src, offset, dst, len, err);
}

enum sheaf_status view_frame(const struct view *v, uint64_t offset,
			     enum frame_kind kind, uint64_t max,
			     struct buf *out, struct sheaf_error *err)
{
	struct frame_head head;
	size_t first = FIRST_READ;
	enum sheaf_status st;
	uint8_t *p;

	buf_clear(out);
	if (offset >= v->end || v->end - offset < FRAME_OVERHEAD)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "damaged: points beyond the end");
	if (first > v->end - offset)
		first = (size_t)(v->end - offset);
	p = buf_room(out, first);
	if (p == NULL)
		return fail_nomem(err);
	st = view_read(v, offset, p, first, err);
	if (st != SHEAF_OK)
		return st;
	if (!frame_head_get(p, &head) || head.kind != kind)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "damaged: no frame of kind %d here", (int)kind);
	if (head.size > max || head.size > v->end - offset ||
	    head.size < FRAME_OVERHEAD)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "damaged: size of a frame out of range");
	if (head.size <= first) {
		buf_grew(out, (size_t)head.size);
		return SHEAF_OK;
	}
	buf_grew(out, first);
	p = buf_room(out, (size_t)head.size - first);
	if (p == NULL)
		return fail_nomem(err);
	st = view_read(v, offset + first, p, (size_t)head.size - first, err);
	if (st == SHEAF_OK)
		buf_grew(out, (size_t)head.size - first);
	return st;
}
