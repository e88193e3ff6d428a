/*
 * tables.c - the record pages of a commit
 *
 * After the blocks, when every article's place is known.  Entries come one by
 * one, by name; no more than a page of them is held here.
 */
#include "write/tables.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "read/tail.h"

/* A page of 512 records of 40-byte names is about 20 KB, packed 6 to 10: large
 * enough for zstd to find what names share, small enough to decode in some 30
 * us. */
#define PAGE_RECORDS 512
#define PAGE_NAMES ((size_t)64 << 10)
/* The 24,262 records of 80 MB of press releases take 75 ms to write at level
 * 12, 94 at 15 and 169 at 19; they are 1.7 KB larger than at 19, at 15 0.8.
 * They are made twice (commit.c). */
#define PAGE_LEVEL 12

/* what the page at hand has to know of the record before it */
struct before {
	struct buf name;
	bool has_older;
	struct record_ref older;
	struct record_ref origin; /* the last own name of this commit */
};

struct work {
	struct segment *segment;
	const struct tables_input *in;
	struct buf bytes;	     /* of the page's entries, end to end */
	struct buf ends;	     /* size_t: where each ends */
	size_t names;		     /* bytes of their names */
	struct buf codes;	     /* of their lists */
	struct entry *entries;	     /* PAGE_RECORDS */
	struct page_record *records; /* the same */
	struct before before;
	struct buf frame;
	uint32_t pages; /* so far */
};

static size_t page_count(const struct work *w)
{
	return w->ends.len / sizeof(size_t);
}

static bool page_has_room(const struct work *w, size_t name)
{
	size_t n = page_count(w);

	return n < PAGE_RECORDS && (n == 0 || w->names + name <= PAGE_NAMES);
}

static enum sheaf_status page_add(struct work *w, const uint8_t *p, size_t len,
				  struct sheaf_error *err)
{
	buf_bytes(&w->bytes, p, len);
	buf_bytes(&w->ends, &w->bytes.len, sizeof(w->bytes.len));
	w->names += entry_name(p).len;
	return w->bytes.bad || w->ends.bad ? fail_nomem(err) : SHEAF_OK;
}

/* bytes to entries, whose articles have their places now */
static enum sheaf_status entries_decode(struct work *w, struct sheaf_error *err)
{
	const size_t *ends = (const size_t *)(const void *)w->ends.p;
	uint32_t *codes;
	size_t at = 0;
	enum sheaf_status st = SHEAF_OK;

	buf_clear(&w->codes);
	codes = (uint32_t *)(void *)buf_room(&w->codes,
					     w->bytes.len * sizeof(*codes));
	if (codes == NULL)
		return fail_nomem(err);
	for (size_t i = 0; st == SHEAF_OK && i < page_count(w); i++) {
		struct entry *e = &w->entries[i];

		st = entry_get(w->bytes.p + at, ends[i] - at, codes + at, e,
			       err);
		at = ends[i];
		e->record.place = e->origin.place;
		if (st == SHEAF_OK && e->origin.is_fresh)
			e->record.place =
				w->in->place(w->in->place_arg, e->origin.fresh);
		e->record.place.block =
			late_where(w->in->late, e->record.place.block);
	}
	return st;
}

static bool same_name(const struct entry *a, struct sheaf_str b)
{
	return a->name.len == b.len && memcmp(a->name.p, b.p, b.len) == 0;
}

/* where the name of entry @i is spelled: here, in an older page, or in one of
 * this commit */
static void name_set(struct work *w, size_t i)
{
	const struct before *b = &w->before;
	struct sheaf_str before = { (const char *)b->name.p, b->name.len };
	struct entry *e = &w->entries[i];
	struct page_record *r = &e->record;

	r->name = e->name;
	r->name_kind = NAME_OWN;
	if (e->has_older) {
		r->name_kind = NAME_OLDER;
		r->older = e->older;
	}
	if (i != 0)
		before = w->entries[i - 1].name;
	if (before.len == 0 || !same_name(e, before))
		return;
	r->name_kind = NAME_SAME;
	if (i == 0) {
		/* the page before spells it, or says where it is spelled */
		r->name_kind = NAME_OLDER;
		r->older = b->has_older ? b->older : b->origin;
	}
}

