/*
 * near.c - which articles of a batch resemble which, from their sketches
 *
 * Between the sketches and the clusters. An inverted list for each (bin, value)
 * names the articles that have it; an article's neighbours are those that it
 * meets most often in its own lists. On the pool: first a bin a job, whose
 * lists fit into a cache; then some articles a job, which only read the lists.
 */
#include "pack/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define SHARE 256u /* articles a job */
#define QUEUE 64

struct lists {
	unsigned int shift; /* hash to list */
	size_t size;	    /* lists of one bin, a power of two */
	uint32_t *start;    /* of each list in its bin's members, and the end of
			       the last: size + 1 a bin */
	uint32_t *members;  /* in ascending order; count a bin */
};

/* what one worker keeps */
struct ranking {
	uint32_t *frequency; /* of each list of a bin */
	uint8_t *shared;     /* bins shared with each earlier article */
	uint32_t *touched;   /* those that share any */
	uint32_t count;
};

struct near {
	const struct sketch *sketches;
	uint32_t count;
	struct lists lists;
	unsigned int workers;
	struct ranking *rankings; /* one a worker */
};

struct job {
	bool is_bin; /* make the lists of bin @from; else the articles: */
	uint32_t from, to;
	struct buf edges;
};

static size_t list_of(const struct lists *l, uint32_t value)
{
	return (size_t)(value * UINT64_C(0x9e3779b97f4a7c15) >> l->shift);
}

static bool is_telling(uint32_t frequency)
{
	return frequency > 1 && frequency <= NEAR_COMMON;
}

static uint32_t *bin_start(const struct lists *l, unsigned int bin)
{
	return l->start + bin * (l->size + 1);
}

/* two values may fall into one list, which is rare and does little harm */
static void bin_fill(const struct near *n, struct ranking *r, unsigned int bin)
{
	const struct lists *l = &n->lists;
	uint32_t *start = bin_start(l, bin), sum = 0;
	uint32_t *members = l->members + (size_t)bin * n->count;

	memset(r->frequency, 0, l->size * sizeof(*r->frequency));
	for (uint32_t i = 0; i < n->count; i++) {
		uint32_t value = n->sketches[i].bins[bin];

		if (value != SKETCH_NONE)
			r->frequency[list_of(l, value)]++;
	}
	/* where each begins, one too late: it moves there as it is filled */
	start[0] = 0;
	for (size_t k = 0; k < l->size; k++) {
		start[k + 1] = sum;
		if (is_telling(r->frequency[k]))
			sum += r->frequency[k];
	}
	for (uint32_t i = 0; i < n->count; i++) {
		uint32_t value = n->sketches[i].bins[bin];
		size_t list = list_of(l, value);

		if (value != SKETCH_NONE && is_telling(r->frequency[list]))
			members[start[list + 1]++] = i;
	}
}

/* count the bins that article @i shares with earlier ones */
static void meet(const struct near *n, struct ranking *r, uint32_t i)
{
	const struct lists *l = &n->lists;
	const struct sketch *s = &n->sketches[i];

	r->count = 0;
	for (unsigned int k = 0; k < SKETCH_BINS; k++) {
		const uint32_t *at = bin_start(l, k) + list_of(l, s->bins[k]);
		const uint32_t *members = l->members + (size_t)k * n->count;

		if (s->bins[k] == SKETCH_NONE)
			continue;
		for (uint32_t m = at[0]; m < at[1] && members[m] < i; m++) {
			if (r->shared[members[m]] == 0)
				r->touched[r->count++] = members[m];
			r->shared[members[m]]++;
		}
	}
}

/* the most alike of those met, best first */
static void pick(struct ranking *r, uint32_t i, struct buf *out)
{
	struct edge best[NEAR_MOST];
	size_t count = 0;

	for (uint32_t t = 0; t < r->count; t++) {
		struct edge e = { .a = r->touched[t], .b = i };
		size_t at = count;

		e.alike = r->shared[e.a];
		r->shared[e.a] = 0;
		while (at != 0 && (best[at - 1].alike < e.alike ||
				   (best[at - 1].alike == e.alike &&
				    best[at - 1].a < e.a)))
			at--;
		if (at == NEAR_MOST)
			continue;
		if (count < NEAR_MOST)
			count++;
		memmove(&best[at + 1], &best[at],
			(count - 1 - at) * sizeof(*best));
		best[at] = e;
	}
	buf_bytes(out, best, count * sizeof(*best));
}

static void job_run(void *arg, unsigned int worker, void *ctx)
{
	struct job *j = arg;
	const struct near *n = ctx;
	struct ranking *r = &n->rankings[worker];

	if (j->is_bin) {
		bin_fill(n, r, j->from);
		return;
	}
	for (uint32_t i = j->from; i < j->to; i++) {
		meet(n, r, i);
		pick(r, i, &j->edges);
	}
}

