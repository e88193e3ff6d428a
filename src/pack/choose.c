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

#include "base/pool.h"
#include "codec/train.h"
#include "codec/zenc.h"
#include "pack/select.h"

#define TRIAL_BYTES ((size_t)512 << 10) /* compressed each way */
#define TABLES_BYTES \
	((size_t)512 << 10) /* more samples change nothing but time */
#define TABLES_BYTES_DEEP ((size_t)3 << 20)
#define DEEP_LEVEL 13
#define TABLES_SAMPLE ((size_t)128 << 10)
#define MATCH_LESS 5  /* bytes: as zstd has it, */
#define MATCH_MORE 6  /* and where less is often chance */
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

/* its first @most bytes */
static void sample_put(const struct sample *s, size_t most, struct buf *out)
{
	for (uint32_t i = 0; i < s->count && most != 0; i++) {
		size_t len = s->lengths[i] < most ? s->lengths[i] : most;

		buf_bytes(out, s->articles[i], len);
		most -= len;
	}
}

/* one way to compress the batch, tried on a worker */
struct trial {
	const struct sample *samples;
	size_t count;
	const struct choose_options *options;
	const void *dict; /* NULL: none */
	size_t dict_len;
	unsigned int match;
	bool itself; /* what the dictionary takes, and not the samples */
	/* the outcome: */
	struct zenc_dict *digested;
	double size; /* bytes of all */
	enum sheaf_status status;
	struct sheaf_error error;
};

/* compressed size of all samples, from those that are tried */
static enum sheaf_status try_samples(struct trial *t, struct zenc *z,
				     struct sheaf_error *err)
{
	struct zenc_how how = { .level = t->options->level };
	struct buf content = { 0 }, frame = { 0 };
	size_t all = total(t->samples, t->count);
	size_t stride = stride_of(all, TRIAL_BYTES);
	size_t plain = 0, packed = 0;
	enum sheaf_status st = SHEAF_OK;

	if (t->dict != NULL)
		st = zenc_dict_new_match(&t->digested, t->dict, t->dict_len,
					 how.level, t->options->block_size,
					 t->match, err);
	how.dict = t->digested;
	for (size_t i = 0; i < t->count && st == SHEAF_OK; i += stride) {
		const struct sample *s = &t->samples[i];

		buf_clear(&frame);
		buf_clear(&content);
		sample_put(s, s->len, &content);
		if (content.bad)
			st = fail_nomem(err);
		else
			st = zenc_frame(z, &how, content.p, content.len, &frame,
					err);
		plain += s->len;
		packed += frame.len;
	}
	if (plain != 0)
		t->size = (double)packed * (double)all / (double)plain;
	buf_done(&content);
	buf_done(&frame);
	return st;
}

static enum sheaf_status try_itself(struct trial *t, struct zenc *z,
				    struct sheaf_error *err)
{
	struct zenc_how how = { .level = DICT_LEVEL };
	struct buf frame = { 0 };
	enum sheaf_status st =
		zenc_frame(z, &how, t->dict, t->dict_len, &frame, err);

	t->size = (double)frame.len;
	buf_done(&frame);
	return st;
}

static void trial_run(void *arg, unsigned int worker, void *ctx)
{
	struct trial *t = arg;
	struct zenc *z = zenc_new();

	(void)worker;
	(void)ctx;
	if (z == NULL)
		t->status = fail_nomem(&t->error);
	else if (t->itself)
		t->status = try_itself(t, z, &t->error);
	else
		t->status = try_samples(t, z, &t->error);
	zenc_free(z);
}

/* entropy tables need few samples: evenly spread blocks */
enum sheaf_status choose_finish(const struct sample *s, size_t count,
				const struct buf *content, int level,
				struct buf *out, struct sheaf_error *err)
{
	size_t stride = stride_of(total(s, count), level < DEEP_LEVEL ?
							   TABLES_BYTES :
							   TABLES_BYTES_DEEP);
	struct buf bytes = { 0 }, lens = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < count; i += stride) {
		size_t len =
			s[i].len < TABLES_SAMPLE ? s[i].len : TABLES_SAMPLE;

		sample_put(&s[i], len, &bytes);
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
			       const struct choose_options *o, struct buf *out,
			       struct sheaf_error *err)
{
	struct buf content = { 0 };
	size_t size = o->size;
	enum sheaf_status st;

