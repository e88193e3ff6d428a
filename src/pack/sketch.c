/*
 * sketch.c - what an article is made of, in 64 numbers
 *
 * The first step of ordering a batch; runs on the pool, an article a job.
 */
#include "pack/sketch.h"

#include <string.h>

#define SHINGLE \
	12 /* bytes: shorter ones meet by chance, longer ones miss edits */
#define BIN_SHIFT 58 /* the top six bits choose one of 64 bins */

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

void sketch_of(const void *p, size_t len, struct sketch *out)
{
	const uint8_t *at = p;

	memset(out, 0xff, sizeof(*out));
	for (size_t i = 0; i + SHINGLE <= len; i++) {
		uint64_t h = shingle_hash(at + i);
		uint32_t *bin = &out->bins[h >> BIN_SHIFT];
		uint32_t value = (uint32_t)(h >> 20);

		if (value < *bin)
			*bin = value;
	}
}
