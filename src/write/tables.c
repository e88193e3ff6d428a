/*
 * tables.c - the record pages of a commit
 *
 * After the blocks, when every article's place is known.
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
#define PAGE_LEVEL 19

static int by_name(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a;
	const struct entry *y = *(struct entry *const *)b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int c = memcmp(x->name.p, y->name.p, len);

	if (c != 0)
		return c;
	if (x->name.len != y->name.len)
		return x->name.len < y->name.len ? -1 : 1;
	return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

static bool same_name(const struct entry *a, const struct entry *b)
{
	return a->name.len == b->name.len &&
	       memcmp(a->name.p, b->name.p, a->name.len) == 0;
}

/* where the name of @e is spelled: in an older page, or in one of this commit
 */
static void name_set(struct entry *e, const struct entry *before, bool first,
		     struct record_ref before_origin)
{
	struct page_record *r = &e->record;

	r->name = e->name;
	r->name_kind = NAME_OWN;
	if (e->has_older) {
		r->name_kind = NAME_OLDER;
		r->older = e->older;
	}
	if (before == NULL || !same_name(e, before))
		return;
	r->name_kind = NAME_SAME;
	if (first) {
		/* the page before spells it, or says where it is spelled */
		r->name_kind = NAME_OLDER;
		r->older = before->has_older ? before->older : before_origin;
	}
}

struct page_work {
	struct page_record *records; /* RECORDS of a page */
	struct buf frame;
};

static size_t page_length(struct entry **order, size_t count)
{
	size_t n = 0, names = 0;

	while (n < count && n < PAGE_RECORDS &&
	       (n == 0 || names + order[n]->name.len <= PAGE_NAMES))
		names += order[n++]->name.len;
	return n;
}

static enum sheaf_status page_write(struct segment *s, struct page_work *w,
				    struct entry **order, size_t n,
				    uint64_t commit, bool keys,
				    struct sheaf_error *err)
{
	struct record_page page = { .offset = s->at,
				    .commit = commit,
				    .has_keys = keys,
				    .count = (uint32_t)n,
				    .records = w->records };
	enum sheaf_status st;

	for (size_t i = 0; i < n; i++) {
		w->records[i] = order[i]->record;
		if (w->records[i].commit == 0)
			w->records[i].commit = commit;
		if (w->records[i].commit < page.commit)
			page.commit = w->records[i].commit;
		w->records[i].id_prefix = index_key_of_id(order[i]->id);
	}
	buf_clear(&w->frame);
	st = records_put(&w->frame, &page, PAGE_LEVEL, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &w->frame, err);
	return st;
}

enum sheaf_status tables_records(struct segment *s, struct entry **order,
				 size_t count, uint64_t commit, bool keys,
				 struct record_ref *refs, uint64_t *offset,
				 uint64_t *bytes, struct sheaf_error *err)
{
	struct page_work w = { 0 };
	struct record_ref origin = { 0 };
	enum sheaf_status st = SHEAF_OK;
	size_t n;

	w.records = calloc(PAGE_RECORDS, sizeof(*w.records));
	if (w.records == NULL)
		return fail_nomem(err);
	qsort(order, count, sizeof(*order), by_name);
	*offset = s->at;
	for (size_t at = 0; at < count && st == SHEAF_OK; at += n) {
		n = page_length(order + at, count - at);
		for (size_t i = at; i < at + n; i++) {
			const struct entry *before =
				i == 0 ? NULL : order[i - 1];

			refs[i].page = s->at;
			refs[i].slot = (uint32_t)(i - at);
			name_set(order[i], before, i == at, origin);
			if (order[i]->record.name_kind == NAME_OWN)
				origin = refs[i];
		}
		st = page_write(s, &w, order + at, n, commit, keys, err);
	}
	*bytes = s->at - *offset;
	if (count == 0)
		*offset = 0;
	buf_done(&w.frame);
	free(w.records);
	return st;
}
