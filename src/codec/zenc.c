/*
 * zenc.c - one block of articles into one zstd frame
 *
 * The last step before the segment writer: pack/ hands over whole blocks. A
 * dictionary is digested once and attached to every frame; a prefix (the parent
 * of a revision) is loaded anew for each.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zdict.h>
#include <zstd_errors.h>

#include <stdlib.h>

#include "codec/hash.h"
#include "codec/zenc.h"

#define RAW_BLOCK_MAX ((size_t)128 << 10) /* RFC 8878, Block_Maximum_Size */
#define WINDOW_LOG_MIN 10
#define WINDOW_LOG_MAX 27
#define PIECE_MORE 16 /* bytes that a flush may add at the most */
#define MATCH_LEVEL 5 /* from here on zstd takes more than the first match */
#define LAZY_LEVEL 10 /* from here on we let it look nearby, zstd from 6 */
#define DEEP_LEVEL 13 /* from here on zstd searches trees */

struct zenc_dict {
	ZSTD_CDict *cdict;
};

struct zenc {
	ZSTD_CCtx *ctx;
};

static unsigned int log2_ceil(size_t n)
{
	unsigned int log = 0;

	while (((size_t)1 << log) < n)
		log++;
	return log;
}

/*
 * zstd's tables for a level suit small content; a large dictionary wants tables
 * of its own size.
 *
 * zstd's look for a better match a byte further on, and again, costs most with
 * a dictionary, of whose tables each look misses the cache. Below level 10 a
 * longer look at each place, at a table twice as large, pays better. The whole
 * of 80 MB of press releases at level 9, its blocks of 8 KiB, 6 bytes a match:
 *                                        CPU, blocks   size
 *     one more look, 16 candidates             2.46 s   20.69 MB
 *     the same, 8                              2.15     20.95
 *     none, 16 candidates                      1.57     21.40
 *     none, 32                                 1.73     21.13
 *     none, 32, the table twice as large       1.80     21.00
 *     none, 64, twice as large                 2.54     20.80
 * 22 MB of Chinese and English are 1.5 % larger for 0.72 of the time, 41 MB of
 * laws in Spanish 2.3 %, 49 in German 2.4 %.
 *
 * Matches of 6 bytes and more are a gain in English, German and Spanish;
 * Chinese, 3 bytes a character, is 2.7 % larger with 6 than with 5, so the
 * choice is left to a trial.
 */
static ZSTD_compressionParameters dict_params(int level, size_t block,
					      size_t len, unsigned int match)
{
	ZSTD_compressionParameters p = ZSTD_getCParams(level, block, len);
	unsigned int log = log2_ceil(len);

	if (p.strategy == ZSTD_lazy2 && level < LAZY_LEVEL) {
		p.searchLog++;
		p.hashLog++;
	}
	if ((p.strategy == ZSTD_lazy || p.strategy == ZSTD_lazy2) &&
	    level < LAZY_LEVEL)
		p.strategy = ZSTD_greedy;
	if (match != 0 && zenc_match_counts(level))
		p.minMatch = match;
	if (level < DEEP_LEVEL || log <= p.windowLog)
		return p;
	p.windowLog = log + 1 > WINDOW_LOG_MAX ? WINDOW_LOG_MAX : log + 1;
	p.hashLog = log > WINDOW_LOG_MAX ? WINDOW_LOG_MAX : log;
	p.chainLog = log + 1 > WINDOW_LOG_MAX ? WINDOW_LOG_MAX : log + 1;
	return p;
}

bool zenc_match_counts(int level)
{
	return level >= MATCH_LEVEL && level < DEEP_LEVEL;
}

enum sheaf_status zenc_dict_new(struct zenc_dict **out, const void *content,
				size_t len, int level, size_t block,
				struct sheaf_error *err)
{
	return zenc_dict_new_match(out, content, len, level, block, 0, err);
}

enum sheaf_status zenc_dict_new_match(struct zenc_dict **out,
				      const void *content, size_t len,
				      int level, size_t block,
				      unsigned int match,
				      struct sheaf_error *err)
{
	ZSTD_customMem none = { 0 };
	ZSTD_compressionParameters params =
		dict_params(level, block, len, match);
	struct zenc_dict *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL)
		return fail_nomem(err);
	d->cdict = ZSTD_createCDict_advanced(content, len, ZSTD_dlm_byRef,
					     ZSTD_dct_auto, params, none);
	if (d->cdict == NULL) {
		free(d);
		return fail_nomem(err);
	}
	*out = d;
	return SHEAF_OK;
}

void zenc_dict_free(struct zenc_dict *d)
{
	if (d == NULL)
		return;
	ZSTD_freeCDict(d->cdict);
	free(d);
}

struct zenc *zenc_new(void)
{
	struct zenc *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->ctx = ZSTD_createCCtx();
	if (z->ctx == NULL) {
		free(z);
		return NULL;
	}
	return z;
}

void zenc_free(struct zenc *z)
{
	if (z == NULL)
		return;
	ZSTD_freeCCtx(z->ctx);
	free(z);
}

