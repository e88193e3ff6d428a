/*
 * zdec.c - a zstd frame back into its content
 *
 * The innermost step of every read. The caller knows the content's size from
 * the block header and has allocated just that, so no frame can ask for more.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include <stdlib.h>

#include "codec/zdec.h"

#define BLOCK_HEAD 3 /* bytes before each zstd block */
#define BLOCK_RLE 1  /* the type of one that repeats a single byte */

struct zdec_dict {
	ZSTD_DDict *ddict;
};

struct zdec {
	ZSTD_DCtx *ctx;
};

enum sheaf_status zdec_dict_new(struct zdec_dict **out, const void *content,
				size_t len, struct sheaf_error *err)
{
	struct zdec_dict *d = calloc(1, sizeof(*d));

	*out = NULL;
	if (d == NULL)
		return fail_nomem(err);
	d->ddict = ZSTD_createDDict_byReference(content, len);
	if (d->ddict == NULL) {
		free(d);
		return fail(
			err, SHEAF_CORRUPT,
			"dictionary: can't be used (damaged, or no memory)");
	}
	*out = d;
	return SHEAF_OK;
}

void zdec_dict_free(struct zdec_dict *d)
{
	if (d == NULL)
		return;
	ZSTD_freeDDict(d->ddict);
	free(d);
}

struct zdec *zdec_new(void)
{
	struct zdec *z = calloc(1, sizeof(*z));

	if (z == NULL)
		return NULL;
	z->ctx = ZSTD_createDCtx();
	if (z->ctx == NULL) {
		free(z);
		return NULL;
	}
	return z;
}

void zdec_free(struct zdec *z)
{
	if (z == NULL)
		return;
	ZSTD_freeDCtx(z->ctx);
	free(z);
}

static enum sheaf_status zdec_fail(size_t code, struct sheaf_error *err)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		return fail_nomem(err);
	return fail(err, SHEAF_CORRUPT, "block: %s", ZSTD_getErrorName(code));
}

/*
 * Make the context take the dictionary for one that is not in the processor's
 * caches. Then it prefetches what a match copies, a few matches ahead, which it
 * otherwise does at the first use of a dictionary only; but of one of 16 MB
 * most is never there. 80 MB of press releases in blocks of 64 KB: 165 ms of
 * processor time become 135; smaller dictionaries: 3 to 8 % less. A frame
 * without a dictionary does it; it takes 0.1 us.
 */
#define COLD_MIN 4096 /* compressed bytes */

static size_t dict_forget(struct zdec *z)
{
	static const uint8_t empty[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x20,
					 0x00, 0x01, 0x00, 0x00 };
	uint8_t none;

	return ZSTD_decompressDCtx(z->ctx, &none, 0, empty, sizeof(empty));
}

/* a fresh session with what the frame, of @packed bytes that will be decoded,
 * was compressed against */
static size_t session_begin(struct zdec *z, const struct zdec_how *how,
			    size_t packed)
{
	static const uint8_t nothing;
	size_t r = ZSTD_DCtx_reset(z->ctx, ZSTD_reset_session_and_parameters);

	if (!ZSTD_isError(r) && how->dict != NULL && packed >= COLD_MIN)
		r = dict_forget(z);
	if (!ZSTD_isError(r) && how->dict != NULL)
		r = ZSTD_DCtx_refDDict(z->ctx, how->dict->ddict);
	if (!ZSTD_isError(r) && how->prefix_len != 0)
		r = ZSTD_DCtx_refPrefix(
			z->ctx, how->prefix != NULL ? how->prefix : &nothing,
			how->prefix_len);
	return r;
}

static enum sheaf_status size_check(const void *src, size_t len, size_t plain,
				    struct sheaf_error *err)
{
	if (ZSTD_getFrameContentSize(src, len) == plain)
		return SHEAF_OK;
	return fail(err, SHEAF_CORRUPT,
		    "block: its size is not what its header says");
}

enum sheaf_status zdec_frame(struct zdec *z, const struct zdec_how *how,
			     const void *src, size_t len, void *dst,
			     size_t plain, struct sheaf_error *err)
{
	enum sheaf_status st = size_check(src, len, plain, err);
	uint8_t one;
	size_t r;

	if (st != SHEAF_OK)
		return st;
	r = ZSTD_findFrameCompressedSize(src, len);
	if (ZSTD_isError(r))
		return zdec_fail(r, err);
	if (r != len)
		return fail(
			err, SHEAF_CORRUPT,
			"block: its frame is not as long as its header says");
	r = session_begin(z, how, len);
	if (!ZSTD_isError(r))
		r = ZSTD_decompressDCtx(z->ctx, plain != 0 ? dst : &one, plain,
					src, len);
	if (ZSTD_isError(r))
		return zdec_fail(r, err);
	if (r != plain)
		return fail(err, SHEAF_CORRUPT, "block: cut short");
	return SHEAF_OK;
}

/* where the zstd block at @at ends, from its header (RFC 8878, 3.1.1.2); 0: not
 * within @len */
static size_t block_end(const uint8_t *src, size_t at, size_t len)
{
	size_t head, size;

	if (at > len || len - at < BLOCK_HEAD)
		return 0;
	head = src[at] | (size_t)src[at + 1] << 8 | (size_t)src[at + 2] << 16;
	size = (head >> 1 & 3) == BLOCK_RLE ? 1 : head >> 3;
	at += BLOCK_HEAD;
	return size <= len - at ? at + size : 0;
}

/*
 * The decoder takes whole zstd blocks and is given one at a time; it writes
 * straight into @dst, so nothing is copied.
 */
enum sheaf_status zdec_start(struct zdec *z, const struct zdec_how *how,
			     const void *src, size_t len, void *dst,
			     size_t plain, size_t wanted, size_t *packed,
			     struct sheaf_error *err)
{
	ZSTD_inBuffer in = { .src = src };
	ZSTD_outBuffer out = { .dst = dst, .size = plain };
	enum sheaf_status st = size_check(src, len, plain, err);
	size_t end, r;

	if (st != SHEAF_OK)
		return st;
	end = ZSTD_frameHeaderSize(src, len);
	r = ZSTD_isError(end) ? end : session_begin(z, how, 0);
	if (!ZSTD_isError(r))
		r = ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_stableOutBuffer, 1);
	while (!ZSTD_isError(r) && out.pos < wanted) {
		end = block_end(src, end, len);
		if (end == 0)
			break;
		in.size = end;
		r = ZSTD_decompressStream(z->ctx, &out, &in);
	}
	if (ZSTD_isError(r))
		return zdec_fail(r, err);
	if (out.pos < wanted)
		return fail(err, SHEAF_CORRUPT, "block: cut short");
	*packed = in.pos;
	return SHEAF_OK;
}
