/*
 * sync.c - content that holds the sync pattern, encoded so that it does not
 * (S-11)
 *
 * Called by whoever has compressed something and found the pattern in the
 * result. A cut puts the three bytes of a zstd block header into the pattern;
 * where these complete another one, the next place for the cut is tried.
 */
#include "formats/sheaf/sync.h"

#include "codec/zenc.h"
#include "formats/sheaf/frame.h"

bool sync_inside(const void *p, size_t len)
{
	return frame_sync_find(p, len, 0) != SIZE_MAX;
}

/* one cut @inside bytes into each pattern */
static enum sheaf_status cuts_find(const uint8_t *p, size_t len, size_t inside,
				   struct buf *cuts, struct sheaf_error *err)
{
	size_t at = frame_sync_find(p, len, 0);

	buf_clear(cuts);
	while (at != SIZE_MAX) {
		size_t cut = at + inside;

		buf_bytes(cuts, &cut, sizeof(cut));
		at = frame_sync_find(p, len, at + 1);
	}
	return cuts->bad ? fail_nomem(err) : SHEAF_OK;
}

enum sheaf_status sync_encode(struct buf *out, uint32_t dict_id,
			      const void *plain, size_t len,
			      struct sheaf_error *err)
{
	struct buf cuts = { 0 };
	size_t start = out->len;
	enum sheaf_status st = SHEAF_OK;

	for (size_t inside = 1; inside < FRAME_SYNC && st == SHEAF_OK;
	     inside++) {
		st = cuts_find(plain, len, inside, &cuts, err);
		if (st == SHEAF_OK)
			st = zenc_raw_frame(dict_id, plain, len,
					    (const size_t *)(void *)cuts.p,
					    cuts.len / sizeof(size_t), out,
					    err);
		if (st == SHEAF_OK &&
		    !sync_inside(out->p + start, out->len - start))
			break;
		if (st == SHEAF_OK && inside == FRAME_SYNC - 1)
			st = fail(err, SHEAF_LIMIT,
				  "content that can't be told from frames");
		out->len = start;
	}
	buf_done(&cuts);
	return st;
}
