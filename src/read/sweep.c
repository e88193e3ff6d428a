/*
 * sweep.c - many blocks decoded at once, the newest first
 *
 * For those who look through articles and not for one of them: the writer that
 * wants parents for edits, and similar.
 */
#include "read/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define CHUNK ((size_t)1 << 20)	   /* bytes of the file a step back */
#define AROUND ((uint64_t)1 << 20) /* where neighbours are looked for */
#define QUEUE 64

struct walk {
	struct sheaf_corpus *corpus;
	const struct sweep_limit *limit;
	uint64_t bytes, articles;
	uint8_t *chunk;
	struct buf *out;
	struct sheaf_error *err;
};

static bool is_full(const struct walk *w)
{
	return w->bytes >= w->limit->bytes || w->articles >= w->limit->articles;
}

/* the block whose header is at @offset; *end: where it ends, 0: it is none */
static enum sheaf_status block_take(struct walk *w, uint64_t offset,
				    uint64_t *end)
{
	struct block_head head;
	uint64_t frame;
	enum sheaf_status st =
		blocks_head(&w->corpus->view, offset, &head, &frame, w->err);
	struct sweep_block b = { .offset = offset };

	*end = 0;
	if (st == SHEAF_CORRUPT)
		return SHEAF_OK;
	if (st != SHEAF_OK)
		return st;
	*end = frame + head.packed;
	b.plain = head.plain;
	b.count = head.count;
	if (head.count != 0 &&
	    (!head.is_dictionary || w->limit->dictionaries)) {
		buf_bytes(w->out, &b, sizeof(b));
		w->bytes += b.plain - head.lead;
		w->articles += b.count;
	}
	block_done(&head);
	return w->out->bad ? fail_nomem(w->err) : SHEAF_OK;
}

/* the blocks that begin in @len bytes at @base, the last first; patterns may
 * end in the @over bytes behind */
static enum sheaf_status chunk_walk(struct walk *w, uint64_t base, size_t len,
				    size_t over)
{
	size_t from = len;
	uint64_t end;
	enum sheaf_status st;

	st = view_read(&w->corpus->view, base, w->chunk, len + over, w->err);
	while (st == SHEAF_OK && from != 0 && !is_full(w)) {
		from = frame_sync_find_back(w->chunk, len + over, from - 1);
		if (from == SIZE_MAX)
			break;
		st = block_take(w, base + from, &end);
	}
	return st;
}

/* the blocks that begin in @start .. @end - 1, the last first */
static enum sheaf_status range_walk(struct walk *w, uint64_t start,
				    uint64_t end)
{
	enum sheaf_status st = SHEAF_OK;
	uint64_t at = end;

	while (st == SHEAF_OK && at > start && !is_full(w)) {
		size_t len = at - start < CHUNK ? (size_t)(at - start) : CHUNK;
		size_t over = FRAME_SYNC - 1;

		if (over > w->corpus->view.end - at)
			over = (size_t)(w->corpus->view.end - at);
		at -= len;
		st = chunk_walk(w, at, len, over);
	}
	return st;
}

/* in a segment the record pages follow the blocks; behind them there are the
 * late blocks, among other tables [S-42] */
static enum sheaf_status segment_walk(struct walk *w, const struct footer *f)
{
	uint64_t pages = f->page_offset, end = pages + f->page_bytes;
	enum sheaf_status st;

	if (f->page_bytes == 0 || pages <= f->start || end > f->offset)
		return range_walk(w, f->start, f->offset);
	st = range_walk(w, end, f->offset);
	return st == SHEAF_OK ? range_walk(w, f->start, pages) : st;
}

static enum sheaf_status commits_walk(struct walk *w)
{
	struct sheaf_corpus *c = w->corpus;
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st;

	if (f == NULL)
		return fail_nomem(w->err);
	memcpy(f, &c->footer, sizeof(*f));
	for (;;) {
		st = segment_walk(w, f);
		if (st != SHEAF_OK || is_full(w) || f->previous == 0)
			break;
		st = chain_previous(&c->view, f, f, w->err);
		if (st != SHEAF_OK)
			break;
	}
	free(f);
	return st;
}

