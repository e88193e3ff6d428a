/*
 * check_leaves.c - the leaves of a segment's tree, hashed by a pool
 *
 * Under check_frames.c: SHA-256 is most of what a check that is not deep takes.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "read/check.h"

/* leaves a job: 1 MiB, as a thread is woken for each */
#define RUN 16
#define RUN_SIZE ((uint64_t)RUN * LEAF_SIZE)

struct run {
	uint64_t from;
	size_t len; /* bytes, at most RUN_SIZE */
	uint8_t leaves[RUN][SHA256_SIZE];
	enum sheaf_status status;
	struct sheaf_error why;
};

/* what a thread keeps */
struct hasher {
	struct sha256 *sha;
	uint8_t *bytes; /* LEAF_SIZE */
};

struct leaves {
	struct check *c;
	struct pool *pool;
	unsigned int threads, queue;
	struct hasher *hashers; /* one a thread */
	struct run *runs;	/* a ring */
	uint64_t submitted;
};

static void run_hash(void *job, unsigned int worker, void *ctx)
{
	const struct leaves *l = ctx;
	const struct hasher *h = &l->hashers[worker];
	struct run *r = job;

	r->status = SHEAF_OK;
	for (size_t at = 0, i = 0; at < r->len && r->status == SHEAF_OK;
	     at += LEAF_SIZE, i++) {
		size_t len = r->len - at > LEAF_SIZE ? LEAF_SIZE : r->len - at;

		r->status = view_read(&l->c->view, r->from + at, h->bytes, len,
				      &r->why);
		if (r->status == SHEAF_OK)
			tree_leaf(h->sha, h->bytes, len, r->leaves[i]);
	}
}

enum sheaf_status leaves_new(struct leaves **out, struct check *c)
{
	struct leaves *l = calloc(1, sizeof(*l));
	bool whole;

	*out = l;
	if (l == NULL)
		return fail_nomem(c->err);
	l->c = c;
	l->threads = pool_threads(c->options->threads);
	l->queue = l->threads > 1 ? 2 * l->threads : 1;
	l->hashers = calloc(l->threads, sizeof(*l->hashers));
	l->runs = calloc(l->queue, sizeof(*l->runs));
	whole = l->hashers != NULL && l->runs != NULL;
	for (unsigned int i = 0; whole && i < l->threads; i++) {
		l->hashers[i].sha = sha256_new();
		l->hashers[i].bytes = malloc(LEAF_SIZE);
		whole = l->hashers[i].sha != NULL &&
			l->hashers[i].bytes != NULL;
	}
	if (!whole)
		return fail_nomem(c->err);
	return pool_new(&l->pool, l->threads, l->queue, run_hash, l, c->err);
}

void leaves_free(struct leaves *l)
{
	if (l == NULL)
		return;
	pool_free(l->pool);
	for (unsigned int i = 0; l->hashers != NULL && i < l->threads; i++) {
		sha256_free(l->hashers[i].sha);
		free(l->hashers[i].bytes);
	}
	free(l->hashers);
	free(l->runs);
	free(l);
}

static enum sheaf_status run_take(struct leaves *l, const struct run *r,
				  struct tree *t)
{
	if (r->status != SHEAF_OK) {
		if (l->c->err != NULL)
			*l->c->err = r->why;
		return r->status;
	}
	for (size_t at = 0, i = 0; at < r->len; at += LEAF_SIZE, i++)
		tree_add_leaf(t, r->leaves[i]);
	return check_progress(l->c, r->from);
}

enum sheaf_status leaves_hash(struct leaves *l, uint64_t from, uint64_t end,
			      struct tree *t)
{
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK) {
		struct run *r;

		while (from < end && pool_has_room(l->pool)) {
			r = &l->runs[l->submitted++ % l->queue];
			r->from = from;
			r->len = (size_t)(end - from > RUN_SIZE ? RUN_SIZE :
								  end - from);
			from += r->len;
			pool_submit(l->pool, r);
		}
		r = pool_take(l->pool);
		if (r == NULL)
			break;
		st = run_take(l, r, t);
	}
	return st;
}
