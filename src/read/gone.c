/*
 * gone.c - the places of removed articles
 *
 * Records do not hold full ids, and the removed list holds nothing else; so
 * each removed id is looked up once, when a corpus that has any is first
 * listed.
 */
#include "read/gone.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "read/places.h"

struct gone {
	struct sheaf_place *places; /* sorted; owned */
	size_t count;
	struct sheaf_place
		*present; /* as of a commit of the history; the same */
	size_t present_count;
};

struct presence {
	uint64_t as_of;
	struct buf all;
};

void gone_free(struct gone *g)
{
	if (g == NULL)
		return;
	free(g->places);
	free(g->present);
	free(g);
}

/* an article that can't be decoded any more is taken for the one that was
 * removed */
static enum sheaf_status candidate_is(struct sheaf_corpus *c,
				      const struct index_entry *e,
				      const uint8_t id[SHEAF_ID_SIZE], bool *is,
				      struct sheaf_error *err)
{
	uint8_t found[SHEAF_ID_SIZE];
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	enum sheaf_status st;

	*is = true;
	st = blocks_get(c->blocks, e->offset, &block, err);
	if (st != SHEAF_OK)
		return st == SHEAF_CORRUPT ? SHEAF_OK : st;
	if (block_article(block, e->slot, &p, &len, &seed, NULL) == SHEAF_OK) {
		hash_id(p, len, seed, found);
		*is = memcmp(found, id, sizeof(found)) == 0;
	}
	blocks_release(block);
	return SHEAF_OK;
}

enum sheaf_status gone_places(struct sheaf_corpus *c,
			      const uint8_t id[SHEAF_ID_SIZE], struct buf *out,
			      struct sheaf_error *err)
{
	struct hits h = { 0 };
	enum sheaf_status st;

	st = corpus_lookup(c, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++) {
		const struct index_entry *e = &hits_all(&h)[i];
		struct sheaf_place place = { .block = e->offset,
					     .slot = e->slot };
		bool is;

		st = candidate_is(c, e, id, &is, err);
		if (st == SHEAF_OK && is)
			buf_bytes(out, &place, sizeof(place));
	}
	hits_done(&h);
	return st;
}

static int page_present(struct page *page, void *arg)
{
	struct presence *p = arg;
	const struct record_page *t = &page->table;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->records[i].commit <= p->as_of)
			buf_bytes(&p->all, &t->records[i].place,
				  sizeof(t->records[i].place));
	return p->all.bad;
}

/* what any record up to that commit has; the first footer has them all [S-39]
 */
static enum sheaf_status present_read(struct sheaf_corpus *c, struct gone *g,
				      struct sheaf_error *err)
{
	struct presence p = { .as_of = c->as_of };
	enum sheaf_status st;

	st = pages_walk(c->pages, &c->footer, page_present, &p, err);
	if (p.all.bad)
		st = fail_nomem(err);
	g->present = (struct sheaf_place *)(void *)p.all.p;
	g->present_count = p.all.len / sizeof(*g->present);
	if (g->present_count != 0)
		qsort(g->present, g->present_count, sizeof(*g->present),
		      place_compare);
	return st;
}

static enum sheaf_status gone_new(struct sheaf_corpus *c, struct gone **out,
				  struct sheaf_error *err)
{
	struct gone *g = calloc(1, sizeof(*g));
	struct buf all = { 0 };
	enum sheaf_status st = SHEAF_OK;

	*out = NULL;
	if (g == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < c->removed.count && st == SHEAF_OK; i++)
		if (c->removed.ids[i].commit <= corpus_shown(c))
			st = gone_places(c, c->removed.ids[i].id, &all, err);
	if (all.bad)
		st = fail_nomem(err);
	g->places = (struct sheaf_place *)(void *)all.p;
	g->count = all.len / sizeof(*g->places);
	if (st == SHEAF_OK && c->as_of != 0)
		st = present_read(c, g, err);
	if (st != SHEAF_OK) {
		gone_free(g);
		return st;
	}
	if (g->count != 0)
		qsort(g->places, g->count, sizeof(*g->places), place_compare);
	*out = g;
	return SHEAF_OK;
}

static bool is_among(const struct sheaf_place *places, size_t count,
		     const struct sheaf_place *place)
{
	return count != 0 && bsearch(place, places, count, sizeof(*place),
				     place_compare) != NULL;
}

enum sheaf_status gone_has(struct sheaf_corpus *c, struct sheaf_place place,
			   bool *out, struct sheaf_error *err)
{
	struct gone *g = atomic_load(&c->gone);
	struct gone *none = NULL;
	enum sheaf_status st;

	*out = false;
	if (c->removed.count == 0 && c->as_of == 0)
		return SHEAF_OK;
	if (g == NULL) {
		st = gone_new(c, &g, err);
		if (st != SHEAF_OK)
			return st;
		if (!atomic_compare_exchange_strong(&c->gone, &none, g)) {
			gone_free(g);
			g = none;
		}
	}
	*out = is_among(g->places, g->count, &place) ||
	       (c->as_of != 0 &&
		!is_among(g->present, g->present_count, &place));
	return SHEAF_OK;
}
