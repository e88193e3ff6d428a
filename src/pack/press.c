/*
 * press.c - finished blocks through the compressors into the segment
 *
 * In flow 1 behind the order and the dictionary. A pool compresses; blocks are
 * written in the order in which they came, so the file does not depend on the
 * number of threads.
 */
#include "pack/press.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "codec/zenc.h"
#include "formats/sheaf/sync.h"

/* While the dictionary is packed, some hundred blocks are, and wait for it; so
 * much of them, plain */
#define QUEUE_JOBS 1024
#define QUEUE_BYTES ((uint64_t)16 << 20)

/* That of 80 MB of press releases, 3.3 MB, takes 0.89 MB at level 19, 0.97 at
 * 12 and 1.01 at 9, in 1.5, 0.2 and 0.09 s; all of it takes 19 MB in 2 s */
#define DICT_LEVEL_MAX 19

/* No dictionary lies in a file's first page: where that page is lost, as the
 * first of a disk or a download may be, so would be all that needs it. 370
 * bytes behind the description, once a file. */
#define FIRST_PAGE 4096

/* A reader decodes a block up to the end of its article and no further, which
 * it can where a zstd block ends. Compacted to blocks of 64 KiB, 41 MB of laws
 * are 0.5 % larger cut every 16 KiB, 0.8 % every 8 and 1.1 % every 4; 80 MB of
 * press releases are 0.7 % and 1.2 % larger, and half of their random reads
 * take less than 0.65 and 0.56 of the time. */
#define PIECES 4 /* a block, but none of less than */
#define PIECE_LEAST ((size_t)4 << 10)

/* a block on its way through the pool */
struct job {
	struct press_block block;
	bool is_dictionary; /* its content is that of the press */
	uint32_t number;
	uint64_t first;	 /* articles before it in the segment */
	uint64_t parent; /* BLOCK_NO_PARENT: none */
	uint64_t plain;	 /* bytes of content, */
	uint64_t lead;	 /* and before the articles */
	struct buf lengths, seeds, content, frame;
	struct buf cuts; /* size_t: where a reader may stop */
	enum sheaf_status status;
	struct sheaf_error error;
};

struct press {
	struct segment *segment;
	struct press_options options;
	struct pool *pool;
	struct zenc **encoders; /* one a worker */
	uint64_t *offsets;	/* by block number */
	uint32_t count, cap;
	uint64_t articles;
	uint64_t queued; /* plain bytes of all jobs that are out */
	struct buf dict_content;
	struct zenc_dict *dict;
	uint64_t dict_offset; /* BLOCK_NO_PARENT: none */
};

static void job_free(struct job *j)
{
	buf_done(&j->lengths);
	buf_done(&j->seeds);
	buf_done(&j->content);
	buf_done(&j->frame);
	buf_done(&j->cuts);
	free(j);
}

/* one frame; where articles forge the sync pattern, a raw one */
static enum sheaf_status frame_make(struct zenc *z, const struct zenc_how *how,
				    uint32_t dict_id, const struct buf *content,
				    struct buf *frame, struct sheaf_error *err)
{
	enum sheaf_status st;

	st = zenc_frame(z, how, content->p, content->len, frame, err);
	if (st != SHEAF_OK || !sync_inside(frame->p, frame->len))
		return st;
	buf_clear(frame);
	return sync_encode(frame, dict_id, content->p, content->len, err);
}

/* ends of articles at which a zstd block ends, in larger blocks */
static void cuts_make(struct job *j, size_t block_size)
{
	size_t piece = block_size / PIECES;
	size_t at = 0, last = 0;

	if (piece < PIECE_LEAST)
		piece = PIECE_LEAST;
	for (uint32_t i = 0; i < j->block.count; i++) {
		if (at - last >= piece && j->content.len - at >= piece / 2) {
			buf_bytes(&j->cuts, &at, sizeof(at));
			last = at;
		}
		at += j->block.items[i]->len;
	}
}

