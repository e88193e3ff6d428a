/*
 * zstream.c - zstd frames from outside, end to end, piece by piece
 *
 * Not on the way of any corpus: its frames have known sizes, and zdec.c holds
 * them to those.
 */
#include "codec/zstream.h"

#include <stdlib.h>

#include <zstd.h>
#include <zstd_errors.h>

enum { WINDOW_LOG_MAX = 27 }; /* 128 MiB */

struct zstream {
	ZSTD_DCtx *ctx;
	bool whole;
};

struct zstream *zstream_new(const void *dict, size_t dict_len)
{
	struct zstream *z = calloc(1, sizeof(*z));
	size_t r = 0;

	if (!z)
		return NULL;
	z->whole = true;
	z->ctx = ZSTD_createDCtx();
	if (z->ctx)
		r = ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax,
					   WINDOW_LOG_MAX);
	if (z->ctx && !ZSTD_isError(r) && dict_len != 0)
		r = ZSTD_DCtx_loadDictionary(z->ctx, dict, dict_len);
	if (!z->ctx || ZSTD_isError(r)) {
		zstream_free(z);
		return NULL;
	}
	return z;
}

void zstream_free(struct zstream *z)
{
	if (!z)
		return;
	ZSTD_freeDCtx(z->ctx);
	free(z);
}

enum sheaf_status zstream_next(struct zstream *z, const void *in, size_t in_len,
			       size_t *used, void *out, size_t out_len,
			       size_t *made, bool *whole,
			       struct sheaf_error *err)
{
	ZSTD_inBuffer from = { .src = in, .size = in_len };
	ZSTD_outBuffer to = { .dst = out, .size = out_len };
	size_t r = 0;

	while (to.pos < to.size && (from.pos < from.size || !z->whole)) {
		size_t before = from.pos + to.pos;

		r = ZSTD_decompressStream(z->ctx, &to, &from);
		if (ZSTD_isError(r))
			break;
		z->whole = r == 0;
		if (from.pos + to.pos == before)
			break; /* it wants more than there is */
	}
	*used = from.pos;
	*made = to.pos;
	*whole = z->whole;
	if (!ZSTD_isError(r))
		return SHEAF_OK;
	if (ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation)
		return fail_nomem(err);
	return fail(err, SHEAF_CORRUPT, "the zstd data is damaged (%s)",
		    ZSTD_getErrorName(r));
}
