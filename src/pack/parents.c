/*
 * parents.c - older blocks that new articles are edits of, found by likeness
 *
 * In flow 1 behind the order, for what no name and no url told of: a story
 * shortened, dated anew, or taken over by another outlet. Sketches give
 * candidates, a trial picks the best of them; then each block of the order is
 * tried with and without the articles that have one, for articles of one batch
 * are good parents of each other as well.
 */
#include "pack/parents.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "pack/kin.h"
#include "pack/likeness.h"
#include "pack/trial.h"

#define TRIES_MAX                                                           \
	2	     /* parents an article; the third of those 14,000 saved \
			less than 0.1 % */
#define BINS_MIN 3   /* less is chance, or front matter */
#define SHARE_MIN 4  /* a quarter of the article must seem to be there */
#define GAIN_MIN 128 /* bytes an article, for what it costs to read */
/* a larger block is its own best parent */
#define BLOCK_TRIED ((size_t)1 << 20)
#define QUEUE 64

/* an item that may have a parent */
struct child {
	uint32_t item;
	uint32_t count;
	uint64_t candidates[TRIES_MAX];
	uint64_t parent; /* the best; 0: none */
	size_t size;	 /* as a revision, header and all */
};

/* a block of the order that has such */
struct group {
	uint32_t from, to;   /* in the order */
	uint64_t saved;	     /* bytes, about */
	struct child **have; /* by item; NULL: none */
};

struct job {
	struct child *child; /* or */
	struct group *group;
	enum sheaf_status status;
	struct sheaf_error err;
};

struct search {
	const struct revise_options *options;
	const struct recent *recent;
	unsigned int threads;
	const struct parents_batch *batch;
	struct zenc_dict *dict;
	struct trial *trials; /* one a worker */
	struct child **have;  /* by item */
	struct sheaf_error *err;
};

static const struct item *item_at(const struct search *s, uint32_t i)
{
	return s->batch->items[i];
}

/* the size against one candidate, if it may be a parent */
static enum sheaf_status candidate_try(const struct search *s, struct trial *t,
				       struct child *c, uint64_t offset,
				       struct sheaf_error *err)
{
	const struct item *item = item_at(s, c->item);
	struct block *block;
	size_t size = 0;
	enum sheaf_status st =
		blocks_get(s->options->old->blocks, offset, &block, err);

	if (st == SHEAF_CORRUPT)
		return SHEAF_OK; /* then it is no parent, and add goes on */
	if (st != SHEAF_OK)
		return st;
	if (trial_is_parent(block)) {
		st = trial_revision(t, block, item->p, item->len, &size, err);
		size += TRIAL_HEADER;
		if (st == SHEAF_OK && (c->parent == 0 || size < c->size)) {
			c->parent = offset;
			c->size = size;
		}
	}
	blocks_release(block);
	return st;
}

/* The best parent, if that takes less than half of what the article takes
 * alone: a read of it decodes one block more, and it is no parent itself, see
 * WORTH in revise.c. 120 nights of a site take 1.6 % less than with three
 * quarters. */
static enum sheaf_status child_try(const struct search *s, struct trial *t,
				   struct child *c, struct sheaf_error *err)
{
	const struct item *item = item_at(s, c->item);
	size_t alone = 0;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; st == SHEAF_OK && i < c->count; i++)
		st = candidate_try(s, t, c, c->candidates[i], err);
	if (st == SHEAF_OK && c->parent != 0)
		st = trial_alone(t, item->p, item->len, &alone, err);
	if (c->size >= alone / 2)
		c->parent = 0;
	return st;
}

/* the block's frame without @less (NULL: without all that have a parent);
 * @less of no block: all of it */
