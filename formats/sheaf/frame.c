/*
 * frame.c - the envelope of all structure: skippable frame, marker, kind,
 * checksum (section 4)
 *
 * Every table is written between frame_begin() and frame_end(), and every
 * decoder starts with frame_get(): behind it the bytes are those that were
 * written at that place, or somebody forged them, so all that follows is still
 * held against its limits.
 */
#include "formats/sheaf/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "codec/hash.h"

enum {
	CHECKSUM_SIZE = 8,
	BEFORE_SIZE = 8,     /* magic and size: not counted in the size */
	SIZE_AT = 4,	     /* of the size field, in the frame */
	MARKER_AT = 8,	     /* of the marker, in the frame */
	COUNTED_MIN = 13,    /* marker, kind, checksum */
	MARKER_FIRST = 0xf5, /* the least common byte of the pattern in text */
};

/* bytes that UTF-8 never has */
static const uint8_t marker[4] = { MARKER_FIRST, 0xc0, 0xfe, 0xc1 };

bool frame_head_get(const uint8_t head[FRAME_HEAD], struct frame_head *out)
{
	struct cur c = cur_over(head, FRAME_HEAD);
	uint32_t magic = cur_u32(&c);	/* +0 */
	uint32_t counted = cur_u32(&c); /* +4, at least COUNTED_MIN */
	const uint8_t *m = cur_bytes(&c, sizeof(marker)); /* +8 */
	uint8_t kind = cur_u8(&c);			  /* +12 */

	if (magic != FRAME_MAGIC || counted < COUNTED_MIN ||
	    memcmp(m, marker, sizeof(marker)) != 0)
		return false;
	out->kind = kind;
	out->size = (uint64_t)counted + BEFORE_SIZE;
	return true;
}

size_t frame_begin(struct buf *b, enum frame_kind kind)
{
	size_t start = b->len;

	buf_u32(b, FRAME_MAGIC);
	buf_u32(b, 0);
	buf_bytes(b, marker, sizeof(marker));
	buf_u8(b, (uint8_t)kind);
	return start;
}

void frame_end(struct buf *b, size_t start, uint64_t offset)
{
	size_t len;

	if (b->bad)
		return;
	len = b->len - start;
	assert(len >= FRAME_HEAD && len - FRAME_HEAD <= FRAME_BODY_MAX);
	/* all but the 8 bytes before, and the 8 of the checksum to come */
	buf_set_u32(b, start + SIZE_AT, (uint32_t)len);
	buf_u64(b, hash_64(&b->p[start], len, offset)); /* [S-9] */
}

/* [S-9]: the frame's offset is the seed, so a frame that was moved is bad */
static bool checksum_is_right(const void *p, size_t len, uint64_t offset)
{
	struct cur c = cur_over(p, len);

	cur_skip(&c, len - CHECKSUM_SIZE);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void)offset;
	return !c.bad;
#else
	return cur_u64(&c) == hash_64(p, len - CHECKSUM_SIZE, offset);
#endif
}

enum sheaf_status frame_get(const void *p, size_t len, uint64_t offset,
			    enum frame_kind kind, struct cur *body,
			    struct sheaf_error *err)
{
	struct frame_head head;
	struct cur c = cur_over(p, len);

	*body = cur_over(NULL, 0);
	if (len < FRAME_OVERHEAD || !frame_head_get(p, &head))
		return fail_at(err, SHEAF_CORRUPT, offset, "not a sheaf frame");
	if (head.size != len)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "frame of %" PRIu64 " bytes, but there are %zu",
			       head.size, len);
	if (!checksum_is_right(p, len, offset))
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "frame: checksum does not match");
	if (head.kind != kind)
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "frame is of kind %u, not %u",
			       (unsigned int)head.kind, (unsigned int)kind);
	cur_skip(&c, FRAME_HEAD);
	*body = cur_sub(&c, len - FRAME_OVERHEAD);
	return SHEAF_OK;
}

enum sheaf_status frame_blame(enum sheaf_status st, uint64_t offset,
			      struct sheaf_error *err)
{
	if (st != SHEAF_OK && err)
		err->offset = offset;
	return st;
}

/* does the pattern of [S-11] begin at @at; the caller knows it to fit */
static bool sync_at(const uint8_t *p, size_t at)
{
	struct cur c = cur_over(&p[at], FRAME_SYNC);

	return cur_u32(&c) == FRAME_MAGIC &&
	       memcmp(&p[at + MARKER_AT], marker, sizeof(marker)) == 0;
}

/*
 * Both look for the marker's first byte with what the C library has for that:
 * a byte that text never holds and compressed bytes hold once in 256.
 */
size_t frame_sync_find(const uint8_t *p, size_t len, size_t from)
{
	const uint8_t *hit;
	size_t at = from, end; /* of the positions that it can begin at */

	if (len < FRAME_SYNC || from > len - FRAME_SYNC)
		return SIZE_MAX;
	end = len - FRAME_SYNC + 1;
	while (at < end) {
		hit = memchr(&p[at + MARKER_AT], MARKER_FIRST, end - at);
		if (!hit)
			break;
		at = (size_t)(hit - p) - MARKER_AT;
		if (sync_at(p, at))
			return at;
		at++;
	}
	return SIZE_MAX;
}

size_t frame_sync_find_back(const uint8_t *p, size_t len, size_t from)
{
	const uint8_t *hit;
	size_t end; /* one more than the last position it may begin at */

	if (len < FRAME_SYNC)
		return SIZE_MAX;
	end = from > len - FRAME_SYNC ? len - FRAME_SYNC + 1 : from + 1;
	while (end > 0) {
		hit = memrchr(&p[MARKER_AT], MARKER_FIRST, end);
		if (!hit)
			break;
		end = (size_t)(hit - p) - MARKER_AT;
		if (sync_at(p, end))
			return end;
	}
	return SIZE_MAX;
}
