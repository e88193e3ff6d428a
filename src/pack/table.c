/*
 * table.c - hash to number, for what this commit has brought so far
 *
 * The ids and names of the records at hand, before there is an index of them:
 * what a writer holds of every record until its commit, so it is small.  A slot
 * has 32 bits of the hash and the number; whether the id or name is the same is
 * seen where they are.  The hash's uppermost bits choose the part, those below
 * the slot to start at, in a part of any size: so parts grow by a quarter, and
 * stand between 64 and 80 % full.
 */
#include "pack/table.h"

#include <stdlib.h>

#define SIZE_FIRST 64
#define PART_BITS 4 /* 16 of them */
#define TAG_BITS 32

static uint32_t tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> TAG_BITS);
}

static uint32_t part_of(uint32_t tag)
{
	return tag >> (TAG_BITS - PART_BITS);
}

static size_t home_of(uint32_t tag, size_t size)
{
	uint32_t below = tag << PART_BITS;

	return (size_t)((uint64_t)below * size >> TAG_BITS);
}

void table_done(struct table *t)
{
	for (int i = 0; i < TABLE_PARTS; i++) {
		free(t->parts[i].slots);
		t->parts[i] = (struct table_part){ 0 };
	}
}

static size_t slot_after(const struct table_part *p, size_t slot)
{
	return slot + 1 == p->size ? 0 : slot + 1;
}

static void slot_put(struct table_part *p, uint64_t slot)
{
	size_t at = home_of(tag_of(slot), p->size);

	while (p->slots[at] != 0)
		at = slot_after(p, at);
	p->slots[at] = slot;
}

static bool part_grow(struct table_part *p)
{
	size_t more = p->size / 4;
	struct table_part larger = {
		.size = p->size + (more > SIZE_FIRST ? more : SIZE_FIRST),
		.count = p->count
	};

	/* a hash can't tell more slots apart */
	if (larger.size > UINT32_MAX)
		return false;
	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return false;
	for (size_t i = 0; i < p->size; i++)
		if (p->slots[i] != 0)
			slot_put(&larger, p->slots[i]);
	free(p->slots);
	*p = larger;
	return true;
}

static uint64_t slot_of(uint64_t hash, uint32_t number)
{
	return (uint64_t)tag_of(hash) << TAG_BITS | (number + 1);
}

bool table_put(struct table *t, uint64_t hash, uint32_t number)
{
	struct table_part *p = &t->parts[part_of(tag_of(hash))];

	if ((p->count + 1) * 5 > p->size * 4 && !part_grow(p))
		return false;
	slot_put(p, slot_of(hash, number));
	p->count++;
	return true;
}

bool table_next(const struct table *t, uint64_t hash, struct table_at *at,
		uint32_t *number)
{
	uint32_t tag = tag_of(hash);
	const struct table_part *p = &t->parts[part_of(tag)];
	size_t i;

	if (p->size == 0)
		return false;
	i = at->started ? slot_after(p, at->slot) : home_of(tag, p->size);
	for (; p->slots[i] != 0; i = slot_after(p, i)) {
		if (tag_of(p->slots[i]) != tag)
			continue;
		at->started = true;
		at->slot = i;
		*number = (uint32_t)p->slots[i] - 1;
		return true;
	}
	return false;
}

void table_replace(struct table *t, uint64_t hash, const struct table_at *at,
		   uint32_t number)
{
	t->parts[part_of(tag_of(hash))].slots[at->slot] = slot_of(hash, number);
}
