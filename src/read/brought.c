/*
 * brought.c - places back to the records that brought the articles there
 *
 * No table leads from an article to its records. Similar articles are found by
 * what they are, and must then be shown under a name.
 */
#include "read/brought.h"

#include <stdlib.h>
#include <string.h>

#include "read/places.h"

struct segment_list {
	struct brought *list; /* that lie in this segment */
	size_t count;
};

static int by_place(const void *a, const void *b)
{
	const struct brought *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static int page_search(struct page *page, void *arg)
{
	const struct segment_list *s = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		struct brought key = { .place = page->table.records[i].place };
		struct brought *b =
			bsearch(&key, s->list, s->count, sizeof(key), by_place);

		if (b == NULL || b->found)
			continue;
		b->found = true;
		b->ref.page = page->table.offset;
		b->ref.slot = i;
	}
	return 0;
}

enum sheaf_status brought_find(struct sheaf_corpus *c, struct brought *list,
			       size_t count, struct sheaf_error *err)
{
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st = SHEAF_OK;

	if (f == NULL)
		return fail_nomem(err);
	memcpy(f, &c->footer, sizeof(*f));
	while (count != 0) {
		struct segment_list s = { 0 };

		for (; count != 0 && list[count - 1].place.block >= f->start;
		     s.count++)
			count--;
		s.list = list + count;
		if (s.count != 0)
			st = pages_walk(c->pages, f, page_search, &s, err);
		if (st != SHEAF_OK || f->previous == 0)
			break;
		st = chain_previous(&c->view, f, f, err);
		if (st != SHEAF_OK)
			break;
	}
	free(f);
	return st;
}
