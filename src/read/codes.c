/*
 * codes.c - the list of outlets, languages, formats, categories, tags by their
 * numbers
 *
 * Read when a listing or filter first needs it: a lookup by id never does.
 */
#include "read/codes.h"

#include <stdlib.h>

#include "formats/sheaf/limits.h"
#include "formats/sheaf/strings.h"

static enum sheaf_status page_read(struct codes *c, const struct view *v,
				   uint64_t offset, uint32_t end,
				   struct strings_page *page,
				   struct sheaf_error *err)
{
	struct buf in = { 0 };
	enum sheaf_status st;

	st = view_frame(v, offset, FRAME_STRINGS, STRINGS_MAX + 1024, &in, err);
	if (st == SHEAF_OK)
		st = strings_get(in.p, in.len, offset, page, err);
	buf_done(&in);
	if (st != SHEAF_OK)
		return st;
	/* [S-20]: without gap or overlap, backwards in the file */
	if (page->first > end || end - page->first != page->count ||
	    (page->first != 0 && page->previous >= offset))
		return fail_at(err, SHEAF_CORRUPT, offset,
			       "strings: do not continue those before");
	for (uint32_t i = 0; i < page->count; i++)
		c->strings[page->first + i] = page->strings[i];
	return SHEAF_OK;
}

enum sheaf_status codes_read(struct codes *out, const struct view *v,
			     const struct footer *f, struct sheaf_error *err)
{
	uint64_t offset = f->strings_offset;
	uint32_t end = (uint32_t)f->strings_count;
	enum sheaf_status st = SHEAF_OK;
	struct codes c = { 0 };

	*out = c;
	if (end == 0)
		return SHEAF_OK;
	/* a string takes two bytes at least, so this is bounded by the file */
	if (f->strings_count > STRINGS_TOTAL || f->strings_count > v->end)
		return fail(err, SHEAF_CORRUPT, "footer: too many strings");
	c.count = end;
	c.strings = calloc(end, sizeof(*c.strings));
	c.pages = calloc(CHAIN_MAX, sizeof(*c.pages));
	if (c.strings == NULL || c.pages == NULL)
		st = fail_nomem(err);
	while (st == SHEAF_OK && end != 0) {
		struct strings_page *page;

		if (c.page_count == CHAIN_MAX) {
			st = fail_at(err, SHEAF_CORRUPT, offset,
				     "strings: in too many pages");
			break;
		}
		page = &c.pages[c.page_count++];
		st = page_read(&c, v, offset, end, page, err);
		end = page->first;
		offset = page->previous;
	}
	if (st == SHEAF_OK)
		*out = c;
	else
		codes_done(&c);
	return st;
}

void codes_done(struct codes *c)
{
	for (unsigned int i = 0; i < c->page_count; i++)
		strings_done(&c->pages[i]);
	free(c->pages);
	free(c->strings);
	c->pages = NULL;
	c->strings = NULL;
	c->page_count = 0;
	c->count = 0;
}