/* on a worker */
static void job_run(void *arg, unsigned int worker, void *ctx)
{
	struct job *j = arg;
	const struct press *p = ctx;
	const struct press_block *b = &j->block;
	struct zenc_how how = { .level = b->level,
				.prefix = b->prefix,
				.prefix_len = b->prefix_len };
	uint32_t id = 0;

	for (uint32_t i = 0; !j->is_dictionary && i < b->count; i++) {
		const struct item *item = b->items[i];

		buf_bytes(&j->content, item->p, item->len);
		buf_bytes(&j->lengths, &item->len, sizeof(item->len));
		buf_bytes(&j->seeds, &item->seed, sizeof(item->seed));
	}
	if (!j->is_dictionary)
		cuts_make(j, p->options.effort.block_size);
	if (j->content.bad || j->lengths.bad || j->seeds.bad || j->cuts.bad) {
		j->status = fail_nomem(&j->error);
		return;
	}
	if (how.prefix == NULL && j->parent != BLOCK_NO_PARENT) {
		how.dict = p->dict;
		id = zenc_dict_id(p->dict_content.p, p->dict_content.len);
	}
	how.cuts = (const size_t *)(const void *)j->cuts.p;
	how.cut_count = j->cuts.len / sizeof(size_t);
	j->status =
		frame_make(p->encoders[worker], &how, id,
			   j->is_dictionary ? &p->dict_content : &j->content,
			   &j->frame, &j->error);
	buf_done(&j->content);
}

enum sheaf_status press_new(struct press **out, struct segment *segment,
			    const struct press_options *options,
			    struct sheaf_error *err)
{
	struct press *p = calloc(1, sizeof(*p));
	unsigned int n = options->threads;
	enum sheaf_status st;

	*out = NULL;
	if (p == NULL)
		return fail_nomem(err);
	p->segment = segment;
	p->options = *options;
	p->articles = options->first;
	p->dict_offset = BLOCK_NO_PARENT;
	p->encoders = calloc(n, sizeof(*p->encoders));
	st = p->encoders != NULL ? SHEAF_OK : fail_nomem(err);
	for (unsigned int i = 0; st == SHEAF_OK && i < n; i++) {
		p->encoders[i] = zenc_new();
		if (p->encoders[i] == NULL)
			st = fail_nomem(err);
	}
	if (st == SHEAF_OK)
		st = pool_new(&p->pool, n, QUEUE_JOBS, job_run, p, err);
	if (st == SHEAF_OK)
		*out = p;
	else
		press_free(p);
	return st;
}

void press_free(struct press *p)
{
	if (p == NULL)
		return;
	if (p->pool != NULL)
		press_drop(p);
	pool_free(p->pool);
	for (unsigned int i = 0; p->encoders != NULL && i < p->options.threads;
	     i++)
		zenc_free(p->encoders[i]);
	free(p->encoders);
	free(p->offsets);
	zenc_dict_free(p->dict);
	buf_done(&p->dict_content);
	free(p);
}

void press_effort(struct press *p, struct press_effort effort)
{
	p->options.effort = effort;
}

static enum sheaf_status take_one(struct press *p, struct sheaf_error *err)
{
	struct job *j = pool_take(p->pool);
	struct block_head h = { .is_dictionary = j->is_dictionary,
				.commit = p->options.commit,
				.first = j->first,
				.packed = j->frame.len,
				.plain = j->plain,
				.lead = j->lead,
				.parent = j->parent,
				.count = j->block.count,
				.lengths = (uint32_t *)(void *)j->lengths.p,
				.seeds = (uint32_t *)(void *)j->seeds.p };
	enum sheaf_status st = j->status;

	if (st == SHEAF_OK)
		st = segment_block(p->segment, &h, &j->frame,
				   &p->offsets[j->number], err);
	else if (err != NULL)
		*err = j->error;
	p->queued -= j->plain;
	job_free(j);
	return st;
}

void press_drop(struct press *p)
{
	struct job *j;

	while ((j = pool_take(p->pool)) != NULL)
		job_free(j);
	p->queued = 0;
}

enum sheaf_status press_drain(struct press *p, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	/* room for all of its jobs means that none is out */
	while (st == SHEAF_OK && p->count != 0 && p->offsets[p->count - 1] == 0)
		st = take_one(p, err);
	if (st != SHEAF_OK)
		press_drop(p);
	return st;
}

static enum sheaf_status offsets_grow(struct press *p, struct sheaf_error *err)
{
	uint32_t cap = p->cap != 0 ? 2 * p->cap : 256;
	uint64_t *more = realloc(p->offsets, cap * sizeof(*more));

