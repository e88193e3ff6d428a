/*
 * table.c - hash to number, for what this commit has brought so far
 *
 * The ids and names of the records at hand, before there is an index of them.
 */
#include "pack/table.h"

#include <stdlib.h>

#define SIZE_FIRST 1024

void table_done(struct table *t)
{
	free(t->slots);
	free(t->hashes);
	t->slots = NULL;
	t->hashes = NULL;
	t->size = 0;
	t->count = 0;
}

static void put(uint32_t *slots, uint64_t *hashes, size_t size, uint64_t hash,
		uint32_t slot)
{
	size_t at = (size_t)hash & (size - 1);

	while (slots[at] != 0)
		at = (at + 1) & (size - 1);
	slots[at] = slot;
	hashes[at] = hash;
}

static bool grow(struct table *t)
{
	size_t size = t->size != 0 ? t->size * 2 : SIZE_FIRST;
	uint32_t *slots = calloc(size, sizeof(*slots));
	uint64_t *hashes = calloc(size, sizeof(*hashes));

	if (slots == NULL || hashes == NULL) {
		free(slots);
		free(hashes);
		return false;
	}
	for (size_t i = 0; i < t->size; i++)
		if (t->slots[i] != 0)
			put(slots, hashes, size, t->hashes[i], t->slots[i]);
	free(t->slots);
	free(t->hashes);
	t->slots = slots;
	t->hashes = hashes;
	t->size = size;
	return true;
}

bool table_put(struct table *t, uint64_t hash, uint32_t number)
{
	if ((t->count + 1) * 2 > t->size && !grow(t))
		return false;
	put(t->slots, t->hashes, t->size, hash, number + 1);
	t->count++;
	return true;
}

bool table_next(const struct table *t, uint64_t hash, size_t *at,
		uint32_t *number)
{
	size_t i;

	if (t->size == 0)
		return false;
	i = *at == SIZE_MAX ? (size_t)hash & (t->size - 1) :
			      (*at + 1) & (t->size - 1);
	for (; t->slots[i] != 0; i = (i + 1) & (t->size - 1)) {
		if (t->hashes[i] == hash) {
			*at = i;
			*number = t->slots[i] - 1;
			return true;
		}
	}
	return false;
}
