/*
 * tail.c - the entries of the newest commits, which no index holds yet
 *
 * Part of opening: a nightly commit writes no index of its own, so a reader
 * takes the keys from its record pages. The writer bounds how many there are.
 */
#include "read/tail.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"

uint64_t index_key(const void *p, size_t len)
{
	return hash_64(p, len, 0) >> (64 - KEY_BITS);
}

uint64_t index_key_of_id(const uint8_t id[SHEAF_ID_SIZE])
{
	uint64_t key = 0;

	for (int i = 0; i < KEY_BITS / 8; i++)
		key = key << 8 | id[i];
	return key;
}

int index_entry_compare(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

struct builder {
	struct tail *tail;
	struct pages *pages;
	struct buf entries[INDEX_COUNT]; /* struct index_entry */
	enum sheaf_status status;
	struct sheaf_error *err;
};

static void entry_add(struct builder *b, enum index_which which, uint64_t key,
		      uint64_t offset, uint32_t slot)
{
	struct index_entry e = { key, offset, slot };

	buf_bytes(&b->entries[which], &e, sizeof(e));
}

static int page_take(struct page *page, void *arg)
{
	struct builder *b = arg;
	const struct record_page *t = &page->table;

	if (!t->has_keys) {
		b->status = fail_at(b->err, SHEAF_CORRUPT, t->offset,
				    "record page: has no keys, nor an index");
		return 1;
	}
	for (uint32_t i = 0; i < t->count; i++) {
		const struct page_record *r = &t->records[i];
		struct sheaf_str name;
		struct page *held;

		b->status = pages_name(b->pages, page, i, &name, &held, b->err);
		if (b->status != SHEAF_OK)
			return 1;
		entry_add(b, INDEX_NAMES, index_key(name.p, name.len),
			  t->offset, i);
		pages_release(held);
		/* an older article has its entry in an older layer */
		if (r->place.block >= b->tail->start)
			entry_add(b, INDEX_IDS, r->id_prefix, r->place.block,
				  r->place.slot);
		if (r->has_url)
			entry_add(b, INDEX_URLS, r->url_key, t->offset, i);
	}
	return 0;
}

/* sort; the id of an article that several records have stands once */
static enum sheaf_status builder_finish(struct builder *b,
					struct sheaf_error *err)
{
	for (int w = 0; w < INDEX_COUNT; w++) {
		struct index_entry *e = (struct index_entry *)b->entries[w].p;
		size_t n = b->entries[w].len / sizeof(*e), kept = 0;

		if (b->entries[w].bad)
			return fail_nomem(err);
		if (n != 0)
			qsort(e, n, sizeof(*e), index_entry_compare);
		for (size_t i = 0; i < n; i++)
			if (i == 0 ||
			    index_entry_compare(&e[i], &e[i - 1]) != 0)
				e[kept++] = e[i];
		b->tail->entries[w] = e;
		b->tail->count[w] = kept;
		memset(&b->entries[w], 0, sizeof(b->entries[w]));
	}
	return SHEAF_OK;
}

/* the footers of the tail, newest first, so that its start is known before its
 * pages are read */
static enum sheaf_status tail_footers(struct tail *t, const struct view *v,
				      const struct footer *f, uint64_t first,
				      struct footer *at, struct buf *offsets,
				      struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	memcpy(at, f, sizeof(*at));
	for (;;) {
		buf_bytes(offsets, &at->offset, sizeof(at->offset));
		t->start = at->start;
		t->commits++;
		if (at->commit <= first || at->previous == 0)
			break;
		st = chain_read(v, at->previous, at->commit - 1, at, err);
		if (st != SHEAF_OK)
			break;
	}
	if (st == SHEAF_OK && offsets->bad)
		st = fail_nomem(err);
	return st;
}

enum sheaf_status tail_read(struct tail *out, const struct view *v,
			    struct pages *pages, const struct footer *f,
			    struct sheaf_error *err)
{
	uint64_t first = 1;
	struct footer *at;
	struct buf offsets = { 0 };
	struct builder b = { .tail = out, .pages = pages, .err = err };
	enum sheaf_status st = SHEAF_OK;

	memset(out, 0, sizeof(*out));
	out->start = f->offset + f->size;
	if (f->layer_count != 0)
		first = f->layers[f->layer_count - 1].last_commit + 1;
	if (first > f->commit)
		return SHEAF_OK;
	at = malloc(sizeof(*at));
	if (at == NULL)
		return fail_nomem(err);
	st = tail_footers(out, v, f, first, at, &offsets, err);
	for (size_t i = 0; st == SHEAF_OK && i < out->commits; i++) {
		uint64_t offset;

		memcpy(&offset, offsets.p + i * sizeof(offset), sizeof(offset));
		st = chain_read(v, offset, f->commit - i, at, err);
		if (st == SHEAF_OK)
			st = pages_walk(pages, at, page_take, &b, err);
		if (st == SHEAF_CANCELLED)
			st = b.status;
	}
	if (st == SHEAF_OK)
		st = builder_finish(&b, err);
	for (int w = 0; w < INDEX_COUNT; w++)
		buf_done(&b.entries[w]);
	buf_done(&offsets);
	free(at);
	if (st != SHEAF_OK)
		tail_done(out);
	return st;
}

void tail_done(struct tail *t)
{
	for (int w = 0; w < INDEX_COUNT; w++)
		free(t->entries[w]);
	memset(t, 0, sizeof(*t));
}

enum sheaf_status tail_find(const struct tail *t, enum index_which which,
			    uint64_t key, unsigned int bits, struct hits *h,
			    struct sheaf_error *err)
{
	const struct index_entry *e = t->entries[which];
	uint64_t mask = ~(uint64_t)0 << (KEY_BITS - bits);
	size_t low = 0, high = t->count[which];
	enum sheaf_status st = SHEAF_OK;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (e[middle].key < (key & mask))
			low = middle + 1;
		else
			high = middle;
	}
	for (; st == SHEAF_OK && low < t->count[which] &&
	       (e[low].key & mask) == (key & mask);
	     low++)
		st = hits_add(h, &e[low], err);
	return st;
}