static enum sheaf_status rest_try(const struct search *s, struct trial *t,
				  const struct group *g,
				  const struct child *less, bool whole,
				  size_t *out, struct sheaf_error *err)
{
	const struct order *o = s->batch->order;
	struct buf content = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = g->from; i < g->to; i++) {
		const struct child *c = g->have[o->articles[i]];
		const struct item *item = item_at(s, o->articles[i]);
		bool out_of_it = c != NULL && c->parent != 0 &&
				 (less == NULL || less == c);

		if (whole || !out_of_it)
			buf_bytes(&content, item->p, item->len);
	}
	*out = 0;
	if (content.bad)
		st = fail_nomem(err);
	else if (content.len != 0)
		st = trial_alone(t, content.p, content.len, out, err);
	if (content.len != 0)
		*out += TRIAL_HEADER;
	buf_done(&content);
	return st;
}

/* each by itself: is the block larger by it than the revision is */
static enum sheaf_status each_try(const struct search *s, struct trial *t,
				  struct group *g, size_t whole,
				  struct sheaf_error *err)
{
	const struct order *o = s->batch->order;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = g->from; st == SHEAF_OK && i < g->to; i++) {
		struct child *c = g->have[o->articles[i]];
		size_t rest = 0;

		if (c == NULL || c->parent == 0)
			continue;
		st = rest_try(s, t, g, c, false, &rest, err);
		if (rest + c->size + GAIN_MIN < whole)
			g->saved += whole - rest - c->size;
		else
			c->parent = 0;
	}
	return st;
}

/* the block as it is, against the rest of it and the revisions */
static enum sheaf_status group_try(const struct search *s, struct trial *t,
				   struct group *g, struct sheaf_error *err)
{
	const struct order *o = s->batch->order;
	size_t whole = 0, rest = 0, bytes = 0, revisions = 0, least = 0;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = g->from; i < g->to; i++) {
		const struct child *c = g->have[o->articles[i]];

		bytes += item_at(s, o->articles[i])->len;
		if (c == NULL || c->parent == 0)
			continue;
		revisions += c->size;
		least += GAIN_MIN;
	}
	if (revisions == 0)
		return SHEAF_OK;
	if (bytes <= BLOCK_TRIED)
		st = rest_try(s, t, g, NULL, true, &whole, err);
	if (st == SHEAF_OK && bytes <= BLOCK_TRIED)
		st = rest_try(s, t, g, NULL, false, &rest, err);
	if (st != SHEAF_OK)
		return st;
	if (rest + revisions + least >= whole)
		return each_try(s, t, g, whole, err);
	g->saved = whole - rest - revisions;
	return SHEAF_OK;
}

static void job_run(void *job, unsigned int worker, void *ctx)
{
	const struct search *s = ctx;
	struct trial *t = &s->trials[worker];
	struct job *j = job;

	if (j->child != NULL)
		j->status = child_try(s, t, j->child, &j->err);
	else
		j->status = group_try(s, t, j->group, &j->err);
}

/* all of them on all threads */
static enum sheaf_status jobs_run(struct search *s, struct child *children,
				  struct group *groups, size_t count)
{
	struct job *jobs = calloc(count + 1, sizeof(*jobs));
	unsigned int threads = count > 1 ? s->threads : 1;
	struct pool *pool = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (jobs == NULL)
		return fail_nomem(s->err);
	st = pool_new(&pool, threads, QUEUE, job_run, s, s->err);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		jobs[i].child = children != NULL ? &children[i] : NULL;
		jobs[i].group = groups != NULL ? &groups[i] : NULL;
		if (!pool_has_room(pool))
			(void)pool_take(pool);
		pool_submit(pool, &jobs[i]);
	}
	while (pool != NULL && pool_take(pool) != NULL)
		;
	pool_free(pool);
	for (size_t i = 0; st == SHEAF_OK && i < count; i++) {
		st = jobs[i].status;
		if (st != SHEAF_OK && s->err != NULL)
			*s->err = jobs[i].err;
	}
	free(jobs);
	return st;
}

