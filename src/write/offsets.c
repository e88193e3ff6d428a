/*
 * offsets.c - the different offsets that the entries of an index have
 *
 * A set, so that it is small beside the entries: 16 bytes for a record page of
 * hundreds of records.  Mostly one is added that was just added before.
 */
#include "write/offsets.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/index_bits.h"
#include "formats/sheaf/limits.h"

enum {
	ROOM_FIRST = 256,
};

void offsets_done(struct offsets *o)
{
	free(o->slots);
	memset(o, 0, sizeof(*o));
}

/* where @offset is, or would be; there is a free slot */
static size_t slot_of(const struct offsets *o, uint64_t offset)
{
	/* the upper bits of a product with 2^64 / golden ratio */
	uint64_t mixed = offset * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(mixed >> 32) & (o->room - 1);

	while (o->slots[i] != 0 && o->slots[i] != offset)
		i = (i + 1) & (o->room - 1);
	return i;
}

static bool room_double(struct offsets *o)
{
	struct offsets wider = *o;

	wider.room = o->room ? 2 * o->room : ROOM_FIRST;
	wider.slots = calloc(wider.room, sizeof(*wider.slots));
	if (wider.slots == NULL)
		return false;
	for (size_t i = 0; i < o->room; i++)
		if (o->slots[i] != 0)
			wider.slots[slot_of(&wider, o->slots[i])] = o->slots[i];
	free(o->slots);
	*o = wider;
	return true;
}

bool offsets_add(struct offsets *o, uint64_t offset)
{
	size_t i;

	if (o->many || offset == o->last)
		return true;
	if (2 * (o->count + 1) > o->room && !room_double(o))
		return false;
	o->last = offset;
	i = slot_of(o, offset);
	if (o->slots[i] != 0)
		return true;
	o->slots[i] = offset;
	o->count++;
	if (o->count > ENTRIES_MAX) {
		offsets_done(o);
		o->many = true;
	}
	return true;
}

static int offset_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

const uint64_t *offsets_table(struct offsets *o, uint64_t entries,
			      size_t *count)
{
	uint64_t with, without;
	size_t n = 0;

	*count = 0;
	if (o->count == 0)
		return NULL;
	for (size_t i = 0; i < o->room; i++)
		if (o->slots[i] != 0)
			o->slots[n++] = o->slots[i];
	qsort(o->slots, n, sizeof(*o->slots), offset_compare);
	with = index_offsets_bits(o->slots, n) + entries * bits_of(n - 1);
	without = entries * bits_of(o->slots[n - 1] - o->slots[0]);
	if (with >= without)
		return NULL;
	*count = n;
	return o->slots;
}
