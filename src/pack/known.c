/*
 * known.c - what the corpus holds already: an article's bytes, a name's newest
 * record
 *
 * Dedup against earlier commits. Equal ids prove nothing where collisions can
 * be made by hand: the stored bytes are decoded and compared.
 */
#include "pack/known.h"

#include <string.h>

#include "codec/hash.h"
#include "read/gone.h"

enum likeness known_likeness(const struct wanted *w, const void *bytes,
			     size_t len, uint32_t seed)
{
	uint8_t id[SHEAF_ID_SIZE];

	if (len == w->len && (len == 0 || memcmp(bytes, w->bytes, len) == 0))
		return LIKENESS_SAME;
	hash_id(bytes, len, seed, id);
	return memcmp(id, w->id, sizeof(id)) == 0 ? LIKENESS_COLLIDES :
						    LIKENESS_NONE;
}

static enum sheaf_status candidate(struct sheaf_corpus *old,
				   const struct index_entry *e,
				   const struct wanted *w,
				   struct known_article *out,
				   struct sheaf_error *err)
{
	struct block *block;
	const uint8_t *p;
	size_t have;
	uint32_t seed;
	enum sheaf_status st;

	st = blocks_get(old->blocks, e->offset, &block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, e->slot, &p, &have, &seed, err);
	if (st == SHEAF_OK) {
		enum likeness like = known_likeness(w, p, have, seed);

		out->collides |= like == LIKENESS_COLLIDES;
		if (like == LIKENESS_SAME) {
			out->found = true;
			out->place.block = e->offset;
			out->place.slot = e->slot;
		}
	}
	blocks_release(block);
	return st;
}

enum sheaf_status known_article(struct sheaf_corpus *old,
				const struct wanted *w,
				struct known_article *out,
				struct sheaf_error *err)
{
	struct hits h;
	enum sheaf_status st;

	hits_init(&h);
	memset(out, 0, sizeof(*out));
	st = corpus_lookup(old, INDEX_IDS, index_key_of_id(w->id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count && !out->found; i++)
		st = candidate(old, &hits_all(&h)[i], w, out, err);
	hits_done(&h);
	return st;
}

void known_compare(const uint8_t id[SHEAF_ID_SIZE], const void *bytes,
		   size_t len, uint32_t seed, struct identity *out)
{
	uint8_t its[SHEAF_ID_SIZE];

	hash_id(bytes, len, seed, its);
	if (memcmp(its, id, sizeof(its)) != 0)
		return;
	out->same = true;
	out->seed = seed;
	out->len = len;
	if (out->bytes != NULL)
		buf_bytes(out->bytes, bytes, len);
}

/* the article at @place: compared with @id, or its id into it */
static enum sheaf_status at_place(struct sheaf_corpus *old,
				  struct sheaf_place place,
				  const uint8_t *wanted, struct identity *same,
				  uint8_t *id, struct sheaf_error *err)
{
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	bool gone;
	enum sheaf_status st = gone_has(old, place, &gone, err);

	if (st == SHEAF_OK && gone)
		return SHEAF_NOT_FOUND;
	if (st == SHEAF_OK)
		st = blocks_get(old->blocks, place.block, &block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, place.slot, &p, &len, &seed, err);
	if (st == SHEAF_OK && wanted != NULL)
		known_compare(wanted, p, len, seed, same);
	else if (st == SHEAF_OK)
		hash_id(p, len, seed, id);
	blocks_release(block);
	return st;
}

enum sheaf_status known_identity(struct sheaf_corpus *old,
				 const uint8_t id[SHEAF_ID_SIZE],
				 struct identity *out,
				 struct sheaf_place *place,
				 struct sheaf_error *err)
{
	struct hits h;
	enum sheaf_status st;

	hits_init(&h);
	out->same = false;
	st = corpus_lookup(old, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count && !out->same; i++) {
		place->block = hits_all(&h)[i].offset;
		place->slot = hits_all(&h)[i].slot;
		st = at_place(old, *place, id, out, NULL, err);
		if (st == SHEAF_NOT_FOUND) /* taken down */
			st = SHEAF_OK;
	}
	hits_done(&h);
	return st;
}

enum sheaf_status known_id(struct sheaf_corpus *old, struct sheaf_place place,
			   uint8_t id[SHEAF_ID_SIZE], struct sheaf_error *err)
{
	return at_place(old, place, NULL, NULL, id, err);
}

static bool entry_newer(const struct index_entry *a,
			const struct index_entry *b)
{
	return a->offset != b->offset ? a->offset > b->offset :
					a->slot > b->slot;
}

static enum sheaf_status is_gone(struct sheaf_corpus *old,
				 const struct known_gone *gone,
				 struct sheaf_place place, bool *out,
				 struct sheaf_error *err)
{
	uint8_t id[SHEAF_ID_SIZE];
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	enum sheaf_status st;

