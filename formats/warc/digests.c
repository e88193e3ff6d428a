/*
 * digests.c - which article has the payload that a revisit tells of
 *
 * Payload digests as the records of this file spell them, hashed, to the ids of
 * the articles.  A revisit means a record of the same crawl most often, so the
 * table need not grow without bound: beyond it new digests are not kept.  24
 * bytes each, in twice as many slots.
 */
#include "formats/warc/warc.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"

enum { SLOTS_MIN = 1 << 10 };

struct warc_digest {
	uint64_t hash; /* 0: free */
	uint8_t id[SHEAF_ID_SIZE];
};

static uint64_t hash_of(struct sheaf_str digest)
{
	uint64_t hash = hash_64(digest.p, digest.len, 0);

	return hash != 0 ? hash : 1;
}

/* the slot that has @hash, or the free one that it would get */
static struct warc_digest *slot_of(const struct warc_digests *d, uint64_t hash)
{
	size_t i = (size_t)hash & (d->cap - 1);

	while (d->slots[i].hash != 0 && d->slots[i].hash != hash)
		i = (i + 1) & (d->cap - 1);
	return &d->slots[i];
}

void warc_digests_done(struct warc_digests *d)
{
	free(d->slots);
	*d = (struct warc_digests){ 0 };
}

static bool grow(struct warc_digests *d)
{
	struct warc_digests bigger = { .count = d->count,
				       .cap = d->cap ? 2 * d->cap : SLOTS_MIN,
				       .max = d->max };

	bigger.slots = calloc(bigger.cap, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < d->cap; i++) {
		if (d->slots[i].hash != 0)
			*slot_of(&bigger, d->slots[i].hash) = d->slots[i];
	}
	free(d->slots);
	*d = bigger;
	return true;
}

enum sheaf_status warc_digests_put(struct warc_digests *d,
				   struct sheaf_str digest,
				   const uint8_t id[SHEAF_ID_SIZE])
{
	struct warc_digest *slot;

	if (digest.len == 0 || d->count >= d->max)
		return SHEAF_OK;
	if (2 * d->count >= d->cap && !grow(d))
		return SHEAF_NOMEM;
	slot = slot_of(d, hash_of(digest));
	d->count += slot->hash == 0;
	slot->hash = hash_of(digest);
	memcpy(slot->id, id, SHEAF_ID_SIZE);
	return SHEAF_OK;
}

bool warc_digests_find(const struct warc_digests *d, struct sheaf_str digest,
		       uint8_t id[SHEAF_ID_SIZE])
{
	const struct warc_digest *slot;

	if (digest.len == 0 || d->cap == 0)
		return false;
	slot = slot_of(d, hash_of(digest));
	if (slot->hash == 0)
		return false;
	memcpy(id, slot->id, SHEAF_ID_SIZE);
	return true;
}