/* bytes that an article has in common with the most alike of its own batch */
static uint64_t own_most(struct kin *own, const struct search *s, uint32_t i)
{
	struct kin_match matches[KIN_MOST];
	size_t n = kin_find(own, &s->batch->sketches[i], item_at(s, i)->len,
			    matches);

	for (size_t k = 0; k < n; k++)
		if (matches[k].number != i)
			return matches[k].bytes;
	return 0;
}

/* The parents to try for an article, each once. One that has as much in common
 * with its own batch is left to that: of 14,000 articles in 77 MB this saves a
 * tenth of the time and costs nothing. */
static void candidates_take(const struct search *s, struct kin *old,
			    struct kin *own, struct child *c)
{
	const struct recent *r = s->recent;
	const struct sketch *sketch = &s->batch->sketches[c->item];
	uint32_t len = item_at(s, c->item)->len;
	struct kin_match matches[KIN_MOST];
	size_t count = kin_find(old, sketch, len, matches);
	uint64_t least = len / SHARE_MIN;

	if (count == 0 || matches[0].bytes < least ||
	    matches[0].bytes < own_most(own, s, c->item) / 4 * 3)
		return;
	for (size_t i = 0; i < count && c->count < TRIES_MAX; i++) {
		uint64_t parent = r->parents[matches[i].number];
		bool again = false;

		if (matches[i].bytes < least)
			break;
		for (uint32_t k = 0; k < c->count; k++)
			again |= c->candidates[k] == parent;
		if (!again &&
		    likeness_bins(sketch, &r->sketches[matches[i].number]) >=
			    BINS_MIN)
			c->candidates[c->count++] = parent;
	}
}

static enum sheaf_status own_kin(const struct search *s, uint32_t **lens,
				 struct kin **out)
{
	*out = NULL;
	*lens = calloc((size_t)s->batch->count + 1, sizeof(**lens));
	if (*lens == NULL)
		return fail_nomem(s->err);
	for (uint32_t i = 0; i < s->batch->count; i++)
		(*lens)[i] = item_at(s, i)->len;
	return kin_new(out, s->batch->sketches, *lens, s->batch->count, s->err);
}

/* struct child, for those that have any candidate */
static enum sheaf_status children_find(struct search *s, struct buf *out)
{
	const struct recent *r = s->recent;
	struct kin *old = NULL, *own;
	uint32_t *lens;
	enum sheaf_status st = own_kin(s, &lens, &own);

	if (st == SHEAF_OK)
		st = kin_new(&old, r->sketches, r->lens, r->count, s->err);
	for (uint32_t i = 0; st == SHEAF_OK && i < s->batch->count; i++) {
		struct child c = { .item = i };

		candidates_take(s, old, own, &c);
		if (c.count != 0)
			buf_bytes(out, &c, sizeof(c));
	}
	kin_free(old);
	kin_free(own);
	free(lens);
	return out->bad ? fail_nomem(s->err) : st;
}

/* struct group, for the blocks that have any child */
static enum sheaf_status groups_find(struct search *s, struct child *children,
				     size_t count, struct buf *out)
{
	const struct order *o = s->batch->order;
	uint32_t from = 0;

	for (size_t i = 0; i < count; i++)
		if (children[i].parent != 0)
			s->have[children[i].item] = &children[i];
	for (uint32_t k = 0; k < o->blocks; k++) {
		struct group g = { .from = from,
				   .to = o->ends[k],
				   .have = s->have };
		bool any = false;

		for (uint32_t i = g.from; i < g.to; i++)
			any |= s->have[o->articles[i]] != NULL;
		if (any)
			buf_bytes(out, &g, sizeof(g));
		from = g.to;
	}
	return out->bad ? fail_nomem(s->err) : SHEAF_OK;
}

/* what a trial needs, once there is one to make */
static enum sheaf_status tools_make(struct search *s)
{
	const struct revise_options *o = s->options;
	enum sheaf_status st = SHEAF_OK;