static enum sheaf_status before_set(struct before *b, const struct entry *last,
				    struct sheaf_error *err)
{
	buf_clear(&b->name);
	buf_bytes(&b->name, last->name.p, last->name.len);
	b->has_older = last->has_older;
	b->older = last->older;
	return b->name.bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status page_write(struct work *w, struct sheaf_error *err)
{
	struct segment *s = w->segment;
	struct record_page page = { .offset = s->at,
				    .commit = w->in->commit,
				    .has_keys = w->in->keys,
				    .count = (uint32_t)page_count(w),
				    .records = w->records };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < page.count; i++) {
		struct page_record *r = &w->records[i];

		name_set(w, i);
		*r = w->entries[i].record;
		if (r->name_kind == NAME_OWN)
			w->before.origin =
				(struct record_ref){ s->at, (uint32_t)i };
		if (r->commit == 0)
			r->commit = w->in->commit;
		if (r->commit < page.commit)
			page.commit = r->commit;
		r->id_prefix = index_key_of_id(w->entries[i].id);
	}
	if (w->in->stride == 0 || w->pages++ % w->in->stride == 0) {
		buf_clear(&w->frame);
		st = records_put(&w->frame, &page, PAGE_LEVEL, err);
	}
	return st == SHEAF_OK ? segment_frame(s, &w->frame, err) : st;
}

/* the page at hand, into the segment */
static enum sheaf_status page_finish(struct work *w, struct sheaf_error *err)
{
	struct record_ref ref = { .page = w->segment->at };
	size_t n = page_count(w);
	enum sheaf_status st;

	if (n == 0)
		return SHEAF_OK;
	st = entries_decode(w, err);
	if (st == SHEAF_OK)
		st = page_write(w, err);
	if (st == SHEAF_OK)
		st = before_set(&w->before, &w->entries[n - 1], err);
	for (size_t i = 0; st == SHEAF_OK && w->in->each != NULL && i < n;
	     i++) {
		ref.slot = (uint32_t)i;
		st = w->in->each(&w->entries[i], ref, w->in->each_arg, err);
	}
	buf_clear(&w->bytes);
	buf_clear(&w->ends);
	w->names = 0;
	return st;
}

static enum sheaf_status pages_write(struct work *w, struct sheaf_error *err)
{
	const uint8_t *p;
	size_t len;
	enum sheaf_status st = entries_start(w->in->entries, err);

	while (st == SHEAF_OK) {
		st = entries_next(w->in->entries, &p, &len, err);
		if (st == SHEAF_OK && !page_has_room(w, entry_name(p).len))
			st = page_finish(w, err);
		if (st == SHEAF_OK)
			st = page_add(w, p, len, err);
	}
	return st == SHEAF_NOT_FOUND ? page_finish(w, err) : st;
}

enum sheaf_status tables_records(struct segment *s,
				 const struct tables_input *in,
				 uint64_t *offset, uint64_t *bytes,
				 struct sheaf_error *err)
{
	struct work w = { .segment = s, .in = in };
	uint64_t start = s->at;
	enum sheaf_status st;

	w.entries = calloc(PAGE_RECORDS, sizeof(*w.entries));
	w.records = calloc(PAGE_RECORDS, sizeof(*w.records));
	if (w.entries == NULL || w.records == NULL)
		st = fail_nomem(err);
	else
		st = pages_write(&w, err);
	*bytes = s->at - start;
	*offset = *bytes != 0 ? start : 0;
	buf_done(&w.bytes);
	buf_done(&w.ends);
	buf_done(&w.codes);
	buf_done(&w.frame);
	buf_done(&w.before.name);
	free(w.entries);
	free(w.records);
	return st;
}
