/*
 * arrivals.c - sketches of a batch's articles, taken while others arrive
 *
 * Between stage.c, which holds the articles, and their order: the pool works
 * while the caller reads the next files.
 */
#include "pack/arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define SHARE 16u /* articles a job */
#define QUEUE 64

/* some articles, and what is made of them */
struct share {
	bool with_grams;
	uint32_t count;
	const uint8_t *p[SHARE];
	uint32_t len[SHARE];
	struct sketch sketches[SHARE];
	struct buf grams;	  /* struct gram, article by article */
	uint32_t ends[SHARE + 1]; /* of each article's, the first at [1] */
};

struct arrivals {
	unsigned int threads;
	bool with_grams;
	struct pool *pool; /* NULL until there is a share for it */
	struct share **shares;
	size_t count, cap;
};

static void share_run(void *arg, unsigned int worker, void *ctx)
{
	struct share *s = arg;

	(void)worker;
	(void)ctx;
	for (uint32_t i = 0; i < s->count; i++) {
		if (s->with_grams)
			sketch_and_grams(s->p[i], s->len[i], &s->sketches[i],
					 &s->grams);
		else
			sketch_of(s->p[i], s->len[i], &s->sketches[i]);
		s->ends[i + 1] = (uint32_t)(s->grams.len / sizeof(struct gram));
	}
}

enum sheaf_status arrivals_new(struct arrivals **out, unsigned int threads,
			       bool grams, struct sheaf_error *err)
{
	struct arrivals *a = calloc(1, sizeof(*a));

	*out = a;
	if (a == NULL)
		return fail_nomem(err);
	a->threads = threads;
	a->with_grams = grams;
	return SHEAF_OK;
}

static void drain(struct arrivals *a)
{
	while (a->pool != NULL && pool_take(a->pool) != NULL)
		;
}

void arrivals_clear(struct arrivals *a)
{
	drain(a);
	for (size_t i = 0; i < a->count; i++) {
		buf_done(&a->shares[i]->grams);
		free(a->shares[i]);
	}
	a->count = 0;
}

void arrivals_free(struct arrivals *a)
{
	if (a == NULL)
		return;
	arrivals_clear(a);
	pool_free(a->pool);
	free(a->shares);
	free(a);
}

static enum sheaf_status share_add(struct arrivals *a, struct sheaf_error *err)
{
	struct share *s;

	if (a->count == a->cap) {
		size_t cap = a->cap != 0 ? 2 * a->cap : 64;
		struct share **more = realloc(a->shares, cap * sizeof(*more));

		if (more == NULL)
			return fail_nomem(err);
		a->shares = more;
		a->cap = cap;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return fail_nomem(err);
	s->with_grams = a->with_grams;
	a->shares[a->count++] = s;
	return SHEAF_OK;
}

/* a commit of a few articles needs no threads */
static enum sheaf_status share_submit(struct arrivals *a, struct share *s,
				      struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	if (a->pool == NULL)
		st = pool_new(&a->pool, a->threads, QUEUE, share_run, NULL,
			      err);
	if (st != SHEAF_OK)
		return st;
	if (!pool_has_room(a->pool))
		(void)pool_take(a->pool);
	pool_submit(a->pool, s);
	return SHEAF_OK;
}

enum sheaf_status arrivals_add(struct arrivals *a, const void *p, uint32_t len,
			       struct sheaf_error *err)
{
	struct share *s = a->count != 0 ? a->shares[a->count - 1] : NULL;
	enum sheaf_status st = SHEAF_OK;

	if (s == NULL || s->count == SHARE) {
		st = share_add(a, err);
		if (st != SHEAF_OK)
			return st;
		s = a->shares[a->count - 1];
	}
	s->p[s->count] = p;
	s->len[s->count++] = len;
	return s->count == SHARE ? share_submit(a, s, err) : SHEAF_OK;
}

enum sheaf_status arrivals_wait(struct arrivals *a, struct sheaf_error *err)
{
	struct share *last = a->count != 0 ? a->shares[a->count - 1] : NULL;

	if (last != NULL && last->count < SHARE)
		share_run(last, 0, NULL);
	drain(a);
	for (size_t i = 0; i < a->count; i++)
		if (a->shares[i]->grams.bad)
			return fail_nomem(err);
	return SHEAF_OK;
}

const struct sketch *arrivals_sketch(const struct arrivals *a, uint32_t i)
{
	return &a->shares[i / SHARE]->sketches[i % SHARE];
}

struct grams arrivals_grams(const struct arrivals *a, uint32_t i)
{
	const struct share *s = a->shares[i / SHARE];
	const struct gram *all = (const void *)s->grams.p;
	uint32_t from = s->ends[i % SHARE], to = s->ends[i % SHARE + 1];
	struct grams g = { all != NULL ? all + from : NULL, to - from };

	return g;
}
