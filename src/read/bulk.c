/*
 * bulk.c - the articles at many places: each block decoded once, by a pool
 *
 * Under sheaf_scan() and sheaf_read_many(). The wants are sorted by block; one
 * block with its wants is a job. The owner reads headers and sees to it that a
 * dictionary is decoded before the first block that needs it, so that no two
 * workers do that at once; workers decode, cut and hash; the owner takes the
 * jobs back in order. Their buffers are used again for later jobs: fresh ones
 * for each block cost a page fault every 4 KB.
 */
#include "read/bulk.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "codec/hash.h"

/* So many jobs may be out, if their blocks are small: with blocks of 8 KiB and
 * 2 jobs a thread, threads wait for each other more than they work (465 MB/s on
 * two threads, with 32 of them 650). */
#define JOBS_DEEP 32 /* a thread */
#define FLYING_MAX ((uint64_t)1 << 20)
#define CONTENT_KEPT ((uint64_t)256 << 10) /* room that stays with a job */

/* a block with the articles that are wanted of it */
struct job {
	const struct bulk_want *wants;
	size_t count;
	struct block block; /* its header, and room that stays */
	uint64_t content_cap;
	uint64_t flying; /* bytes that count while it is out */
	uint64_t frame;
	struct block *held; /* a dictionary: the cached one */
	enum sheaf_status status;
	struct sheaf_error why;
	struct sheaf_scanned *articles; /* one a want */
	size_t articles_cap;
};

struct bulk {
	struct sheaf_corpus *corpus;
	const struct bulk_how *how;
	const struct bulk_want *wants;
	size_t count, next;
	struct pool *pool;
	struct job *jobs; /* a ring: number n in n % queue */
	unsigned int queue;
	uint64_t submitted;
	unsigned int out; /* jobs in the pool, */
	uint64_t flying;  /* and bytes of their blocks */
};

static int by_place(const void *a, const void *b)
{
	const struct bulk_want *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	if (x->slot != y->slot)
		return x->slot < y->slot ? -1 : 1;
	return x->ref < y->ref ? -1 : x->ref > y->ref;
}

void bulk_sort(struct bulk_want *wants, size_t count)
{
	size_t i = 1;

	/* a corpus that was only added to mostly lists in file order */
	while (i < count && by_place(&wants[i - 1], &wants[i]) < 0)
		i++;
	if (i < count)
		qsort(wants, count, sizeof(*wants), by_place);
}

static bool is_fatal(enum sheaf_status st)
{
	return st == SHEAF_IO || st == SHEAF_NOMEM;
}

/* --- on a worker --- */

static enum sheaf_status content_decode(struct bulk *u, struct job *j)
{
	uint64_t plain = j->block.head.plain;

	if (j->content_cap < plain || j->block.content == NULL) {
		free(j->block.content);
		j->content_cap = 0;
		j->block.content = malloc(plain != 0 ? (size_t)plain : 1);
		if (j->block.content == NULL)
			return fail_nomem(&j->why);
		j->content_cap = plain;
	}
	return blocks_decode(u->corpus->blocks, &j->block, j->frame, &j->why);
}

/* the bytes and ids of all wants, which are sorted by slot */
static void articles_cut(struct job *j)
{
	const struct block *b = j->held != NULL ? j->held : &j->block;
	const struct block_head *h = &b->head;
	uint64_t at = h->lead;
	uint32_t slot = 0;

	for (size_t i = 0; i < j->count; i++) {
		struct sheaf_scanned *a = &j->articles[i];
		uint32_t seed;

		if (j->wants[i].slot >= h->count) {
			a->status = SHEAF_CORRUPT;
			a->why = "block: has no such article";
			continue;
		}
		while (slot < j->wants[i].slot)
			at += h->lengths[slot++];
		seed = h->seeds != NULL ? h->seeds[slot] : 0;
		a->p = b->content + at;
		a->len = h->lengths[slot];
		hash_id(a->p, a->len, seed, a->id);
	}
}

static void job_run(void *job, unsigned int worker, void *ctx)
{
	struct bulk *u = ctx;
	struct job *j = job;

	if (j->count == 0) { /* bulk_warm(); who needs it meets its damage */
		(void)blocks_get(u->corpus->blocks, j->block.cached.key,
				 &j->held, NULL);
		return;
	}
	if (j->status == SHEAF_OK && j->held == NULL)
		j->status = content_decode(u, j);
	if (is_fatal(j->status))
		return;
	for (size_t i = 0; i < j->count; i++)
		j->articles[i] = (struct sheaf_scanned){
			.index = j->wants[i].ref,
			.status = j->status,
			.why = j->status != SHEAF_OK ? j->why.text : NULL,
		};
	if (j->status == SHEAF_OK)
		articles_cut(j);
	for (size_t i = 0; i < j->count; i++) {
		struct sheaf_place at = { .block = j->wants[i].block,
					  .slot = j->wants[i].slot };

		u->how->work(&j->articles[i], at, worker, u->how->arg);
	}
}

/* --- on the owner's thread --- */

/* if the block at @offset is a dictionary: decoded, and in the cache */
static enum sheaf_status dictionary_ready(struct bulk *u, uint64_t offset,
					  struct sheaf_error *err)
{
	struct block *block = blocks_cached(u->corpus->blocks, offset);
	struct block_head head = { 0 };
	enum sheaf_status st = SHEAF_OK;
	uint64_t frame;