/* a window that holds all of the content makes the frame single-segment */
static size_t frame_setup(struct zenc *z, const struct zenc_how *how,
			  size_t len)
{
	ZSTD_CCtx *c = z->ctx;
	unsigned int window = log2_ceil(len);
	size_t r = ZSTD_CCtx_reset(c, ZSTD_reset_session_and_parameters);

	if (window < WINDOW_LOG_MIN)
		window = WINDOW_LOG_MIN;
	if (how->prefix_len != 0) {
		unsigned int both = log2_ceil(len + how->prefix_len);

		window = both > 27 ? 27 : both < window ? window : both;
	}
	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel,
					   how->level);
	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, (int)window);
	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 1);
	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_dictIDFlag, 1);
	/* never copied: its tables may be larger than the block by far */
	if (!ZSTD_isError(r) && how->dict != NULL)
		r = ZSTD_CCtx_setParameter(c, ZSTD_c_forceAttachDict,
					   ZSTD_dictForceAttach);
	if (!ZSTD_isError(r) && how->dict != NULL)
		r = ZSTD_CCtx_refCDict(c, how->dict->cdict);
	if (!ZSTD_isError(r) && how->prefix_len != 0)
		r = ZSTD_CCtx_refPrefix(c, how->prefix, how->prefix_len);
	return r;
}

/* the content piece by piece, each flushed; returns the frame's size */
static size_t pieces_compress(struct zenc *z, const struct zenc_how *how,
			      const void *src, size_t len, void *dst,
			      size_t cap)
{
	ZSTD_inBuffer in = { .src = src };
	ZSTD_outBuffer out = { .dst = dst, .size = cap };
	size_t r = ZSTD_CCtx_setPledgedSrcSize(z->ctx, len);

	for (size_t i = 0; !ZSTD_isError(r) && i < how->cut_count; i++) {
		in.size = how->cuts[i];
		r = ZSTD_compressStream2(z->ctx, &out, &in, ZSTD_e_flush);
	}
	in.size = len;
	if (!ZSTD_isError(r))
		r = ZSTD_compressStream2(z->ctx, &out, &in, ZSTD_e_end);
	return ZSTD_isError(r) ? r : out.pos;
}

enum sheaf_status zenc_frame(struct zenc *z, const struct zenc_how *how,
			     const void *src, size_t len, struct buf *out,
			     struct sheaf_error *err)
{
	size_t bound = ZSTD_compressBound(len) + how->cut_count * PIECE_MORE;
	uint8_t *dst = buf_room(out, bound);
	size_t r;

	if (dst == NULL)
		return fail_nomem(err);
	r = frame_setup(z, how, len);
	if (!ZSTD_isError(r) && how->cut_count != 0)
		r = pieces_compress(z, how, src, len, dst, bound);
	else if (!ZSTD_isError(r))
		r = ZSTD_compress2(z->ctx, dst, bound, src, len);
	if (ZSTD_isError(r)) {
		if (ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation)
			return fail_nomem(err);
		return fail(err, SHEAF_MISUSE, "zstd: %s",
			    ZSTD_getErrorName(r));
	}
	buf_grew(out, r);
	return SHEAF_OK;
}

/* RFC 8878 section 3.1.1.1: single segment, 8-byte content size, checksum,
 * 4-byte dictionary id */
static void raw_header(struct buf *out, uint32_t dict_id, size_t len)
{
	buf_u32(out, ZSTD_MAGICNUMBER);
	buf_u8(out, dict_id == 0 ? 0xe4 : 0xe7);
	if (dict_id != 0)
		buf_u32(out, dict_id);
	buf_u64(out, len);
}

static void raw_block(struct buf *out, const uint8_t *p, size_t len, bool last)
{
	uint32_t head = (uint32_t)len << 3 | (last ? 1u : 0u);

	buf_u8(out, (uint8_t)head);
	buf_u8(out, (uint8_t)(head >> 8));
	buf_u8(out, (uint8_t)(head >> 16));
	buf_bytes(out, p, len);
}

enum sheaf_status zenc_raw_frame(uint32_t dict_id, const void *src, size_t len,
				 const size_t *cuts, size_t count,
				 struct buf *out, struct sheaf_error *err)
{
	const uint8_t *p = src;
	size_t at = 0, next = 0;

	raw_header(out, dict_id, len);
	do {
		size_t end = len;

		while (next < count && cuts[next] <= at)
			next++;
		if (next < count && cuts[next] < end)
			end = cuts[next];
		if (end - at > RAW_BLOCK_MAX)
			end = at + RAW_BLOCK_MAX;
		raw_block(out, p + at, end - at, end == len);
		at = end;
	} while (at < len);
	buf_u32(out, hash_frame_checksum(src, len));
	return out->bad ? fail_nomem(err) : SHEAF_OK;
}

uint32_t zenc_dict_id(const void *content, size_t len)
{
	return ZDICT_getDictID(content, len);
}
