/*
 * places.c - from a place back to its id's first 48 bits
 *
 * Built once a handle, when a listing first shows records whose pages have no
 * keys of their own.
 */
#include "read/places.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_BITS 16 /* as many as an index has of a slot */

/* 16 bytes, of which there are as many as articles */
struct turned {
	uint64_t place; /* offset, slot */
	uint64_t key;
};

struct places {
	struct turned *entries; /* by place; owned */
	size_t count;
};

/* below 2^60, since a file is at most 2^44 bytes */
static uint64_t packed(uint64_t offset, uint32_t slot)
{
	return offset << SLOT_BITS | slot;
}

static int take(const struct index_entry *e, void *arg)
{
	struct turned t = { packed(e->offset, e->slot), e->key };
	struct buf *all = arg;

	buf_bytes(all, &t, sizeof(t));
	return all->bad;
}

static int by_place(const void *a, const void *b)
{
	const struct turned *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
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
	p->entries = (struct turned *)(void *)all.p;
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
	struct turned wanted = { .place = packed(block, slot) };
	const struct turned *e = NULL;

	if (p->count != 0)
		e = bsearch(&wanted, p->entries, p->count, sizeof(*e),
			    by_place);
	if (e == NULL)
		return false;
	*key = e->key;
	return true;
}