	if (block == NULL)
		st = blocks_head(&u->corpus->view, offset, &head, &frame, err);
	if (st == SHEAF_OK && head.is_dictionary)
		st = blocks_get(u->corpus->blocks, offset, &block, err);
	blocks_release(block);
	block_done(&head);
	return st;
}

static enum sheaf_status job_head(struct bulk *u, struct job *j)
{
	struct block_head *h = &j->block.head;
	uint64_t offset = j->wants->block;
	enum sheaf_status st;

	j->block.cached.key = offset;
	st = blocks_head(&u->corpus->view, offset, h, &j->frame, &j->why);
	if (st == SHEAF_OK && h->is_dictionary)
		return blocks_get(u->corpus->blocks, offset, &j->held, &j->why);
	if (st == SHEAF_OK && h->parent != BLOCK_NO_PARENT)
		st = dictionary_ready(u, h->parent, &j->why);
	return st;
}

static enum sheaf_status job_room(struct job *j)
{
	struct sheaf_scanned *grown;

	if (j->count <= j->articles_cap)
		return SHEAF_OK;
	grown = calloc(j->count, sizeof(*grown));
	if (grown == NULL)
		return fail_nomem(&j->why);
	free(j->articles);
	j->articles = grown;
	j->articles_cap = j->count;
	return SHEAF_OK;
}

/* the next block and all that is wanted of it */
static struct job *job_make(struct bulk *u)
{
	struct job *j = &u->jobs[u->submitted++ % u->queue];
	const struct bulk_want *w = &u->wants[u->next];

	j->wants = w;
	j->count = 0;
	while (u->next < u->count && u->wants[u->next].block == w->block) {
		u->next++;
		j->count++;
	}
	j->status = job_room(j);
	if (j->status == SHEAF_OK)
		j->status = job_head(u, j);
	return j;
}

/* what a job holds but its room, if that is not large */
static void job_end(struct job *j)
{
	blocks_release(j->held);
	j->held = NULL;
	block_done(&j->block.head);
	if (j->content_cap > CONTENT_KEPT) {
		free(j->block.content);
		j->block.content = NULL;
		j->content_cap = 0;
	}
}

/* two jobs a thread and two more, and many if they are small */
static bool has_room(const struct bulk *u)
{
	return pool_has_room(u->pool) &&
	       (u->out < 2 * u->how->threads + 2 || u->flying < FLYING_MAX);
}

static void job_submit(struct bulk *u)
{
	struct job *j = job_make(u);

	j->flying = j->status == SHEAF_OK ? j->block.head.plain : 0;
	u->flying += j->flying;
	u->out++;
	pool_submit(u->pool, j);
}

/* the oldest job, for job_end(); NULL: none is out */
static struct job *job_back(struct bulk *u)
{
	struct job *j = pool_take(u->pool);

	if (j == NULL)
		return NULL;
	u->flying -= j->flying;
	u->out--;
	return j;
}

static enum sheaf_status job_take(struct bulk *u, const struct job *j,
				  struct sheaf_error *err)
{
	if (is_fatal(j->status)) {
		if (err != NULL)
			*err = j->why;
		return j->status;
	}
	for (size_t i = 0; i < j->count; i++) {
		const struct sheaf_scanned *a = &j->articles[i];

		if (a->status == SHEAF_NOMEM)
			return fail_nomem(err);
		if (is_fatal(a->status))
			return fail(err, a->status, "%s", a->why);
		if (u->how->take(a, u->how->arg) != 0)
			return fail(err, SHEAF_CANCELLED, "stopped");
	}
	return SHEAF_OK;
}

enum sheaf_status bulk_read(struct bulk *u, const struct bulk_want *wants,
			    size_t count, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;
	struct job *j;

	while ((j = job_back(u)) != NULL)
		job_end(j);
	u->wants = wants;
	u->count = count;
	u->next = 0;
	while (st == SHEAF_OK) {
		while (u->next < u->count && has_room(u))
			job_submit(u);
		j = job_back(u);
		if (j == NULL)
			break;
		st = job_take(u, j, err);
		job_end(j);
	}
	return st;
}

void bulk_warm(struct bulk *u)
{
	struct job *j = &u->jobs[0];

	if (u->how->threads == 1 || u->corpus->footer.dictionary == 0)
		return;
	j->count = 0;
	j->block.cached.key = u->corpus->footer.dictionary;
	u->submitted++;
	u->out++;
	pool_submit(u->pool, j);
}

enum sheaf_status bulk_new(struct bulk **out, struct sheaf_corpus *c,
			   const struct bulk_how *how, struct sheaf_error *err)
{
	struct bulk *u = calloc(1, sizeof(*u));
	enum sheaf_status st;

	*out = NULL;
	if (u == NULL)
		return fail_nomem(err);
	u->corpus = c;
	u->how = how;
	u->queue = how->threads > 1 ? JOBS_DEEP * how->threads : 1;
	u->jobs = calloc(u->queue, sizeof(*u->jobs));
	st = u->jobs == NULL ? fail_nomem(err) :
			       pool_new(&u->pool, how->threads, u->queue,
					job_run, u, err);
	if (st != SHEAF_OK)
		bulk_free(u);
	else
		*out = u;
	return st;
}

void bulk_free(struct bulk *u)
{
	if (u == NULL)
		return;
	pool_free(u->pool);
	for (unsigned int i = 0; u->jobs != NULL && i < u->queue; i++) {
		job_end(&u->jobs[i]);
		free(u->jobs[i].block.content);
		free(u->jobs[i].articles);
	}
	free(u->jobs);
	free(u);
}