	if (more == NULL)
		return fail_nomem(err);
	p->offsets = more;
	p->cap = cap;
	return SHEAF_OK;
}

/* a job for what @block says, once there is room; NULL: failed */
static enum sheaf_status job_new(struct press *p,
				 const struct press_block *block,
				 struct job **out, struct sheaf_error *err)
{
	struct job *j;
	enum sheaf_status st = SHEAF_OK;

	*out = NULL;
	if (p->count == p->cap)
		st = offsets_grow(p, err);
	while (st == SHEAF_OK &&
	       (!pool_has_room(p->pool) || p->queued > QUEUE_BYTES))
		st = take_one(p, err);
	j = st == SHEAF_OK ? calloc(1, sizeof(*j)) : NULL;
	if (j == NULL)
		return st == SHEAF_OK ? fail_nomem(err) : st;
	j->block = *block;
	j->number = p->count;
	j->first = p->articles;
	for (uint32_t i = 0; i < block->count; i++) {
		block->items[i]->block = p->count;
		block->items[i]->slot = i;
		j->plain += block->items[i]->len;
	}
	*out = j;
	return SHEAF_OK;
}

static void job_submit(struct press *p, struct job *j)
{
	p->offsets[p->count++] = 0;
	p->articles += j->block.count;
	p->queued += j->plain;
	pool_submit(p->pool, j);
}

enum sheaf_status press_block(struct press *p, const struct press_block *block,
			      struct sheaf_error *err)
{
	struct job *j;
	enum sheaf_status st = job_new(p, block, &j, err);

	if (st != SHEAF_OK)
		return st;
	if (j->block.level == 0)
		j->block.level = p->options.effort.level;
	j->parent = block->prefix != NULL ? block->parent : p->dict_offset;
	job_submit(p, j);
	return SHEAF_OK;
}

static int dict_level(const struct press *p)
{
	return p->options.effort.level < DICT_LEVEL_MAX ?
		       p->options.effort.level :
		       DICT_LEVEL_MAX;
}

/* its articles lie at the end of its content */
static enum sheaf_status dictionary_submit(struct press *p,
					   const struct press_dictionary *d,
					   struct sheaf_error *err)
{
	struct press_block block = { .items = d->items,
				     .count = d->count,
				     .level = dict_level(p) };
	struct job *j;
	enum sheaf_status st = job_new(p, &block, &j, err);

	if (st != SHEAF_OK)
		return st;
	for (uint32_t i = 0; i < d->count; i++) {
		const struct item *item = d->items[i];

		buf_bytes(&j->lengths, &item->len, sizeof(item->len));
		buf_bytes(&j->seeds, &item->seed, sizeof(item->seed));
	}
	j->is_dictionary = true;
	j->parent = BLOCK_NO_PARENT;
	j->lead = d->len - j->plain;
	j->plain = d->len;
	job_submit(p, j);
	return SHEAF_OK;
}

enum sheaf_status press_dictionary(struct press *p,
				   const struct press_dictionary *d,
				   uint64_t *offset, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	zenc_dict_free(p->dict);
	p->dict = d->digested;
	p->dict_offset = BLOCK_NO_PARENT;
	buf_clear(&p->dict_content);
	if (d->len == 0)
		return SHEAF_OK;
	buf_bytes(&p->dict_content, d->content, d->len);
	if (p->dict_content.bad)
		return fail_nomem(err);
	if (*offset == 0) {
		/* nothing is on its way there */
		st = segment_spare(p->segment, FIRST_PAGE, err);
		*offset = p->segment->at;
		if (st == SHEAF_OK)
			st = dictionary_submit(p, d, err);
	}
	p->dict_offset = *offset;
	/* meanwhile */
	if (st == SHEAF_OK && p->dict == NULL)
		st = zenc_dict_new(&p->dict, p->dict_content.p,
				   p->dict_content.len, p->options.effort.level,
				   p->options.effort.block_size, err);
	return st;
}

uint64_t press_offset(const struct press *p, uint32_t block)
{
	return p->offsets[block];
}

uint64_t press_blocks(const struct press *p)
{
	return p->count;
}
