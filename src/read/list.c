/*
 * list.c - every record that a filter takes
 *
 * Flow 2's start: from the record pages, segment by segment, to whoever prints,
 * extracts or exports. A first pass over the pages finds which record of a name
 * is the newest; only names with several versions cost memory.
 */
#include <stdlib.h>
#include <string.h>

#include "read/gone.h"
#include "read/list.h"
#include "read/row.h"
#include "read/take.h"

struct version {
	struct record_ref origin, newest;
};

struct listing {
	struct sheaf_corpus *corpus;
	const struct sheaf_filter *filter;
	list_fn *fn;
	void *arg;
	struct buf footers;  /* offsets, newest first */
	struct buf versions; /* struct version, sorted by origin after the first
				pass */
	struct row row;
	struct sheaf_bytes scratch;
	enum sheaf_status status; /* why a walk was stopped */
	struct sheaf_error *err;
};

static int ref_compare(struct record_ref a, struct record_ref b)
{
	if (a.page != b.page)
		return a.page < b.page ? -1 : 1;
	return a.slot < b.slot ? -1 : a.slot > b.slot;
}

static int by_origin_newest_first(const void *a, const void *b)
{
	const struct version *x = a, *y = b;
	int c = ref_compare(x->origin, y->origin);

	return c != 0 ? c : ref_compare(y->newest, x->newest);
}

static int by_origin(const void *a, const void *b)
{
	const struct version *x = a, *y = b;

	return ref_compare(x->origin, y->origin);
}

/* of a compacted file: is the record of a commit behind the one shown */
static bool is_later(const struct sheaf_corpus *c, const struct page_record *r)
{
	return c->as_of != 0 && r->commit > c->as_of;
}

/* the first pass: which names have more than one record */
static int versions_take(struct page *page, void *arg)
{
	struct listing *l = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		struct version v = { pages_origin(page, i),
				     { page->table.offset, i } };
		bool gone;

		if (ref_compare(v.origin, v.newest) == 0 ||
		    is_later(l->corpus, &page->table.records[i]))
			continue;
		l->status = gone_has(l->corpus, page->table.records[i].place,
				     &gone, l->err);
		if (l->status != SHEAF_OK)
			return 1;
		if (!gone)
			buf_bytes(&l->versions, &v, sizeof(v));
	}
	return 0;
}

/* is the record at @self the newest of its name */
static bool is_latest(const struct listing *l, const struct page *page,
		      uint32_t slot)
{
	struct version self = { pages_origin(page, slot),
				{ page->table.offset, slot } };
	size_t n = l->versions.len / sizeof(self);
	const struct version *v = NULL;

	if (n != 0)
		v = bsearch(&self, l->versions.p, n, sizeof(self), by_origin);
	return v == NULL || ref_compare(v->newest, self.newest) == 0;
}

static enum sheaf_status record_show(struct listing *l, struct page *page,
				     uint32_t slot)
{
	struct sheaf_record *r = &l->row.record;
	bool gone, takes = true;
	enum sheaf_status st;

	if (is_later(l->corpus, &page->table.records[slot]))
		return SHEAF_OK;
	st = gone_has(l->corpus, page->table.records[slot].place, &gone,
		      l->err);
	if (st != SHEAF_OK || gone)
		return st;
	st = row_fill(&l->row, l->corpus, page, slot, l->err);
	if (st != SHEAF_OK)
		return st;
	r->is_latest = is_latest(l, page, slot);
	if (l->filter == NULL ? !r->is_latest :
				!r->is_latest && !l->filter->all_versions)
		return SHEAF_OK;
	if (l->filter != NULL)
		st = take_record(l->corpus, l->filter, r, &l->scratch, &takes,
				 l->err);
	if (st == SHEAF_OK && takes &&
	    l->fn(r, (struct record_ref){ page->table.offset, slot }, l->arg) !=
		    0)
		st = fail(l->err, SHEAF_CANCELLED, "stopped");
	return st;
}

static int page_show(struct page *page, void *arg)
{
	struct listing *l = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		l->status = record_show(l, page, i);
		if (l->status != SHEAF_OK)
			return 1;
	}
	return 0;
}

/* sort, and keep the newest of each name */
static void versions_sort(struct listing *l)
{
	struct version *v = (struct version *)l->versions.p;
	size_t n = l->versions.len / sizeof(*v), kept = 0;

	if (n != 0)
		qsort(v, n, sizeof(*v), by_origin_newest_first);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || ref_compare(v[i].origin, v[i - 1].origin) != 0)
			v[kept++] = v[i];
	l->versions.len = kept * sizeof(*v);
}

static enum sheaf_status first_pass(struct listing *l, struct footer *f)
{
	struct sheaf_corpus *c = l->corpus;
	enum sheaf_status st;

	memcpy(f, &c->footer, sizeof(*f));
	for (;;) {
		buf_bytes(&l->footers, &f->offset, sizeof(f->offset));
		st = pages_walk(c->pages, f, versions_take, l, l->err);
		if (st == SHEAF_CANCELLED)
			st = l->status;
		if (st != SHEAF_OK || f->previous == 0)
			break;
		st = chain_previous(&c->view, f, f, l->err);
		if (st != SHEAF_OK)
			break;
	}
	if (st == SHEAF_OK && (l->footers.bad || l->versions.bad))
		st = fail_nomem(l->err);
	if (st == SHEAF_OK)
		versions_sort(l);
	return st;
}

static enum sheaf_status second_pass(struct listing *l, struct footer *f)
{
	struct sheaf_corpus *c = l->corpus;
	size_t n = l->footers.len / sizeof(uint64_t);
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = n; i-- != 0 && st == SHEAF_OK;) {
		uint64_t offset;

		memcpy(&offset, l->footers.p + i * sizeof(offset),
		       sizeof(offset));
		st = chain_read(&c->view, offset, c->footer.commit - i, f,
				l->err);
		if (st == SHEAF_OK)
			st = pages_walk(c->pages, f, page_show, l, l->err);
		if (st == SHEAF_CANCELLED)
			st = l->status;
	}
	return st;
}

enum sheaf_status list_records(struct sheaf_corpus *c,
			       const struct sheaf_filter *filter, list_fn *fn,
			       void *arg, struct sheaf_error *err)
{
	struct listing *l = calloc(1, sizeof(*l));
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st;

	if (l == NULL || f == NULL) {
		free(l);
		free(f);
		return fail_nomem(err);
	}
	l->corpus = c;
	l->filter = filter;
	l->fn = fn;
	l->arg = arg;
	l->err = err;
	st = first_pass(l, f);
	if (st == SHEAF_OK)
		st = second_pass(l, f);
	row_done(&l->row);
	sheaf_bytes_done(&l->scratch);
	buf_done(&l->footers);
	buf_done(&l->versions);
	free(l);
	free(f);
	return st;
}

struct bare {
	sheaf_record_fn *fn;
	void *arg;
};

static int bare_take(const struct sheaf_record *r, struct record_ref ref,
		     void *arg)
{
	const struct bare *bare = arg;

	(void)ref;
	return bare->fn(r, bare->arg);
}

enum sheaf_status sheaf_list(struct sheaf_corpus *c,
			     const struct sheaf_filter *filter,
			     sheaf_record_fn *fn, void *arg,
			     struct sheaf_error *err)
{
	struct bare bare = { fn, arg };

	return list_records(c, filter, bare_take, &bare, err);
}
