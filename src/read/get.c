/*
 * get.c - one article, by id or by place, held against its id
 *
 * Flow 2 at its shortest: index, block, content, hash.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "read/corpus.h"
#include "read/get.h"
#include "read/gone.h"

void sheaf_bytes_done(struct sheaf_bytes *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

static enum sheaf_status bytes_set(struct sheaf_bytes *b, const void *p,
				   size_t len, struct sheaf_error *err)
{
	b->len = 0;
	if (b->p == NULL || b->cap < len) {
		size_t cap = len < 4096 ? 4096 : len;
		void *grown = malloc(cap);

		if (grown == NULL)
			return fail_nomem(err);
		free(b->p);
		b->p = grown;
		b->cap = cap;
	}
	if (len != 0)
		memcpy(b->p, p, len);
	b->len = len;
	return SHEAF_OK;
}

/*
 * The article in @held is not what was wanted, hence @st: or is its block
 * damaged?  One that was decoded in part was not held against its checksum.
 */
static enum sheaf_status cause(struct sheaf_corpus *c, uint64_t block,
			       const struct held *held, enum sheaf_status st,
			       struct sheaf_error *err)
{
	struct block *decoded;
	enum sheaf_status whole;

	if (held->block != NULL)
		return st;
	whole = blocks_get(c->blocks, block, &decoded, err);
	blocks_release(decoded);
	return whole != SHEAF_OK ? whole : st;
}

/* the article in @slot, if its id is the one wanted; else SHEAF_NOT_FOUND */
static enum sheaf_status candidate_read(struct sheaf_corpus *c,
					const struct index_entry *e,
					const uint8_t id[SHEAF_ID_SIZE],
					struct sheaf_bytes *out,
					struct sheaf_error *err)
{
	uint8_t found[SHEAF_ID_SIZE];
	struct held held;
	enum sheaf_status st;

	st = blocks_hold(c->blocks, e->offset, e->slot, &held, err);
	if (st != SHEAF_OK)
		return st;
	hash_id(held.p, held.len, held.seed, found);
	if (memcmp(found, id, sizeof(found)) != 0)
		st = cause(c, e->offset, &held, SHEAF_NOT_FOUND,
			   err); /* [S-33] */
	else
		st = bytes_set(out, held.p, held.len, err);
	blocks_let_go(c->blocks, &held);
	return st;
}

enum sheaf_status get_place(struct sheaf_corpus *c,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_place *place, struct sheaf_bytes *out,
			    struct sheaf_error *err)
{
	struct hits h;
	enum sheaf_status st, worst = SHEAF_NOT_FOUND;
	bool later;

	hits_init(&h);
	out->len = 0;
	if (removed_has(&c->removed, id, corpus_shown(c)))
		return fail(err, SHEAF_NOT_FOUND, "removed");
	st = corpus_lookup(c, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++) {
		const struct index_entry *e = &hits_all(&h)[i];
		enum sheaf_status one = candidate_read(c, e, id, out, err);

		if (one == SHEAF_OK) {
			place->block = e->offset;
			place->slot = e->slot;
			worst = SHEAF_OK;
			break;
		}
		if (one != SHEAF_NOT_FOUND)
			worst = one; /* another candidate may still be it */
	}
	hits_done(&h);
	if (st == SHEAF_OK && worst == SHEAF_OK && c->as_of != 0) {
		st = gone_has(c, *place, &later, err); /* [S-39] */
		if (st == SHEAF_OK && later)
			worst = SHEAF_NOT_FOUND;
	}
	if (st != SHEAF_OK)
		return st;
	if (worst == SHEAF_NOT_FOUND) {
		out->len = 0;
		return fail(err, SHEAF_NOT_FOUND, "no such article");
	}
	return worst;
}

enum sheaf_status sheaf_get(struct sheaf_corpus *c,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_bytes *out, struct sheaf_error *err)
{
	struct sheaf_place place;

	return get_place(c, id, &place, out, err);
}

/* the tables must have the id that was computed, at this very place */
static enum sheaf_status place_check(struct sheaf_corpus *c,
				     struct sheaf_place place,
				     const uint8_t id[SHEAF_ID_SIZE],
				     struct sheaf_error *err)
{
	struct hits h;
	bool found = false;
	enum sheaf_status st;

	hits_init(&h);
	st = corpus_lookup(c, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count && !found; i++) {
		const struct index_entry *e = &hits_all(&h)[i];

		found = e->offset == place.block && e->slot == place.slot;
	}
	hits_done(&h);
	if (st == SHEAF_OK && !found)
		st = fail_at(err, SHEAF_CORRUPT, place.block,
			     "article: is not what the index says");
	return st;
}

enum sheaf_status get_check(struct sheaf_corpus *c, struct sheaf_place place,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_error *err)
{
	enum sheaf_status st = place_check(c, place, id, err);

	if (st == SHEAF_OK && removed_has(&c->removed, id, corpus_shown(c)))
		st = fail(err, SHEAF_NOT_FOUND, "removed");
	return st;
}

enum sheaf_status get_article(struct sheaf_corpus *c, struct sheaf_place place,
			      struct sheaf_bytes *out,
			      uint8_t id[SHEAF_ID_SIZE],
			      struct sheaf_error *err)
{
	struct held held;
	enum sheaf_status st;

	out->len = 0;
	st = blocks_hold(c->blocks, place.block, place.slot, &held, err);
	if (st != SHEAF_OK)
		return st;
	hash_id(held.p, held.len, held.seed, id);
	st = place_check(c, place, id, err);
	if (st == SHEAF_CORRUPT)
		st = cause(c, place.block, &held, st, err);
	if (st == SHEAF_OK)
		st = bytes_set(out, held.p, held.len, err);
	blocks_let_go(c->blocks, &held);
	return st;
}

enum sheaf_status sheaf_read(struct sheaf_corpus *c, struct sheaf_place place,
			     struct sheaf_bytes *out, uint8_t id[SHEAF_ID_SIZE],
			     struct sheaf_error *err)
{
	uint8_t found[SHEAF_ID_SIZE];
	enum sheaf_status st = get_article(c, place, out, found, err);

	if (st != SHEAF_OK)
		return st;
	if (removed_has(&c->removed, found, corpus_shown(c))) {
		out->len = 0;
		return fail(err, SHEAF_NOT_FOUND, "removed");
	}
	if (id != NULL)
		memcpy(id, found, sizeof(found));
	return SHEAF_OK;
}
