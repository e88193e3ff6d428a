/*
 * hidden.c - how many records and articles are hidden
 *
 * The footers count all of them alike, so this is for those who read all record
 * pages anyway.  An article is hidden that came in one segment with a hidden
 * record of it.  Takes 16 bytes a hidden record of one segment.
 */
#include "read/hidden.h"

#include <stdlib.h>

#include <sheaf/format.h>

#include "read/gone.h"

struct seen {
	uint64_t block;
	uint32_t slot, size;
};

static int by_place(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static enum sheaf_status record_take(struct hidden *h,
				     const struct page_record *r,
				     struct sheaf_error *err)
{
	const struct seen seen = { r->place.block, r->place.slot,
				   (uint32_t)r->size };
	enum sheaf_status st;
	bool gone;

	/* of a compacted file: of a commit behind the one shown */
	if (h->corpus->as_of != 0 && r->commit > h->corpus->as_of)
		return SHEAF_OK;
	if (r->place.block >= h->segment)
		buf_bytes(&h->seen, &seen, sizeof(seen));
	st = gone_has(h->corpus, r->place, &gone, err);
	if (st == SHEAF_OK && !gone)
		h->records++;
	return st;
}

enum sheaf_status hidden_page(struct hidden *h, const struct record_page *page,
			      struct sheaf_error *err)
{
	const struct codes *codes;
	enum sheaf_status st = corpus_codes(h->corpus, &codes, err);

	for (uint32_t i = 0; st == SHEAF_OK && i < page->count; i++) {
		const struct page_record *r = &page->records[i];

		if (r->format >= codes->count)
			st = fail_at(err, SHEAF_CORRUPT, page->offset,
				     "record: a string that does not exist");
		else if (sheaf_format_hides(codes->strings[r->format]))
			st = record_take(h, r, err);
	}
	return st;
}

enum sheaf_status hidden_segment(struct hidden *h, uint64_t end,
				 struct sheaf_error *err)
{
	size_t n = h->seen.len / sizeof(struct seen);
	struct seen *s = (struct seen *)h->seen.p;

	if (h->seen.bad)
		return fail_nomem(err);
	if (n != 0)
		qsort(s, n, sizeof(*s), by_place);
	for (size_t i = 0; i < n; i++) {
		if (i != 0 && by_place(&s[i], &s[i - 1]) == 0)
			continue;
		h->articles++;
		h->bytes += s[i].size;
	}
	buf_clear(&h->seen);
	h->segment = end;
	return SHEAF_OK;
}

void hidden_done(struct hidden *h)
{
	buf_done(&h->seen);
}