	s->trials = calloc(s->threads + 1, sizeof(*s->trials));
	s->have = calloc((size_t)s->batch->count + 1, sizeof(*s->have));
	if (s->trials == NULL || s->have == NULL)
		return fail_nomem(s->err);
	if (o->dict_len != 0)
		st = zenc_dict_new(&s->dict, o->dict, o->dict_len, TRIAL_LEVEL,
				   o->block_size, s->err);
	for (unsigned int i = 0; st == SHEAF_OK && i < s->threads; i++)
		st = trial_init(&s->trials[i], s->dict, s->err);
	return st;
}

static void tools_free(struct search *s)
{
	for (unsigned int i = 0; s->trials != NULL && i < s->threads; i++)
		trial_done(&s->trials[i]);
	zenc_dict_free(s->dict);
	free(s->trials);
	free(s->have);
}

static void bases_set(const struct search *s, const struct buf *children)
{
	const struct child *c = (const void *)children->p;
	size_t count = children->len / sizeof(*c);

	for (size_t i = 0; i < count; i++)
		s->batch->items[c[i].item]->base = c[i].parent;
}

/* set the base of each item that is smaller as a revision */
static enum sheaf_status bases_find(struct search *s, uint64_t *saved)
{
	struct buf children = { 0 }, groups = { 0 };
	struct child *c;
	struct group *g;
	size_t n, blocks = 0;
	enum sheaf_status st = children_find(s, &children);

	c = (struct child *)(void *)children.p;
	n = children.len / sizeof(*c);
	if (st == SHEAF_OK && n != 0)
		st = tools_make(s);
	if (st == SHEAF_OK && n != 0)
		st = jobs_run(s, c, NULL, n);
	if (st == SHEAF_OK && n != 0)
		st = groups_find(s, c, n, &groups);
	g = (struct group *)(void *)groups.p;
	if (st == SHEAF_OK)
		blocks = groups.len / sizeof(*g);
	if (blocks != 0)
		st = jobs_run(s, NULL, g, blocks);
	for (size_t i = 0; st == SHEAF_OK && i < blocks; i++)
		*saved += g[i].saved;
	if (st == SHEAF_OK)
		bases_set(s, &children);
	tools_free(s);
	buf_done(&children);
	buf_done(&groups);
	return st;
}

/* press what got a base; the rest moves together, sketches along */
static enum sheaf_status bases_press(struct search *s, struct press *press,
				     struct parents_batch *b,
				     struct item **found)
{
	struct revise_options o = *s->options;
	struct revise_result r = { 0 };
	uint32_t kept = 0, count = 0;
	enum sheaf_status st = SHEAF_OK;

	for (uint32_t i = 0; i < b->count; i++) {
		if (b->items[i]->base != 0) {
			found[count++] = b->items[i];
			continue;
		}
		b->items[kept] = b->items[i];
		b->sketches[kept++] = b->sketches[i];
	}
	o.is_tried = true;
	if (count != 0)
		st = revise_items(press, &o, found, count, &r, s->err);
	/* whose parent can't be read any more stays among the others */
	for (size_t i = 0; st == SHEAF_OK && i < r.left; i++) {
		found[i]->base = 0;
		b->items[kept] = found[i];
		sketch_of(found[i]->p, found[i]->len, &b->sketches[kept++]);
	}
	b->count = kept;
	return st;
}

enum sheaf_status parents_press(struct press *press,
				const struct revise_options *options,
				const struct recent *recent,
				unsigned int threads,
				struct parents_batch *batch, uint64_t *saved,
				struct sheaf_error *err)
{
	struct search s = { .options = options,
			    .recent = recent,
			    .threads = threads,
			    .batch = batch,
			    .err = err };
	struct item **found = calloc((size_t)batch->count + 1, sizeof(*found));
	enum sheaf_status st;

	*saved = 0;
	if (found == NULL)
		return fail_nomem(err);
	st = bases_find(&s, saved);
	if (st == SHEAF_OK)
		st = bases_press(&s, press, batch, found);
	free(found);
	return st;
}
