/*
 * find.c - what a key that a person typed stands for: id, name or url
 *
 * The tables give candidates; the id, name or url itself decides [S-21].
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "read/find.h"
#include "read/gone.h"
#include "read/row.h"
#include "read/take.h"

/* lookups that wait for memory at once: two cache lines each, of which a
 * processor waits for some 16 at once */
#define AHEAD ((size_t)12)
#define PREFIX_MIN 4 /* digits; fewer are no id but a name */
#define DIGIT_BITS 4

struct search {
	struct sheaf_corpus *corpus;
	struct sheaf_str key;
	bool gone; /* only records of removed articles, else only of others */
	sheaf_match_fn *fn;
	void *arg;
	size_t found;
	struct sheaf_error *err;
};

bool find_prefix(struct sheaf_str key, uint8_t id[SHEAF_ID_SIZE])
{
	return key.len >= PREFIX_MIN && key.len <= SHEAF_ID_HEX &&
	       sheaf_id_read(key.p, key.len, id) == key.len;
}

bool find_has_prefix(const uint8_t id[SHEAF_ID_SIZE],
		     const uint8_t prefix[SHEAF_ID_SIZE], size_t digits)
{
	if (memcmp(id, prefix, digits / 2) != 0)
		return false;
	return digits % 2 == 0 ||
	       id[digits / 2] >> DIGIT_BITS == prefix[digits / 2] >> DIGIT_BITS;
}

static enum sheaf_status match(struct search *s, enum sheaf_key_kind kind,
			       struct sheaf_place place,
			       const struct sheaf_record *record)
{
	s->found++;
	if (s->fn(kind, place, record, s->arg) != 0)
		return fail(s->err, SHEAF_CANCELLED, "stopped");
	return SHEAF_OK;
}

/* more digits than the index holds: the article's own id decides */
static enum sheaf_status id_candidate(struct search *s, struct sheaf_place at,
				      const uint8_t prefix[SHEAF_ID_SIZE])
{
	uint8_t id[SHEAF_ID_SIZE];
	struct block *block;
	const uint8_t *p;
	size_t len;
	uint32_t seed;
	bool gone;
	enum sheaf_status st;

	st = gone_has(s->corpus, at, &gone, s->err);
	if (st != SHEAF_OK || gone)
		return st;
	if (s->key.len * DIGIT_BITS <= KEY_BITS)
		return match(s, SHEAF_KEY_ID, at, NULL);
	st = blocks_get(s->corpus->blocks, at.block, &block, s->err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, at.slot, &p, &len, &seed, s->err);
	if (st == SHEAF_OK)
		hash_id(p, len, seed, id);
	blocks_release(block);
	if (st == SHEAF_OK && find_has_prefix(id, prefix, s->key.len))
		st = match(s, SHEAF_KEY_ID, at, NULL);
	return st;
}

static enum sheaf_status find_id(struct search *s)
{
	uint8_t prefix[SHEAF_ID_SIZE];
	struct hits h;
	unsigned int bits;
	enum sheaf_status st;

	hits_init(&h);
	if (!find_prefix(s->key, prefix))
		return SHEAF_OK;
	bits = (unsigned int)s->key.len * DIGIT_BITS;
	st = corpus_lookup(s->corpus, INDEX_IDS, index_key_of_id(prefix),
			   bits < KEY_BITS ? bits : KEY_BITS, &h, s->err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++) {
		struct sheaf_place at = { .block = hits_all(&h)[i].offset,
					  .slot = hits_all(&h)[i].slot };

		st = id_candidate(s, at, prefix);
	}
	hits_done(&h);
	return st;
}

/* whether the record really has the key */
static enum sheaf_status record_has(struct search *s, enum sheaf_key_kind kind,
				    const struct sheaf_record *r, bool *out)
{
	struct sheaf_str value = r->name;
	struct sheaf_bytes scratch = { 0 };
	struct sheaf_parsed *parsed = NULL;
	enum sheaf_status st = SHEAF_OK;

	if (kind == SHEAF_KEY_URL) {
		parsed = sheaf_parsed_new();
		if (parsed == NULL)
			return fail_nomem(s->err);
		st = take_url(s->corpus, r, &scratch, parsed, &value, s->err);
	}
	*out = st == SHEAF_OK && value.len == s->key.len &&
	       memcmp(value.p, s->key.p, value.len) == 0;
	sheaf_parsed_free(parsed);
	sheaf_bytes_done(&scratch);
	return st;
}

static enum sheaf_status record_candidate(struct search *s,
					  enum sheaf_key_kind kind,
					  const struct index_entry *e,
					  struct row *row)
{
	struct page *page;
	bool gone = false, has = false, later;
	enum sheaf_status st;

