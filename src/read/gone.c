/*
 * gone.c - the places of removed articles
 *
 * Records do not hold full ids, and the removed list holds nothing else. So,
 * when it is first asked, each removed id is looked up: the index gives the
 * places whose id begins with the same 48 bits. Whether one of these is it,
 * only the article can tell, and it is read when somebody asks about that very
 * place: of 10,000 removed ids among 24,000 articles all at once took 160 ms
 * for a get of one article, which now takes 8.
 */
#include "read/gone.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "read/places.h"

enum { UNKNOWN, IS_GONE, IS_NOT };

struct gone {
	struct sheaf_place *places; /* that may be; sorted; owned */
	atomic_uchar *known;	    /* of each, one of the above; owned */
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
	free(g->known);
	free(g->present);
	free(g);
}

/* the id of the article at @place; false: it can't be decoded any more */
static enum sheaf_status place_id(struct sheaf_corpus *c,
				  struct sheaf_place place,
				  uint8_t id[SHEAF_ID_SIZE], bool *known,
				  struct sheaf_error *err)
{
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	enum sheaf_status st;

	*known = false;
	st = blocks_get(c->blocks, place.block, &block, err);
	if (st != SHEAF_OK)
		return st == SHEAF_CORRUPT ? SHEAF_OK : st;
	if (block_article(block, place.slot, &p, &len, &seed, NULL) ==
	    SHEAF_OK) {
		hash_id(p, len, seed, id);
		*known = true;
	}
	blocks_release(block);
	return SHEAF_OK;
}

/* the places of articles whose ids begin as this one does */
static enum sheaf_status candidates(struct sheaf_corpus *c,
				    const uint8_t id[SHEAF_ID_SIZE],
				    struct buf *out, struct sheaf_error *err)
{
	struct hits h;
	enum sheaf_status st;

	hits_init(&h);
	st = corpus_lookup(c, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++) {
		struct sheaf_place place = { .block = hits_all(&h)[i].offset,
					     .slot = hits_all(&h)[i].slot };

		buf_bytes(out, &place, sizeof(place));
	}
	hits_done(&h);
	return st == SHEAF_OK && out->bad ? fail_nomem(err) : st;
}

enum sheaf_status gone_places(struct sheaf_corpus *c,
			      const uint8_t id[SHEAF_ID_SIZE], struct buf *out,
			      struct sheaf_error *err)
{
	struct buf all = { 0 };
	enum sheaf_status st = candidates(c, id, &all, err);
	const struct sheaf_place *p = (const void *)all.p;

	for (size_t i = 0; st == SHEAF_OK && i < all.len / sizeof(*p); i++) {
		uint8_t found[SHEAF_ID_SIZE];
		bool known;

		st = place_id(c, p[i], found, &known, err);
		if (st == SHEAF_OK &&
		    (!known || memcmp(found, id, sizeof(found)) == 0))
			buf_bytes(out, &p[i], sizeof(p[i]));
	}
	buf_done(&all);
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

/* in order, each once; none is known */
static enum sheaf_status places_take(struct gone *g, struct buf *all,
				     struct sheaf_error *err)
{
	struct sheaf_place *p = (struct sheaf_place *)(void *)all->p;
	size_t n = all->len / sizeof(*p), kept = 0;

	g->places = p;
	if (n != 0)
		qsort(p, n, sizeof(*p), place_compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || place_compare(&p[i], &p[i - 1]) != 0)
			p[kept++] = p[i];
	g->count = kept;
	g->known = malloc(kept != 0 ? kept * sizeof(*g->known) : 1);
	if (g->known == NULL)
		return fail_nomem(err);
	for (size_t i = 0; i < kept; i++)
		atomic_init(&g->known[i], UNKNOWN);
	return SHEAF_OK;
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
			st = candidates(c, c->removed.ids[i].id, &all, err);
	if (st == SHEAF_OK)
		st = places_take(g, &all, err);
	else
		buf_done(&all);
	if (st == SHEAF_OK && c->as_of != 0)
		st = present_read(c, g, err);
	if (st != SHEAF_OK) {
		gone_free(g);
		return st;
	}
	*out = g;
	return SHEAF_OK;
}

static enum sheaf_status gone_of(struct sheaf_corpus *c, struct gone **out,
				 struct sheaf_error *err)
{
	struct gone *none = NULL;
	enum sheaf_status st;

	*out = atomic_load(&c->gone);
	if (*out != NULL)
		return SHEAF_OK;
	st = gone_new(c, out, err);
	if (st == SHEAF_OK &&
	    !atomic_compare_exchange_strong(&c->gone, &none, *out)) {
		gone_free(*out);
		*out = none;
	}
	return st;
}

static const struct sheaf_place *find(const struct sheaf_place *places,
				      size_t count,
				      const struct sheaf_place *place)
{
	return count == 0 ? NULL :
			    bsearch(place, places, count, sizeof(*place),
				    place_compare);
}

/* @i: of a place that may be one. One that can't be decoded any more is. */
static enum sheaf_status settle(struct sheaf_corpus *c, struct gone *g,
				size_t i, bool *out, struct sheaf_error *err)
{
	uint8_t id[SHEAF_ID_SIZE];
	unsigned char known = atomic_load(&g->known[i]);
	bool readable;
	enum sheaf_status st = SHEAF_OK;

	if (known == UNKNOWN) {
		st = place_id(c, g->places[i], id, &readable, err);
		if (st != SHEAF_OK)
			return st;
		known = !readable || removed_has(&c->removed, id,
						 corpus_shown(c)) ?
				IS_GONE :
				IS_NOT;
		atomic_store(&g->known[i], known);
	}
	*out = known == IS_GONE;
	return SHEAF_OK;
}

enum sheaf_status gone_has(struct sheaf_corpus *c, struct sheaf_place place,
			   bool *out, struct sheaf_error *err)
{
	const struct sheaf_place *may_be;
	struct gone *g;
	enum sheaf_status st;

	*out = false;
	if (c->removed.count == 0 && c->as_of == 0)
		return SHEAF_OK;
	st = gone_of(c, &g, err);
	if (st != SHEAF_OK)
		return st;
	*out = c->as_of != 0 &&
	       find(g->present, g->present_count, &place) == NULL;
	may_be = find(g->places, g->count, &place);
	if (*out || may_be == NULL)
		return SHEAF_OK;
	return settle(c, g, (size_t)(may_be - g->places), out, err);
}
