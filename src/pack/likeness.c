/*
 * likeness.c - how much of one text another has
 *
 * Estimated from sketches, to find candidates; counted, for what is shown.
 */
#include "pack/likeness.h"

#include <stdlib.h>
#include <string.h>

#define SHINGLE 12 /* bytes, as in sketches */
/* a longer text is counted at a part of its positions, chosen by what stands
 * there: 32 MiB of table at most */
#define COUNTED_MAX ((size_t)1 << 20)

unsigned int likeness_bins(const struct sketch *a, const struct sketch *b)
{
	unsigned int shared = 0;

	for (unsigned int k = 0; k < SKETCH_BINS; k++)
		shared += a->bins[k] == b->bins[k] && a->bins[k] != SKETCH_NONE;
	return shared;
}

uint64_t likeness_bytes(unsigned int bins, uint64_t len_a, uint64_t len_b)
{
	uint64_t less = len_a < len_b ? len_a : len_b;
	/* J = bins / SKETCH_BINS; intersection = J / (1 + J) of the sum */
	uint64_t common = (len_a + len_b) * bins / (SKETCH_BINS + bins);

	return common < less ? common : less;
}

struct place {
	uint64_t hash; /* 0: free */
	uint32_t count;
	uint32_t stamp; /* of the text that had it last */
};

struct likeness {
	struct place *table;
	size_t mask;
	uint64_t sieve; /* counted is what has none of these bits */
	uint64_t total;
	uint32_t stamp;
};

static uint64_t shingle_hash(const uint8_t *p)
{
	uint64_t a, h;
	uint32_t b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + sizeof(a), sizeof(b));
	h = (a ^ (uint64_t)b * 0xc2b2ae3d27d4eb4fu) * 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	h ^= h >> 29;
	return h != 0 ? h : 1;
}

static struct place *place_of(const struct likeness *l, uint64_t hash)
{
	size_t at = (size_t)(hash >> 8) & l->mask;

	while (l->table[at].hash != 0 && l->table[at].hash != hash)
		at = (at + 1) & l->mask;
	return &l->table[at];
}

static void table_fill(struct likeness *l, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i + SHINGLE <= len; i++) {
		uint64_t h = shingle_hash(p + i);
		struct place *place;

		if ((h & l->sieve) != 0)
			continue;
		/* the sieve thins by chance: what is too much is left out */
		if (l->total > l->mask / 4 * 3)
			break;
		place = place_of(l, h);
		place->hash = h;
		place->count++;
		l->total++;
	}
}

enum sheaf_status likeness_new(struct likeness **out, const void *p, size_t len,
			       struct sheaf_error *err)
{
	struct likeness *l = calloc(1, sizeof(*l));
	size_t counted = len, size = 64;

	*out = NULL;
	if (l == NULL)
		return fail_nomem(err);
	for (; counted > COUNTED_MAX; counted /= 2)
		l->sieve = l->sieve << 1 | 1;
	while (size < 2 * counted)
		size *= 2;
	l->mask = size - 1;
	l->table = calloc(size, sizeof(*l->table));
	if (l->table == NULL) {
		likeness_free(l);
		return fail_nomem(err);
	}
	table_fill(l, p, len);
	*out = l;
	return SHEAF_OK;
}

void likeness_free(struct likeness *l)
{
	if (l == NULL)
		return;
	free(l->table);
	free(l);
}

void likeness_with(struct likeness *l, const void *p, size_t len,
		   struct likeness_share *out)
{
	const uint8_t *at = p;

	memset(out, 0, sizeof(*out));
	out->first_total = l->total;
	l->stamp++;
	for (size_t i = 0; i + SHINGLE <= len; i++) {
		uint64_t h = shingle_hash(at + i);
		struct place *place;

		if ((h & l->sieve) != 0)
			continue;
		out->second_total++;
		place = place_of(l, h);
		if (place->hash == 0)
			continue;
		out->of_second++;
		if (place->stamp != l->stamp)
			out->of_first += place->count;
		place->stamp = l->stamp;
	}
}
