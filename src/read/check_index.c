/*
 * check_index.c - the entries of whatever index pages are whole
 *
 * For verify and salvage, where a layer can't be walked as readers do.  Places
 * never change, so the pages of layers that were merged since tell the truth
 * as well.
 */
#include <stdlib.h>
#include <string.h>

#include "read/check.h"

#define ROOT_MAX (INDEX_PAGE_MAX * 16)

/* the root whose pages are at hand: a writer puts it behind them */
struct shelf {
	struct buf frame;
	struct index_root root;
	bool whole;
};

static void shelf_clear(struct shelf *s)
{
	index_root_done(&s->root);
	memset(&s->root, 0, sizeof(s->root));
	s->whole = false;
}

static enum sheaf_status root_load(struct check *c, const struct seen_table *t,
				   struct shelf *s)
{
	struct sheaf_error why;
	enum sheaf_status st;

	shelf_clear(s);
	st = view_frame(&c->view, t->offset, FRAME_INDEX_ROOT, ROOT_MAX,
			&s->frame, &why);
	if (st == SHEAF_OK)
		st = index_root_get(s->frame.p, s->frame.len, t->offset,
				    &s->root, &why);
	s->whole = st == SHEAF_OK;
	if (st != SHEAF_OK && st != SHEAF_CORRUPT && c->err != NULL)
		*c->err = why;
	return st == SHEAF_CORRUPT ? SHEAF_OK : st;
}

static bool is_of(const struct shelf *s, uint64_t offset)
{
	return s->whole && offset >= s->root.pages[0] &&
	       offset < s->root.pages[(size_t)1 << s->root.p];
}

/* from table @i on there are only pages up to *end: what comes then may be
 * their root */
static enum sheaf_status run_start(struct check *c, size_t i, size_t *end,
				   struct shelf *s)
{
	const struct seen_table *t =
		(const struct seen_table *)(void *)c->tables.p;
	size_t n = c->tables.len / sizeof(*t);

	while (i < n && t[i].kind == FRAME_INDEX_PAGE)
		i++;
	*end = i;
	shelf_clear(s);
	return i < n && t[i].kind == FRAME_INDEX_ROOT ? root_load(c, &t[i], s) :
							SHEAF_OK;
}

static enum sheaf_status page_walk(struct check *c, const struct buf *frame,
				   uint64_t offset, const struct shelf *s,
				   enum index_which which, index_entry_fn *fn,
				   void *arg)
{
	struct index_page page;
	struct index_entry e;
	struct sheaf_error why;
	enum sheaf_status st;

	st = index_page_get(frame->p, frame->len, offset, &page, &why);
	if (st == SHEAF_OK && page.which != which)
		return SHEAF_OK;
	if (st == SHEAF_OK && page.way == WAY_ROOT)
		st = is_of(s, offset) && s->root.which == which ?
			     index_page_bind(&page, &s->root, offset, &why) :
			     SHEAF_CORRUPT;
	if (st == SHEAF_CORRUPT)
		return SHEAF_OK;
	if (st != SHEAF_OK) {
		if (c->err != NULL)
			*c->err = why;
		return st;
	}
	for (uint32_t i = 0; i < page.count; i++) {
		index_page_entry(&page, i, &e);
		if (fn(&e, arg) != 0)
			return SHEAF_CANCELLED;
	}
	return SHEAF_OK;
}

enum sheaf_status check_index_walk(struct check *c, enum index_which which,
				   index_entry_fn *fn, void *arg)
{
	const struct seen_table *t =
		(const struct seen_table *)(void *)c->tables.p;
	size_t n = c->tables.len / sizeof(*t);
	size_t run_end = 0;
	struct shelf shelf = { 0 };
	struct buf frame = { 0 };
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		if (t[i].kind != FRAME_INDEX_PAGE)
			continue;
		if (i >= run_end)
			st = run_start(c, i, &run_end, &shelf);
		if (st == SHEAF_OK)
			st = view_frame(&c->view, t[i].offset, FRAME_INDEX_PAGE,
					INDEX_PAGE_MAX, &frame, c->err);
		if (st == SHEAF_OK)
			st = page_walk(c, &frame, t[i].offset, &shelf, which,
				       fn, arg);
	}
	shelf_clear(&shelf);
	buf_done(&shelf.frame);
	buf_done(&frame);
	return st;
}
