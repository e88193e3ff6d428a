/*
 * check_blocks.c - the second step of verify: decode what must be, or what may
 * be damaged
 *
 * A pool decodes; what it found is judged in the order of the file.
 */
#include <stdlib.h>
#include <string.h>

#include "read/check.h"

#include "base/pool.h"
#include "codec/hash.h"

static bool in_bad_range(const struct check *c, const struct seen_block *b)
{
	const struct bad_range *r =
		(const struct bad_range *)(void *)c->ranges.p;
	size_t low = 0, high = c->ranges.len / sizeof(*r);

	/* the first that ends behind the block's start */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r[middle].end > b->offset)
			high = middle;
		else
			low = middle + 1;
	}
	return low < c->ranges.len / sizeof(*r) && r[low].offset < b->end;
}

/* one block on its way through the pool */
struct job {
	struct seen_block *seen;
	struct block block; /* its header, and room that stays */
	uint64_t content_cap;
	struct block *held; /* a dictionary: the cached one */
	struct buf frame;   /* header and zstd frame, as they are stored */
	enum sheaf_status status; /* of decoding it; else it was not needed */
	struct sheaf_error why;
	bool has_pattern;
};

struct decoding {
	struct check *c;
	struct pool *pool;
	struct job *jobs; /* a ring */
	unsigned int queue;
	uint64_t submitted;
};

/* --- on a worker --- */

static enum sheaf_status content_decode(struct check *c, struct job *j)
{
	struct block *b = &j->block;
	uint64_t frame;
	enum sheaf_status st;

	b->cached.key = j->seen->offset;
	st = blocks_head(&c->view, j->seen->offset, &b->head, &frame, &j->why);
	if (st == SHEAF_OK &&
	    (b->content == NULL || b->head.plain > j->content_cap)) {
		j->content_cap = 0;
		free(b->content);
		b->content = malloc((size_t)b->head.plain + 1);
		if (b->content == NULL)
			return fail_nomem(&j->why);
		j->content_cap = b->head.plain;
	}
	return st == SHEAF_OK ? blocks_decode(c->readers, b, frame, &j->why) :
				st;
}

/* each worker has its own part of c->ids, which was made long enough */
static void ids_take(struct check *c, const struct job *j)
{
	const struct block *b = j->held != NULL ? j->held : &j->block;
	const struct block_head *h = &b->head;
	uint64_t at = h->lead;
	uint8_t *ids;

	if (j->seen->count == 0) /* there may be no ids at all */
		return;
	ids = c->ids.p + (size_t)j->seen->first_length * SHEAF_ID_SIZE;
	for (uint32_t i = 0; i < h->count && i < j->seen->count; i++) {
		uint32_t seed = h->seeds != NULL ? h->seeds[i] : 0;

		hash_id(b->content + at, h->lengths[i], seed,
			ids + (size_t)i * SHEAF_ID_SIZE);
		at += h->lengths[i];
	}
}

/* [S-11]: the sync pattern stands nowhere inside a frame */
static enum sheaf_status pattern_find(struct check *c, struct job *j)
{
	size_t len = (size_t)(j->seen->end - j->seen->offset);
	enum sheaf_status st;
	uint8_t *p;

	buf_clear(&j->frame);
	p = buf_room(&j->frame, len);
	if (p == NULL)
		return fail_nomem(&j->why);
	st = view_read(&c->view, j->seen->offset, p, len, &j->why);
	j->has_pattern =
		st == SHEAF_OK && frame_sync_find(p, len, 1) != SIZE_MAX;
	return st;
}

static void job_run(void *job, unsigned int worker, void *ctx)
{
	struct check *c = ctx;
	struct job *j = job;

	(void)worker;
	if (j->status == SHEAF_OK && j->held == NULL)
		j->status = content_decode(c, j);
	if (j->status != SHEAF_OK || !c->options->deep)
		return;
	ids_take(c, j);
	j->status = pattern_find(c, j);
}

/* --- on the caller's thread --- */

static bool parent_is_bad(const struct check *c, const struct seen_block *b)
{
	const struct seen_block *parent;

	if (b->parent == BLOCK_NO_PARENT)
		return false;
	parent = check_block(c, b->parent);
	return parent == NULL || parent->bad;
}

