/*
 * chain.c - the footers of a corpus: the newest, the one before, the one of a
 * commit
 *
 * Opening starts here: backwards from the end of the file to the first footer
 * that is whole. What lies behind it is a torn tail, or a writer at work.
 */
#include "read/chain.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW ((size_t)64 << 10)

/* the footer whose sync pattern was found at @offset; SHEAF_NOT_FOUND: it is
 * none */
static enum sheaf_status candidate(const struct source *src, uint64_t size,
				   uint64_t offset, struct footer *out,
				   struct sheaf_error *err)
{
	struct view v = { *src, size };
	struct buf in = { 0 };
	struct cur body;
	enum sheaf_status st;

	st = view_frame(&v, offset, FRAME_FOOTER, FOOTER_MAX, &in, err);
	if (st == SHEAF_OK)
		st = frame_get(in.p, in.len, offset, FRAME_FOOTER, &body, err);
	if (st == SHEAF_CORRUPT)
		st = SHEAF_NOT_FOUND; /* a torn one: look further back */
	/* a whole one that is wrong is damage; to fall back would lose commits
	 */
	if (st == SHEAF_OK)
		st = footer_get(in.p, in.len, offset, out, err);
	buf_done(&in);
	return st;
}

/* backwards through one window that was read from @base */
static enum sheaf_status search(const struct source *src, uint64_t size,
				uint64_t base, const uint8_t *p, size_t len,
				struct footer *out, struct sheaf_error *err)
{
	size_t from = len;

	while (from != 0) {
		size_t at = frame_sync_find_back(p, len, from - 1);
		enum sheaf_status st;

		if (at == SIZE_MAX)
			break;
		st = candidate(src, size, base + at, out, err);
		if (st != SHEAF_NOT_FOUND)
			return st;
		from = at;
	}
	return SHEAF_NOT_FOUND;
}

enum sheaf_status chain_newest(const struct source *src, uint64_t size,
			       struct footer *out, struct sheaf_error *err)
{
	uint8_t *p = malloc(WINDOW + FRAME_SYNC);
	uint64_t end = size;
	enum sheaf_status st = SHEAF_NOT_FOUND;

	if (p == NULL)
		return fail_nomem(err);
	while (st == SHEAF_NOT_FOUND && end != 0) {
		uint64_t base = end > WINDOW ? end - WINDOW : 0;
		size_t len = (size_t)(end - base);

		/* a pattern may begin in this window and end in the next */
		if (size - end < FRAME_SYNC)
			len += (size_t)(size - end);
		else
			len += FRAME_SYNC - 1;
		st = source_read(src, base, p, len, err);
		if (st == SHEAF_OK)
			st = search(src, size, base, p, len, out, err);
		end = base;
	}
	free(p);
	if (st == SHEAF_NOT_FOUND)
		return fail(err, SHEAF_CORRUPT,
			    "no sheaf corpus, or no whole commit in it");
	return st;
}

enum sheaf_status chain_read(const struct view *v, uint64_t offset,
			     uint64_t commit, struct footer *out,
			     struct sheaf_error *err)
{
	struct buf in = { 0 };
	enum sheaf_status st;

	st = view_frame(v, offset, FRAME_FOOTER, FOOTER_MAX, &in, err);
	if (st == SHEAF_OK)
		st = footer_get(in.p, in.len, offset, out, err);
	if (st == SHEAF_OK && out->commit != commit)
		st = fail_at(err, SHEAF_CORRUPT, offset,
			     "footer: of another commit");
	buf_done(&in);
	return st;
}

enum sheaf_status chain_previous(const struct view *v, const struct footer *f,
				 struct footer *out, struct sheaf_error *err)
{
	uint64_t start = f->start;
	enum sheaf_status st =
		chain_read(v, f->previous, f->commit - 1, out, err);

	if (st == SHEAF_OK && out->offset + out->size != start)
		st = fail_at(
			err, SHEAF_CORRUPT, out->offset,
			"footer: does not end where the next commit begins");
	return st;
}

enum sheaf_status chain_find(const struct view *v, const struct footer *from,
			     uint64_t commit, struct footer *out,
			     struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	if (out != from)
		memcpy(out, from, sizeof(*out));
	while (st == SHEAF_OK && out->commit > commit && out->previous != 0) {
		uint64_t jump = footer_jump(out->commit);

		if (jump >= commit && out->jump != 0)
			st = chain_read(v, out->jump, jump, out, err);
		else
			st = chain_read(v, out->previous, out->commit - 1, out,
					err);
	}
	return st;
}