enum sheaf_status sweep_newest(struct sheaf_corpus *c,
			       const struct sweep_limit *limit, struct buf *out,
			       struct sheaf_error *err)
{
	struct walk w = { .corpus = c,
			  .limit = limit,
			  .chunk = malloc(CHUNK + FRAME_SYNC),
			  .out = out,
			  .err = err };
	enum sheaf_status st;

	st = w.chunk == NULL ? fail_nomem(err) : commits_walk(&w);
	free(w.chunk);
	return st;
}

enum sheaf_status sweep_around(struct sheaf_corpus *c, uint64_t offset,
			       unsigned int each, struct buf *out,
			       struct sheaf_error *err)
{
	const struct sweep_limit all = { UINT64_MAX, UINT64_MAX, true };
	struct walk w = { .corpus = c,
			  .limit = &all,
			  .chunk = malloc(CHUNK + FRAME_SYNC),
			  .out = out,
			  .err = err };
	uint64_t end = offset, start = offset > AROUND ? offset - AROUND : 0;
	size_t have;
	enum sheaf_status st = SHEAF_OK;

	if (w.chunk == NULL)
		return fail_nomem(err);
	for (unsigned int i = 0; st == SHEAF_OK && i <= each && end != 0; i++)
		st = block_take(&w, end, &end);
	have = out->len;
	if (st == SHEAF_OK && each != 0)
		st = range_walk(&w, start, offset);
	if (out->len - have > each * sizeof(struct sweep_block))
		out->len = have + each * sizeof(struct sweep_block);
	free(w.chunk);
	return st;
}

struct run {
	struct sheaf_corpus *corpus;
	sweep_fn *fn;
	void *arg;
};

struct job {
	uint64_t offset;
	size_t number;
	enum sheaf_status status;
	struct sheaf_error err;
};

static void job_run(void *job, unsigned int worker, void *ctx)
{
	const struct run *r = ctx;
	struct job *j = job;
	struct block *block;

	(void)worker;
	j->status = blocks_get(r->corpus->blocks, j->offset, &block, &j->err);
	if (j->status == SHEAF_CORRUPT)
		j->status = SHEAF_OK;
	else if (j->status == SHEAF_OK) {
		j->status = r->fn(block, j->number, r->arg);
		if (j->status == SHEAF_NOMEM)
			(void)fail_nomem(&j->err);
		blocks_release(block);
	}
}

static enum sheaf_status job_take(struct pool *pool, struct sheaf_error *err)
{
	struct job *j = pool_take(pool);

	if (j->status != SHEAF_OK && err != NULL)
		*err = j->err;
	return j->status;
}

/* so that not every worker decodes it */
static enum sheaf_status dictionary_warm(struct sheaf_corpus *c,
					 struct sheaf_error *err)
{
	struct block *block;
	enum sheaf_status st;

	if (c->footer.dictionary == 0)
		return SHEAF_OK;
	st = blocks_get(c->blocks, c->footer.dictionary, &block, err);
	if (st == SHEAF_OK)
		blocks_release(block);
	return st == SHEAF_CORRUPT ? SHEAF_OK : st;
}

enum sheaf_status sweep_run(struct sheaf_corpus *c,
			    const struct sweep_block *blocks, size_t count,
			    unsigned int threads, sweep_fn *fn, void *arg,
			    struct sheaf_error *err)
{
	struct run run = { c, fn, arg };
	struct job *jobs = calloc(QUEUE, sizeof(*jobs));
	struct pool *pool = NULL;
	size_t out = 0;
	enum sheaf_status st = SHEAF_OK;

	if (jobs == NULL)
		return fail_nomem(err);
	if (count != 0)
		st = dictionary_warm(c, err);
	if (st == SHEAF_OK)
		st = pool_new(&pool, count > 1 ? threads : 1, QUEUE, job_run,
			      &run, err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		struct job *j = &jobs[i % QUEUE];

		if (!pool_has_room(pool)) {
			st = job_take(pool, err);
			out--;
		}
		if (st != SHEAF_OK)
			break;
		j->offset = blocks[i].offset;
		j->number = i;
		pool_submit(pool, j);
		out++;
	}
	for (; st == SHEAF_OK && out != 0; out--)
		st = job_take(pool, err);
	pool_free(pool);
	free(jobs);
	return st;
}
