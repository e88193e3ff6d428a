/*
 * sketch.c - what an article is made of, in 64 numbers
 *
 * The first step of ordering a batch; runs on the pool while others arrive.
 */
#include "pack/sketch.h"

#include <string.h>

/* shorter ones meet by chance, longer ones miss edits */
#define SHINGLE GRAM
#define BIN_SHIFT 58 /* the top six bits choose one of 64 bins */
#define GRAM_SHIFT 32
#define GRAMS_AT_ONCE 256

static uint64_t shingle_hash(const uint8_t *p)
{
	uint64_t a, b, h;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, p + SHINGLE - sizeof(b), sizeof(b));
	h = (a * 0x9e3779b97f4a7c15u) ^
	    ((b + 0x632be59bd9b4e019u) * 0xc2b2ae3d27d4eb4fu);
	h ^= h >> 29;
	return h * 0xbf58476d1ce4e5b9u;
}

static void bin_put(struct sketch *s, uint64_t h)
{
	uint32_t *bin = &s->bins[h >> BIN_SHIFT];
	uint32_t value = (uint32_t)(h >> 20);

	if (value < *bin)
		*bin = value;
}

void sketch_of(const void *p, size_t len, struct sketch *out)
{
	const uint8_t *at = p;

	memset(out, 0xff, sizeof(*out));
	for (size_t i = 0; i + SHINGLE <= len; i++)
		bin_put(out, shingle_hash(at + i));
}

void sketch_and_grams(const void *p, size_t len, struct sketch *out,
		      struct buf *grams)
{
	struct gram some[GRAMS_AT_ONCE];
	const uint8_t *at = p;
	size_t n = 0;

	memset(out, 0xff, sizeof(*out));
	for (size_t i = 0; i + SHINGLE <= len; i++) {
		uint64_t h = shingle_hash(at + i);

		bin_put(out, h);
		if ((h >> GRAM_SHIFT) % GRAM_SHARE != 0)
			continue;
		some[n].at = (uint32_t)i;
		some[n++].hash = (uint32_t)(h >> (64 - GRAM_BITS));
		if (n == GRAMS_AT_ONCE) {
			buf_bytes(grams, some, sizeof(some));
			n = 0;
		}
	}
	buf_bytes(grams, some, n * sizeof(*some));
}