/* A dictionary is decoded here, so that no two workers do it at once; and where
 * it is damaged, nobody tries again for each block that needs it. */
static void job_submit(struct decoding *d, struct seen_block *b)
{
	struct job *j = &d->jobs[d->submitted++ % d->queue];
	struct check *c = d->c;

	j->seen = b;
	j->has_pattern = false;
	j->status = SHEAF_OK;
	if (parent_is_bad(c, b) || (!c->options->deep && !in_bad_range(c, b)))
		j->status = SHEAF_NOT_FOUND;
	else if (b->is_dictionary)
		j->status =
			blocks_get(c->readers, b->offset, &j->held, &j->why);
	b->bad = j->status == SHEAF_CORRUPT;
	pool_submit(d->pool, j);
}

/* no whole header where the parent's must be: damage that the frames have
 * shown, or a header that lies */
static void parent_missing(struct check *c, struct seen_block *b)
{
	if (c->result->damages != 0)
		return;
	b->own_bad = true;
	check_damage(c, b->offset, b->end - b->offset, 0,
		     "block: the one it is compressed against is not there");
}

/* damage is told, and marks the block */
static enum sheaf_status job_judge(struct check *c, const struct job *j)
{
	struct seen_block *b = j->seen;
	uint64_t len = b->end - b->offset;

	b->bad = parent_is_bad(c, b);
	if (b->bad) {
		/* not damaged itself: that is told of the other one */
		if (check_block(c, b->parent) == NULL)
			parent_missing(c, b);
	} else if (j->status == SHEAF_CORRUPT) {
		b->bad = b->own_bad = true;
		check_damage(c, b->offset, len, 0, "%s", j->why.text);
	} else if (j->status == SHEAF_OK && j->has_pattern) {
		check_damage(c, b->offset, len, 0,
			     "block: holds what only the start of a frame may");
	} else if (j->status != SHEAF_OK && j->status != SHEAF_NOT_FOUND) {
		if (c->err != NULL)
			*c->err = j->why;
		return j->status;
	}
	return check_progress(c, b->end);
}

static void job_end(struct job *j)
{
	blocks_release(j->held);
	j->held = NULL;
	block_done(&j->block.head);
}

static enum sheaf_status all_run(struct decoding *d)
{
	size_t n, next = 0;
	struct seen_block *b = check_blocks(d->c, &n);
	enum sheaf_status st = SHEAF_OK;
	struct job *j;

	while (st == SHEAF_OK) {
		while (next < n && pool_has_room(d->pool))
			job_submit(d, &b[next++]);
		j = pool_take(d->pool);
		if (j == NULL)
			break;
		st = job_judge(d->c, j);
		job_end(j);
	}
	return st;
}

/* room for all ids; those of damaged blocks stay 0 */
static enum sheaf_status ids_room(struct check *c)
{
	size_t len = c->lengths.len / sizeof(uint32_t) * SHEAF_ID_SIZE;
	uint8_t *p;

	if (!c->options->deep || len == 0)
		return SHEAF_OK;
	p = buf_room(&c->ids, len);
	if (p == NULL)
		return fail_nomem(c->err);
	memset(p, 0, len);
	buf_grew(&c->ids, len);
	return SHEAF_OK;
}

enum sheaf_status check_blocks_decode(struct check *c)
{
	unsigned int threads = pool_threads(c->options->threads);
	struct decoding d = { .c = c,
			      .queue = threads > 1 ? 2 * threads + 2 : 1 };
	enum sheaf_status st = ids_room(c);

	if (st != SHEAF_OK)
		return st;
	d.jobs = calloc(d.queue, sizeof(*d.jobs));
	if (d.jobs == NULL)
		return fail_nomem(c->err);
	st = pool_new(&d.pool, threads, d.queue, job_run, c, c->err);
	if (st == SHEAF_OK)
		st = all_run(&d);
	pool_free(d.pool);
	for (unsigned int i = 0; i < d.queue; i++) {
		job_end(&d.jobs[i]);
		free(d.jobs[i].block.content);
		buf_done(&d.jobs[i].frame);
	}
	free(d.jobs);
	return st;
}
