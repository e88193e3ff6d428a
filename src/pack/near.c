/*
 * near.c - which articles of a batch resemble which, from their sketches
 *
 * Between the sketches and the clusters. An inverted list for each (bin, value)
 * names the articles that have it; an article's neighbours are those that it
 * meets most often in its own lists.
 */
#include "pack/near.h"

#include <stdlib.h>
#include <string.h>

struct lists {
	unsigned int shift;  /* hash to list */
	size_t size;	     /* lists, a power of two */
	uint32_t *frequency; /* of each list */
	size_t *start;	     /* in members */
	uint32_t *filled;
	uint32_t *members;
};

struct ranking {
	uint8_t *shared;   /* bins shared with each earlier article */
	uint32_t *touched; /* those that share any */
	uint32_t count;
};

static size_t list_of(const struct lists *l, unsigned int bin, uint32_t value)
{
	uint64_t h = ((uint64_t)value << 6 | bin) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> l->shift);
}

static bool is_telling(const struct lists *l, size_t list)
{
	return l->frequency[list] > 1 && l->frequency[list] <= NEAR_COMMON;
}

static void lists_done(struct lists *l)
{
	free(l->frequency);
	free(l->start);
	free(l->filled);
	free(l->members);
}

/* how long each list will be, and where it starts */
static enum sheaf_status lists_make(struct lists *l, const struct sketch *s,
				    uint32_t count, struct sheaf_error *err)
{
	size_t sum = 0;

	memset(l, 0, sizeof(*l));
	l->size = 1024;
	l->shift = 54;
	while (l->size < (size_t)count * SKETCH_BINS) {
		l->size *= 2;
		l->shift--;
	}
	l->frequency = calloc(l->size, sizeof(*l->frequency));
	l->filled = calloc(l->size, sizeof(*l->filled));
	l->start = calloc(l->size, sizeof(*l->start));
	if (l->frequency == NULL || l->filled == NULL || l->start == NULL)
		return fail_nomem(err);
	for (uint32_t i = 0; i < count; i++)
		for (unsigned int k = 0; k < SKETCH_BINS; k++)
			if (s[i].bins[k] != SKETCH_NONE)
				l->frequency[list_of(l, k, s[i].bins[k])]++;
	for (size_t i = 0; i < l->size; i++) {
		l->start[i] = sum;
		if (is_telling(l, i))
			sum += l->frequency[i];
	}
	l->members = calloc(sum + 1, sizeof(*l->members));
	return l->members != NULL ? SHEAF_OK : fail_nomem(err);
}

/* count the bins that article @i shares with earlier ones, and enter it in its
 * lists */
static void meet(struct lists *l, const struct sketch *s, uint32_t i,
		 struct ranking *r)
{
	r->count = 0;
	for (unsigned int k = 0; k < SKETCH_BINS; k++) {
		size_t list = list_of(l, k, s->bins[k]);
		uint32_t *members = l->members + l->start[list];

		if (s->bins[k] == SKETCH_NONE || !is_telling(l, list))
			continue;
		for (uint32_t m = 0; m < l->filled[list]; m++) {
			if (r->shared[members[m]] == 0)
				r->touched[r->count++] = members[m];
			r->shared[members[m]]++;
		}
		/* two bins of one article may fall into one list */
		if (l->filled[list] == 0 || members[l->filled[list] - 1] != i)
			members[l->filled[list]++] = i;
	}
}

/* the most alike of those met; of equals the latest, which lies nearest */
static void pick(struct ranking *r, uint32_t i, struct buf *out)
{
	for (int n = 0; n < NEAR_MOST; n++) {
		uint32_t best = 0, alike = 0;

		for (uint32_t t = 0; t < r->count; t++) {
			uint32_t j = r->touched[t], x = r->shared[j];

			if (x > alike || (x == alike && x != 0 && j > best)) {
				alike = x;
				best = j;
			}
		}
		if (alike == 0)
			break;
		if (best != i) {
			struct edge e = { best, i, alike };

			buf_bytes(out, &e, sizeof(e));
		}
		r->shared[best] = 0;
	}
	for (uint32_t t = 0; t < r->count; t++)
		r->shared[r->touched[t]] = 0;
}

static int edge_compare(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;

	if (a->alike != b->alike)
		return a->alike > b->alike ? -1 : 1;
	if (a->a != b->a)
		return a->a < b->a ? -1 : 1;
	return a->b < b->b ? -1 : a->b > b->b;
}

enum sheaf_status near_edges(const struct sketch *sketches, uint32_t count,
			     struct buf *out, struct sheaf_error *err)
{
	struct ranking r = { .shared = calloc((size_t)count + 1, 1),
			     .touched = calloc((size_t)count + 1,
					       sizeof(uint32_t)) };
	struct lists l;
	enum sheaf_status st = lists_make(&l, sketches, count, err);

	buf_clear(out);
	if (st == SHEAF_OK && (r.shared == NULL || r.touched == NULL))
		st = fail_nomem(err);
	for (uint32_t i = 0; st == SHEAF_OK && i < count; i++) {
		meet(&l, &sketches[i], i, &r);
		pick(&r, i, out);
	}
	if (out->bad)
		st = fail_nomem(err);
	if (st == SHEAF_OK && out->len != 0)
		qsort(out->p, out->len / sizeof(struct edge),
		      sizeof(struct edge), edge_compare);
	lists_done(&l);
	free(r.shared);
	free(r.touched);
	return st;
}