	if (size == 0) {
		size = total(s, count) / SIZE_SHARE;
		if (size > SIZE_MAX_DEFAULT)
			size = SIZE_MAX_DEFAULT;
	}
	st = select_segments(s, count, size, &content, err);
	if (st == SHEAF_OK)
		st = choose_finish(s, count, &content, o->level, out, err);
	buf_done(&content);
	return st;
}

/* all ways, and those of them that are under trial */
enum { NONE, OLD, OLD_6, ITSELF, FRESH, FRESH_6, WAYS };

struct trials {
	struct pool *pool;
	struct trial way[WAYS];
	bool tried[WAYS];
};

static void try(struct trials *t, int way, const void *dict, size_t len,
		unsigned int match)
{
	t->way[way].dict = dict;
	t->way[way].dict_len = len;
	t->way[way].match = match;
	t->way[way].itself = way == ITSELF;
	t->tried[way] = true;
	pool_submit(t->pool, &t->way[way]);
}

/* a few samples don't tell which matches are best, and are no matter */
static void try_dict(struct trials *t, int way, const void *dict, size_t len)
{
	const struct trial *w = &t->way[way];

	try(t, way, dict, len, MATCH_LESS);
	if (zenc_match_counts(w->options->level) &&
	    total(w->samples, w->count) >= TRIAL_BYTES)
		try(t, way + 1, dict, len, MATCH_MORE);
}

static enum sheaf_status trials_wait(struct trials *t, struct sheaf_error *err)
{
	struct trial *w;
	enum sheaf_status st = SHEAF_OK;

	while (t->pool != NULL && (w = pool_take(t->pool)) != NULL) {
		if (st == SHEAF_OK && w->status != SHEAF_OK && err != NULL)
			*err = w->error;
		if (st == SHEAF_OK)
			st = w->status;
	}
	return st;
}

/* the smallest, and of equals the first; a new dictionary counts as well */
static int trials_best(const struct trials *t, double gain)
{
	double fresh = t->way[ITSELF].size + gain * t->way[OLD].size;
	int best = NONE;

	for (int i = OLD; i < WAYS; i++) {
		double size = t->way[i].size + (i >= FRESH ? fresh : 0);

		if (i != ITSELF && t->tried[i] &&
		    size < t->way[best].size + (best >= FRESH ? fresh : 0))
			best = i;
	}
	return best;
}

enum sheaf_status choose_dictionary(const struct sample *samples, size_t count,
				    const struct choose_options *o,
				    struct choice *out, struct sheaf_error *err)
{
	struct trials t = { 0 };
	enum sheaf_status st, late;
	int best;

	memset(out, 0, sizeof(*out));
	for (int i = 0; i < WAYS; i++) {
		t.way[i].samples = samples;
		t.way[i].count = count;
		t.way[i].options = o;
	}
	st = pool_new(&t.pool, o->threads, WAYS, trial_run, NULL, err);
	if (st == SHEAF_OK)
		try(&t, NONE, NULL, 0, 0);
	if (st == SHEAF_OK && o->old != NULL)
		try_dict(&t, OLD, o->old, o->old_len);
	/* meanwhile */
	if (st == SHEAF_OK && total(samples, count) >= TRAIN_MIN)
		st = train(samples, count, o, &out->fresh, err);
	if (st == SHEAF_OK && out->fresh.len != 0) {
		try(&t, ITSELF, out->fresh.p, out->fresh.len, 0);
		try_dict(&t, FRESH, out->fresh.p, out->fresh.len);
	}
	late = trials_wait(&t, st == SHEAF_OK ? err : NULL);
	pool_free(t.pool);
	if (st == SHEAF_OK)
		st = late;
	best = trials_best(&t, o->gain);
	out->use_old = best == OLD || best == OLD_6;
	if (st != SHEAF_OK || best < FRESH)
		buf_done(&out->fresh);
	for (int i = 0; i < WAYS; i++) {
		if (st == SHEAF_OK && i == best)
			out->digested = t.way[i].digested;
		else
			zenc_dict_free(t.way[i].digested);
	}
	return st;
}