	if (!gone->changed)
		return gone_has(old, place, out, err);
	*out = false;
	if (gone->now->count == 0)
		return SHEAF_OK;
	st = blocks_get(old->blocks, place.block, &block, err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, place.slot, &p, &len, &seed, err);
	if (st == SHEAF_OK) {
		hash_id(p, len, seed, id);
		*out = removed_has(gone->now, id, UINT64_MAX);
	}
	blocks_release(block);
	return st;
}

struct name_search {
	struct sheaf_corpus *old;
	struct sheaf_str name;
	const struct known_gone *gone;
	struct index_entry newest, newest_live; /* if is_spelled, if found */
};

/* a record of the name: is it the newest so far */
static enum sheaf_status name_take(struct name_search *s,
				   const struct index_entry *e,
				   const struct page *page,
				   struct known_name *out,
				   struct sheaf_error *err)
{
	struct sheaf_place place = page->table.records[e->slot].place;
	bool gone = true;
	enum sheaf_status st = SHEAF_OK;

	if (!out->is_spelled || entry_newer(e, &s->newest)) {
		s->newest = *e;
		out->is_spelled = true;
		out->origin = pages_origin(page, e->slot);
		out->newest = place;
	}
	if (!out->found || entry_newer(e, &s->newest_live))
		st = is_gone(s->old, s->gone, place, &gone, err);
	if (st == SHEAF_OK && !gone) {
		s->newest_live = *e;
		out->found = true;
		out->place = place;
	}
	return st;
}

static enum sheaf_status name_candidate(struct name_search *s,
					const struct index_entry *e,
					struct known_name *out,
					struct sheaf_error *err)
{
	struct page *page, *held = NULL;
	struct sheaf_str have;
	enum sheaf_status st;

	if (out->found && !entry_newer(e, &s->newest_live))
		return SHEAF_OK;
	st = pages_get(s->old->pages, e->offset, &page, err);
	if (st != SHEAF_OK)
		return st;
	if (e->slot >= page->table.count)
		st = fail_at(err, SHEAF_CORRUPT, e->offset,
			     "record page: has no such record");
	if (st == SHEAF_OK)
		st = pages_name(s->old->pages, page, e->slot, &have, &held,
				err);
	if (st == SHEAF_OK && have.len == s->name.len &&
	    memcmp(have.p, s->name.p, have.len) == 0)
		st = name_take(s, e, page, out, err);
	pages_release(held);
	pages_release(page);
	return st;
}

enum sheaf_status known_name(struct sheaf_corpus *old, struct sheaf_str name,
			     const struct known_gone *gone,
			     struct known_name *out, struct sheaf_error *err)
{
	struct name_search s = { .old = old, .name = name, .gone = gone };
	struct hits h;
	enum sheaf_status st;

	hits_init(&h);
	memset(out, 0, sizeof(*out));
	st = corpus_lookup(old, INDEX_NAMES, index_key(name.p, name.len),
			   KEY_BITS, &h, err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++)
		st = name_candidate(&s, &hits_all(&h)[i], out, err);
	hits_done(&h);
	return st;
}

enum sheaf_status known_url(struct sheaf_corpus *old, struct sheaf_str url,
			    bool *found, struct sheaf_place *place,
			    struct sheaf_error *err)
{
	const struct index_entry *best = NULL, *e;
	struct hits h;
	struct page *page;
	enum sheaf_status st;

	hits_init(&h);
	*found = false;
	st = corpus_lookup(old, INDEX_URLS, index_key(url.p, url.len), KEY_BITS,
			   &h, err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++) {
		e = &hits_all(&h)[i];
		if (best == NULL || entry_newer(e, best))
			best = e;
	}
	if (st == SHEAF_OK && best != NULL) {
		st = pages_get(old->pages, best->offset, &page, err);
		if (st == SHEAF_OK && best->slot < page->table.count) {
			*place = page->table.records[best->slot].place;
			*found = true;
		}
		if (st == SHEAF_OK)
			pages_release(page);
	}
	hits_done(&h);
	return st;
}
