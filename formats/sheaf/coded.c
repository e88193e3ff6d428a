/*
 * coded.c - the payload of a table, raw or as one zstd frame (section 4)
 *
 * A page of records or of strings is encoded in memory first, then passes
 * through here into its frame; and the other way round.
 */
#include "formats/sheaf/frame.h"

#include <inttypes.h>

#include "codec/zdec.h"
#include "codec/zenc.h"
#include "formats/sheaf/sync.h"

enum {
	CODING_RAW = 0,
	CODING_ZSTD = 1,
};

/* @plain as a zstd frame, in @packed */
static enum sheaf_status payload_pack(const void *plain, size_t len, int level,
				      struct buf *packed,
				      struct sheaf_error *err)
{
	struct zenc_how how = { .level = level };
	struct zenc *z = zenc_new();
	enum sheaf_status st;

	if (!z)
		return fail_nomem(err);
	st = zenc_frame(z, &how, plain, len, packed, err);
	zenc_free(z);
	return st;
}

enum sheaf_status coded_put(struct buf *b, const void *plain, size_t len,
			    int level, struct sheaf_error *err)
{
	struct buf packed = { 0 };
	enum sheaf_status st = SHEAF_OK;
	bool raw = level == 0;

	if (!raw) {
		st = payload_pack(plain, len, level, &packed, err);
		raw = packed.len >= len;
	}
	/* names can forge the sync pattern; then the payload is cut up [S-11]
	 */
	if (st == SHEAF_OK &&
	    sync_inside(raw ? plain : packed.p, raw ? len : packed.len)) {
		buf_clear(&packed);
		st = sync_encode(&packed, 0, plain, len, err);
		raw = false;
	}
	if (st == SHEAF_OK) {
		buf_u8(b, raw ? CODING_RAW : CODING_ZSTD);
		buf_varint(b, len);
		buf_bytes(b, raw ? plain : packed.p, raw ? len : packed.len);
		if (b->bad)
			st = fail_nomem(err);
	}
	buf_done(&packed);
	return st;
}

static enum sheaf_status payload_unpack(struct cur *c, size_t plain,
					struct buf *out,
					struct sheaf_error *err)
{
	struct zdec_how how = { 0 };
	uint8_t *room = buf_room(out, plain);
	size_t len = c->left;
	const uint8_t *packed = cur_bytes(c, len);
	enum sheaf_status st;
	struct zdec *z;

	if (!room)
		return fail_nomem(err);
	z = zdec_new();
	if (!z)
		return fail_nomem(err);
	st = zdec_frame(z, &how, packed, len, room, plain, err);
	if (st == SHEAF_OK)
		buf_grew(out, plain);
	zdec_free(z);
	return st;
}

enum sheaf_status coded_get(struct cur *c, uint64_t max, struct buf *out,
			    struct sheaf_error *err)
{
	uint8_t coding = cur_u8(c);
	uint64_t plain = cur_varint(c);

	buf_clear(out);
	if (c->bad)
		return fail(err, SHEAF_CORRUPT, "payload: cut short");
	if (plain > max) /* [S-12] */
		return fail(err, SHEAF_CORRUPT,
			    "payload of %" PRIu64 " bytes, at most %" PRIu64,
			    plain, max);
	if (coding == CODING_ZSTD)
		return payload_unpack(c, (size_t)plain, out, err);
	if (coding != CODING_RAW)
		return fail(err, SHEAF_CORRUPT, "payload: unknown coding %u",
			    (unsigned int)coding);
	if (plain != c->left)
		return fail(err, SHEAF_CORRUPT,
			    "payload of %" PRIu64 " bytes, but there are %zu",
			    plain, c->left);
	buf_bytes(out, cur_bytes(c, (size_t)plain), (size_t)plain);
	return out->bad ? fail_nomem(err) : SHEAF_OK;
}
