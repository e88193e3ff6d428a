/*
 * choose.c - which dictionary a batch is compressed with: none, the corpus's, a
 * new one
 *
 * Between the first blocks of a commit and their compression: judged by trying
 * each on a part of them.
 */
#include "pack/choose.h"

#include <stdlib.h>
#include <string.h>

#include "codec/train.h"
#include "codec/zenc.h"
#include "pack/select.h"

#define TRIAL_BYTES ((size_t)1 << 20) /* compressed each way */
#define TABLES_BYTES \
	((size_t)3 << 20) /* more samples change nothing but time */
#define TABLES_SAMPLE ((size_t)128 << 10)
#define SIZE_SHARE 24 /* a dictionary of so small a part of the batch */
#define SIZE_MAX_DEFAULT ((size_t)4 << 20)
#define TRAIN_MIN ((size_t)32 << 10)
#define DICT_LEVEL                                                         \
	5 /* an estimate, a tenth too large: for or against is rarely that \
	     close */

static size_t total(const struct sample *s, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += s[i].len;
	return sum;
}

/* every so many samples, so that @bytes of @all are taken */
static size_t stride_of(size_t all, size_t bytes)
{
	return all > bytes ? (all + bytes - 1) / bytes : 1;
}

/* compressed size of all samples, from those that are tried */
static enum sheaf_status trial(const struct sample *s, size_t count,
			       const void *dict, size_t dict_len, int level,
			       size_t block_size, double *out,
			       struct sheaf_error *err)
{
	struct zenc_how how = { .level = level };
	struct zenc_dict *digested = NULL;
	struct zenc *z = zenc_new();
	struct buf frame = { 0 };
	size_t stride = stride_of(total(s, count), TRIAL_BYTES);
	size_t plain = 0, packed = 0;
	enum sheaf_status st = SHEAF_OK;

	if (z == NULL)
		return fail_nomem(err);
	if (dict != NULL)
		st = zenc_dict_new(&digested, dict, dict_len, level, block_size,
				   err);
	how.dict = digested;
	for (size_t i = 0; i < count && st == SHEAF_OK; i += stride) {
		buf_clear(&frame);
		st = zenc_frame(z, &how, s[i].p, s[i].len, &frame, err);
		plain += s[i].len;
		packed += frame.len;
	}
	*out = plain == 0 ?
		       0 :
		       (double)packed * (double)total(s, count) / (double)plain;
	buf_done(&frame);
	zenc_dict_free(digested);
	zenc_free(z);
	return st;
}

static enum sheaf_status packed_size(const struct buf *dict, double *out,
				     struct sheaf_error *err)
{
	struct zenc_how how = { .level = DICT_LEVEL };
	struct zenc *z = zenc_new();
	struct buf frame = { 0 };
	enum sheaf_status st;

	if (z == NULL)
		return fail_nomem(err);
	st = zenc_frame(z, &how, dict->p, dict->len, &frame, err);
	*out = (double)frame.len;
	buf_done(&frame);
	zenc_free(z);
	return st;
}

/* entropy tables need few samples: evenly spread blocks */
enum sheaf_status choose_finish(const struct sample *s, size_t count,
				const struct buf *content, int level,
				struct buf *out, struct sheaf_error *err)
{
	size_t stride = stride_of(total(s, count), TABLES_BYTES);
	struct buf bytes = { 0 }, lens = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < count; i += stride) {
		size_t len =
			s[i].len < TABLES_SAMPLE ? s[i].len : TABLES_SAMPLE;

		buf_bytes(&bytes, s[i].p, len);
		buf_bytes(&lens, &len, sizeof(len));
	}
	if (bytes.bad || lens.bad)
		st = fail_nomem(err);
	else
		st = train_finish(content->p, content->len, bytes.p,
				  (const size_t *)(void *)lens.p,
				  (unsigned int)(lens.len / sizeof(size_t)),
				  level, out, err);
	buf_done(&bytes);
	buf_done(&lens);
	return st;
}

static enum sheaf_status train(const struct sample *s, size_t count,
			       size_t size, int level, struct buf *out,
			       struct sheaf_error *err)
{
	struct buf content = { 0 };
	enum sheaf_status st;

	if (size == 0) {
		size = total(s, count) / SIZE_SHARE;
		if (size > SIZE_MAX_DEFAULT)
			size = SIZE_MAX_DEFAULT;
	}
	st = select_segments(s, count, size, &content, err);
	if (st == SHEAF_OK)
		st = choose_finish(s, count, &content, level, out, err);
	buf_done(&content);
	return st;
}

enum sheaf_status choose_dictionary(const struct sample *samples, size_t count,
				    const void *old, size_t old_len,
				    size_t size, int level, size_t block_size,
				    struct choice *out, struct sheaf_error *err)
{
	double best = 0, with_old = 0, with_fresh = 0, itself = 0;
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	st = trial(samples, count, NULL, 0, level, block_size, &best, err);
	if (st == SHEAF_OK && old != NULL) {
		st = trial(samples, count, old, old_len, level, block_size,
			   &with_old, err);
		if (st == SHEAF_OK && with_old < best) {
			best = with_old;
			out->use_old = true;
		}
	}
	if (st != SHEAF_OK || total(samples, count) < TRAIN_MIN)
		return st;
	st = train(samples, count, size, level, &out->fresh, err);
	if (st != SHEAF_OK || out->fresh.len == 0)
		return st;
	st = trial(samples, count, out->fresh.p, out->fresh.len, level,
		   block_size, &with_fresh, err);
	if (st == SHEAF_OK)
		st = packed_size(&out->fresh, &itself, err);
	if (st == SHEAF_OK && with_fresh + itself < best)
		out->use_old = false;
	else
		buf_done(&out->fresh);
	return st;
}