static void near_done(struct near *n)
{
	for (unsigned int i = 0; n->rankings != NULL && i < n->workers; i++) {
		free(n->rankings[i].frequency);
		free(n->rankings[i].shared);
		free(n->rankings[i].touched);
	}
	free(n->rankings);
	free(n->lists.start);
	free(n->lists.members);
}

static enum sheaf_status near_make(struct near *n, struct sheaf_error *err)
{
	struct lists *l = &n->lists;
	size_t count = (size_t)n->count + 1;

	l->size = 256;
	l->shift = 56;
	while (l->size < count) {
		l->size *= 2;
		l->shift--;
	}
	l->start = calloc((l->size + 1) * SKETCH_BINS, sizeof(*l->start));
	l->members = calloc(count * SKETCH_BINS, sizeof(*l->members));
	n->rankings = calloc(n->workers, sizeof(*n->rankings));
	if (l->start == NULL || l->members == NULL || n->rankings == NULL)
		return fail_nomem(err);
	for (unsigned int i = 0; i < n->workers; i++) {
		struct ranking *r = &n->rankings[i];

		r->frequency = calloc(l->size, sizeof(*r->frequency));
		r->shared = calloc(count, 1);
		r->touched = calloc(count, sizeof(*r->touched));
		if (r->frequency == NULL || r->shared == NULL ||
		    r->touched == NULL)
			return fail_nomem(err);
	}
	return SHEAF_OK;
}

static void take_one(struct pool *pool, struct buf *out)
{
	struct job *j = pool_take(pool);

	buf_bytes(out, j->edges.p, j->edges.len);
	if (j->edges.bad)
		out->bad = true;
	buf_done(&j->edges);
}

/* all jobs of one kind; edges by b, then best first */
static void jobs_run(struct pool *pool, struct job *jobs, uint32_t count,
		     struct buf *out)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!pool_has_room(pool))
			take_one(pool, out);
		pool_submit(pool, &jobs[i]);
	}
	for (uint32_t i = count < QUEUE ? count : QUEUE; i != 0; i--)
		take_one(pool, out);
}

static enum sheaf_status near_run(struct near *n, struct buf *out,
				  struct sheaf_error *err)
{
	uint32_t shares = (n->count + SHARE - 1) / SHARE;
	struct job *jobs = calloc((size_t)SKETCH_BINS + shares, sizeof(*jobs));
	struct pool *pool = NULL;
	enum sheaf_status st = jobs != NULL ? SHEAF_OK : fail_nomem(err);

	if (st == SHEAF_OK)
		st = pool_new(&pool, n->workers, QUEUE, job_run, n, err);
	for (uint32_t i = 0; st == SHEAF_OK && i < SKETCH_BINS + shares; i++) {
		struct job *j = &jobs[i];
		uint32_t from = (i - SKETCH_BINS) * SHARE;

		j->is_bin = i < SKETCH_BINS;
		j->from = j->is_bin ? i : from;
		j->to = n->count - from > SHARE ? from + SHARE : n->count;
	}
	if (st == SHEAF_OK) {
		jobs_run(pool, jobs, SKETCH_BINS, out);
		jobs_run(pool, jobs + SKETCH_BINS, shares, out);
	}
	if (out->bad)
		st = fail_nomem(err);
	pool_free(pool);
	free(jobs);
	return st;
}

/* the most alike first; else they stay as they are */
static enum sheaf_status edges_sort(struct buf *edges, struct sheaf_error *err)
{
	const struct edge *e = (const void *)edges->p;
	size_t n = edges->len / sizeof(*e), at[SKETCH_BINS + 1] = { 0 };
	struct edge *sorted = calloc(n + 1, sizeof(*sorted));
	size_t sum = 0;

	if (sorted == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		at[e[i].alike]++;
	for (size_t alike = SKETCH_BINS + 1; alike-- != 0;) {
		size_t those = at[alike];

		at[alike] = sum;
		sum += those;
	}
	for (size_t i = 0; i < n; i++)
		sorted[at[e[i].alike]++] = e[i];
	buf_clear(edges);
	buf_bytes(edges, sorted, n * sizeof(*sorted));
	free(sorted);
	return edges->bad ? fail_nomem(err) : SHEAF_OK;
}

enum sheaf_status near_edges(const struct sketch *sketches, uint32_t count,
			     unsigned int threads, struct buf *out,
			     struct sheaf_error *err)
{
	struct near n = { .sketches = sketches,
			  .count = count,
			  .workers = count > SHARE ? threads : 1 };
	enum sheaf_status st;

	buf_clear(out);
	if (count < 2)
		return SHEAF_OK;
	st = near_make(&n, err);
	if (st == SHEAF_OK)
		st = near_run(&n, out, err);
	if (st == SHEAF_OK)
		st = edges_sort(out, err);
	near_done(&n);
	return st;
}
