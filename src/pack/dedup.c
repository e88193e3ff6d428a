/*
 * dedup.c - one article in: find its bytes, or store them
 *
 * In flow 1 between the format's reader and the blocks. An id is computed
 * under seed 0; if other bytes have that id already, under the next seed, and
 * so on [S-16].
 */
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "pack/known.h"
#include "pack/pack.h"

static uint64_t id_hash(const uint8_t id[SHEAF_ID_SIZE])
{
	uint64_t h;

	memcpy(&h, id + 8, sizeof(h));
	return h;
}

static struct fresh *fresh_at(struct sheaf_writer *w, uint32_t i)
{
	return (struct fresh *)(void *)w->fresh.p + i;
}

/* among the articles of this commit */
static enum sheaf_status find_fresh(struct sheaf_writer *w,
				    const uint8_t id[SHEAF_ID_SIZE],
				    const void *bytes, size_t len,
				    struct origin *origin, bool *collides,
				    struct sheaf_error *err)
{
	size_t at = SIZE_MAX;
	uint32_t number;

	while (table_next(&w->by_id, id_hash(id), &at, &number)) {
		const struct fresh *f = fresh_at(w, number);
		bool same = false;
		enum sheaf_status st;

		if (memcmp(f->id, id, SHEAF_ID_SIZE) != 0)
			continue;
		if (w->options.dry_run)
			same = true; /* nothing is kept to compare with */
		else if ((st = stage_same(w->stage, number, bytes, len, &same,
					  err)) != SHEAF_OK)
			return st;
		if (same) {
			origin->is_fresh = true;
			origin->fresh = number;
			return SHEAF_OK;
		}
		*collides = true;
	}
	return SHEAF_NOT_FOUND;
}

/* under this id: SHEAF_OK found; SHEAF_NOT_FOUND: free, unless *collides */
static enum sheaf_status find_article(struct sheaf_writer *w,
				      const uint8_t id[SHEAF_ID_SIZE],
				      const void *bytes, size_t len,
				      struct origin *origin, bool *collides,
				      struct sheaf_error *err)
{
	struct known_article known;
	enum sheaf_status st;

	*collides = false;
	st = find_fresh(w, id, bytes, len, origin, collides, err);
	if (st != SHEAF_NOT_FOUND || w->old == NULL)
		return st;
	st = known_article(w->old, id, bytes, len, &known, err);
	if (st != SHEAF_OK)
		return st;
	if (known.collides)
		*collides = true;
	if (!known.found)
		return SHEAF_NOT_FOUND;
	origin->is_fresh = false;
	origin->place = known.place;
	return SHEAF_OK;
}

static enum sheaf_status store(struct sheaf_writer *w, const void *bytes,
			       size_t len, const struct sheaf_place *base,
			       struct packed *out, struct sheaf_error *err)
{
	struct fresh f;
	uint32_t number = (uint32_t)(w->fresh.len / sizeof(f));
	enum sheaf_status st = SHEAF_OK;

	memcpy(f.id, out->id, sizeof(f.id));
	if (!w->options.dry_run) {
		st = pack_start(w, err);
		if (st == SHEAF_OK)
			st = stage_add(w->stage, bytes, len, out->seed, base,
				       &number, err);
	}
	if (st != SHEAF_OK)
		return st;
	buf_bytes(&w->fresh, &f, sizeof(f));
	if (w->fresh.bad || !table_put(&w->by_id, id_hash(f.id), number))
		return fail_nomem(err);
	out->is_new = true;
	out->origin.is_fresh = true;
	out->origin.fresh = number;
	w->result.articles++;
	w->result.bytes_new += len;
	return SHEAF_OK;
}

enum sheaf_status pack_article(struct sheaf_writer *w, const void *bytes,
			       size_t len, const struct sheaf_place *base,
			       struct packed *out, struct sheaf_error *err)
{
	memset(out, 0, sizeof(*out));
	for (; out->seed <= SEED_MAX; out->seed++) {
		bool collides;
		enum sheaf_status st;

		hash_id(bytes, len, out->seed, out->id);
		st = find_article(w, out->id, bytes, len, &out->origin,
				  &collides, err);
		if (st != SHEAF_NOT_FOUND)
			return st;
		if (!collides)
			return store(w, bytes, len, base, out, err);
	}
	return fail(err, SHEAF_LIMIT, "more than 65,536 articles of one id");
}

bool pack_removed(const struct sheaf_writer *w, const struct sheaf_article *a)
{
	uint8_t id[SHEAF_ID_SIZE];

	if (w->old == NULL || w->old->removed.count == 0)
		return false;
	hash_id(a->bytes, a->len, 0, id);
	return removed_has(&w->old->removed, id, w->old->footer.commit);
}
