/*
 * places.c - from a place back to its id's first 48 bits
 *
 * Built once a handle, when a listing first shows records whose pages have no
 * keys of their own.
 */
#include "read/places.h"

#include <stdlib.h>
#include <string.h>

struct places {
	struct index_entry *entries; /* by offset, slot; owned */
	size_t count;
};

static int take(const struct index_entry *e, void *arg)
{
	struct buf *all = arg;

	buf_bytes(all, e, sizeof(*e));
	return all->bad;
}

static int by_place(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

int place_compare(const void *a, const void *b)
{
	const struct sheaf_place *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

enum sheaf_status places_new(struct places **out, struct indexes *x,
			     unsigned int layers, enum index_which which,
			     struct sheaf_error *err)
{
	struct places *p = calloc(1, sizeof(*p));
	struct buf all = { 0 };
	enum sheaf_status st = SHEAF_OK;

	*out = NULL;
	if (p == NULL)
		return fail_nomem(err);
	for (unsigned int i = 0; i < layers && st == SHEAF_OK; i++)
		st = indexes_walk(x, i, which, take, &all, err);
	if (all.bad)
		st = fail_nomem(err);
	if (st != SHEAF_OK) {
		buf_done(&all);
		free(p);
		return st;
	}
	p->entries = (struct index_entry *)all.p;
	p->count = all.len / sizeof(*p->entries);
	if (p->count != 0)
		qsort(p->entries, p->count, sizeof(*p->entries), by_place);
	*out = p;
	return SHEAF_OK;
}

void places_free(struct places *p)
{
	if (p == NULL)
		return;
	free(p->entries);
	free(p);
}

bool places_find(const struct places *p, uint64_t block, uint32_t slot,
		 uint64_t *key)
{
	struct index_entry wanted = { 0, block, slot };
	const struct index_entry *e = NULL;

	if (p->count != 0)
		e = bsearch(&wanted, p->entries, p->count, sizeof(*e),
			    by_place);
	if (e == NULL)
		return false;
	*key = e->key;
	return true;
}