	st = pages_get(s->corpus->pages, e->offset, &page, s->err);
	if (st != SHEAF_OK)
		return st;
	if (e->slot >= page->table.count)
		st = fail_at(s->err, SHEAF_CORRUPT, e->offset,
			     "record page: has no such record");
	if (st == SHEAF_OK)
		st = gone_has(s->corpus, page->table.records[e->slot].place,
			      &gone, s->err);
	later = st == SHEAF_OK &&
		page->table.records[e->slot].commit > corpus_shown(s->corpus);
	if (st == SHEAF_OK && gone == s->gone && !later)
		st = row_fill(row, s->corpus, page, e->slot, s->err);
	if (st == SHEAF_OK && gone == s->gone && !later)
		st = record_has(s, kind, &row->record, &has);
	/* one that was removed may be unreadable; then its url is not known */
	if (st == SHEAF_CORRUPT && s->gone && kind == SHEAF_KEY_URL)
		st = SHEAF_OK;
	if (st == SHEAF_OK && has) {
		/* the newest comes first; for a url it is not told */
		row->record.is_latest =
			kind == SHEAF_KEY_NAME && s->found == 0 && !s->gone;
		st = match(s, kind, row->record.place, &row->record);
	}
	pages_release(page);
	return st;
}

static int newest_first(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? 1 : -1;
	return x->slot < y->slot ? 1 : x->slot > y->slot ? -1 : 0;
}

static enum sheaf_status find_record(struct search *s, enum sheaf_key_kind kind)
{
	struct hits h;
	struct row *row = calloc(1, sizeof(*row));
	enum sheaf_status st;

	hits_init(&h);
	if (row == NULL)
		return fail_nomem(s->err);
	st = corpus_lookup(
		s->corpus, kind == SHEAF_KEY_NAME ? INDEX_NAMES : INDEX_URLS,
		index_key(s->key.p, s->key.len), KEY_BITS, &h, s->err);
	if (st == SHEAF_OK && h.count != 0)
		qsort(hits_all(&h), h.count, sizeof(struct index_entry),
		      newest_first);
	for (size_t i = 0; st == SHEAF_OK && i < h.count; i++)
		st = record_candidate(s, kind, &hits_all(&h)[i], row);
	hits_done(&h);
	row_done(row);
	free(row);
	return st;
}

enum sheaf_status find_gone(struct sheaf_corpus *c, enum sheaf_key_kind kind,
			    struct sheaf_str key, sheaf_match_fn *fn, void *arg,
			    struct sheaf_error *err)
{
	struct search s = { c, key, true, fn, arg, 0, err };
	enum sheaf_status st = find_record(&s, kind);

	return st == SHEAF_OK && s.found == 0 ? SHEAF_NOT_FOUND : st;
}

enum sheaf_status sheaf_has(struct sheaf_corpus *c,
			    const uint8_t id[SHEAF_ID_SIZE],
			    struct sheaf_place *place, struct sheaf_error *err)
{
	struct hits h;
	bool gone = true;
	enum sheaf_status st;

	hits_init(&h);
	if (removed_has(&c->removed, id, corpus_shown(c)))
		return SHEAF_NOT_FOUND;
	st = corpus_lookup(c, INDEX_IDS, index_key_of_id(id), KEY_BITS, &h,
			   err);
	for (size_t i = 0; st == SHEAF_OK && i < h.count && gone; i++) {
		struct sheaf_place at = { .block = hits_all(&h)[i].offset,
					  .slot = hits_all(&h)[i].slot };

		st = gone_has(c, at, &gone, err);
		if (st == SHEAF_OK && !gone && place != NULL)
			*place = at;
	}
	hits_done(&h);
	return st == SHEAF_OK && gone ? SHEAF_NOT_FOUND : st;
}

enum sheaf_status sheaf_has_many(struct sheaf_corpus *c,
				 const uint8_t (*ids)[SHEAF_ID_SIZE],
				 size_t count, struct sheaf_place *places,
				 struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < count && i < AHEAD; i++)
		indexes_fetch(c->indexes, INDEX_IDS, index_key_of_id(ids[i]));
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			indexes_fetch(c->indexes, INDEX_IDS,
				      index_key_of_id(ids[i + AHEAD]));
		places[i] = (struct sheaf_place){ 0 };
		st = sheaf_has(c, ids[i], &places[i], err);
		if (st != SHEAF_OK && st != SHEAF_NOT_FOUND)
			return st;
	}
	return SHEAF_OK;
}

enum sheaf_status sheaf_find_kind(struct sheaf_corpus *c,
				  enum sheaf_key_kind kind,
				  struct sheaf_str key, sheaf_match_fn *fn,
				  void *arg, struct sheaf_error *err)
{
	struct search s = { c, key, false, fn, arg, 0, err };
	enum sheaf_status st;

	if (key.len == 0)
		return fail(err, SHEAF_NOT_FOUND, "an empty key");
	st = kind == SHEAF_KEY_ID ? find_id(&s) : find_record(&s, kind);
	if (st == SHEAF_OK && s.found == 0)
		st = fail(err, SHEAF_NOT_FOUND, "nothing has this key");
	return st;
}

enum sheaf_status sheaf_find(struct sheaf_corpus *c, struct sheaf_str key,
			     sheaf_match_fn *fn, void *arg,
			     struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_NOT_FOUND;

	for (int kind = SHEAF_KEY_ID;
	     kind <= SHEAF_KEY_URL && st == SHEAF_NOT_FOUND; kind++)
		st = sheaf_find_kind(c, (enum sheaf_key_kind)kind, key, fn, arg,
				     err);
	return st;
}
