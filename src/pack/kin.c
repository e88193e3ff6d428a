/*
 * kin.c - which of many articles have most in common with one
 *
 * From sketches, through an inverted list for each value of a bin.
 */
#include "pack/kin.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pack/likeness.h"

struct kin {
	const struct sketch *sketches;
	const uint32_t *lens;
	unsigned int shift; /* hash to list */
	uint32_t *ends;	    /* of each list, in members */
	uint32_t *members;
	uint8_t *shared;   /* bins shared with the article at hand */
	uint32_t *touched; /* those that share any */
};

static size_t list_of(const struct kin *k, unsigned int bin, uint32_t value)
{
	uint64_t h = ((uint64_t)value << 6 | bin) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> k->shift);
}

/* count, sum, fill from the back: in each list the first article comes first */
static void lists_fill(struct kin *k, const struct sketch *s, uint32_t count,
		       size_t size)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		for (unsigned int b = 0; b < SKETCH_BINS; b++)
			if (s[i].bins[b] != SKETCH_NONE)
				k->ends[list_of(k, b, s[i].bins[b]) + 1]++;
	for (size_t i = 0; i < size; i++) {
		sum += k->ends[i + 1];
		k->ends[i + 1] = sum;
	}
	for (uint32_t i = count; i-- != 0;)
		for (unsigned int b = 0; b < SKETCH_BINS; b++)
			if (s[i].bins[b] != SKETCH_NONE)
				k->members[--k->ends[list_of(k, b,
							     s[i].bins[b]) +
						     1]] = i;
	/* what was a list's end is now its start */
	memmove(k->ends, k->ends + 1, size * sizeof(*k->ends));
	k->ends[size] = sum;
}

enum sheaf_status kin_new(struct kin **out, const struct sketch *sketches,
			  const uint32_t *lens, uint32_t count,
			  struct sheaf_error *err)
{
	struct kin *k = calloc(1, sizeof(*k));
	size_t size = 1024, n = (size_t)count * SKETCH_BINS;

	*out = NULL;
	if (k == NULL)
		return fail_nomem(err);
	k->sketches = sketches;
	k->lens = lens;
	for (k->shift = 54; size < n; size *= 2)
		k->shift--;
	k->ends = calloc(size + 1, sizeof(*k->ends));
	k->members = calloc(n + 1, sizeof(*k->members));
	k->shared = calloc((size_t)count + 1, 1);
	k->touched = calloc((size_t)count + 1, sizeof(*k->touched));
	if (k->ends == NULL || k->members == NULL || k->shared == NULL ||
	    k->touched == NULL) {
		kin_free(k);
		return fail_nomem(err);
	}
	lists_fill(k, sketches, count, size);
	*out = k;
	return SHEAF_OK;
}

void kin_free(struct kin *k)
{
	if (k == NULL)
		return;
	free(k->ends);
	free(k->members);
	free(k->shared);
	free(k->touched);
	free(k);
}

/* returns how many share anything */
static uint32_t meet(struct kin *k, const struct sketch *s)
{
	uint32_t count = 0;

	for (unsigned int b = 0; b < SKETCH_BINS; b++) {
		size_t list = list_of(k, b, s->bins[b]);
		uint32_t from = k->ends[list], to = k->ends[list + 1];

		if (s->bins[b] == SKETCH_NONE || to - from > KIN_COMMON)
			continue;
		for (uint32_t m = from; m < to; m++) {
			uint32_t i = k->members[m];

			/* two bins of one article may fall into one list */
			if ((m != from && i == k->members[m - 1]) ||
			    k->sketches[i].bins[b] != s->bins[b])
				continue;
			if (k->shared[i]++ == 0)
				k->touched[count++] = i;
		}
	}
	return count;
}

static bool is_better(const struct kin_match *a, const struct kin_match *b)
{
	return a->bytes != b->bytes ? a->bytes > b->bytes :
				      a->number < b->number;
}

/* into its place among those found so far */
static void insert(struct kin_match out[KIN_MOST], size_t *count,
		   const struct kin_match *m)
{
	size_t i = *count;

	if (i == KIN_MOST && !is_better(m, &out[i - 1]))
		return;
	if (i == KIN_MOST)
		i--;
	else
		(*count)++;
	for (; i != 0 && is_better(m, &out[i - 1]); i--)
		out[i] = out[i - 1];
	out[i] = *m;
}

size_t kin_find(struct kin *k, const struct sketch *sketch, uint32_t len,
		struct kin_match out[KIN_MOST])
{
	uint32_t met = meet(k, sketch);
	size_t count = 0;

	for (uint32_t i = 0; i < met; i++) {
		struct kin_match m = { .number = k->touched[i] };

		m.bytes = likeness_bytes(k->shared[m.number], len,
					 k->lens[m.number]);
		k->shared[m.number] = 0;
		insert(out, &count, &m);
	}
	return count;
}
