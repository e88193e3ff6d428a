/*
 * cut.c - the few elements of a page that tell of it
 *
 * gumbo builds a tree of all that it is given, takes ten times its size for it,
 * and time that grows with the square of its depth: 100,000 open <div> are
 * 10 seconds.  What tells of a page are a dozen elements that hold none
 * themselves, so they are found here, and gumbo reads only them.
 */
#include "formats/html/html.h"

#include <string.h>
#include <strings.h>

struct cut {
	struct html_scan page;
	struct buf *out;
	size_t tags; /* bytes of tags that were taken */
	bool full, title;
};

static void take(struct cut *c, const struct html_piece *piece)
{
	size_t tag = piece->tag - piece->from, all = piece->to - piece->from;

	if (all > HTML_PARTS_MAX - c->out->len || tag > HTML_TAG_MAX ||
	    tag > HTML_TAGS_MAX - c->tags) {
		c->full = true;
		return;
	}
	c->tags += tag;
	buf_bytes(c->out, c->page.p + piece->from, all);
}

/* does the piece's tag */
static bool says(const struct cut *c, const struct html_piece *piece,
		 const char *what)
{
	size_t n = strlen(what);

	for (size_t at = piece->from; at + n <= piece->tag; at++) {
		if ((c->page.p[at] | 0x20) == what[0] &&
		    strncasecmp((const char *)c->page.p + at, what, n) == 0)
			return true;
	}
	return false;
}

/* the title and JSON-LD are taken */
static bool is_wanted_raw(struct cut *c, const struct html_piece *piece)
{
	bool had = c->title;

	if (html_piece_is(&c->page, piece, "script"))
		return says(c, piece, "ld+json");
	if (!html_piece_is(&c->page, piece, "title"))
		return false;
	c->title = true;
	return !had;
}

static bool is_wanted_tag(const struct cut *c, const struct html_piece *piece)
{
	return html_piece_is(&c->page, piece, "meta") ||
	       html_piece_is(&c->page, piece, "html") ||
	       (html_piece_is(&c->page, piece, "link") &&
		says(c, piece, "canonical"));
}

enum sheaf_status html_cut(struct buf *out, const uint8_t *p, size_t len,
			   bool *all)
{
	struct cut c = { .page = { .p = p, .len = len }, .out = out };
	struct html_piece piece;

	while (!out->bad && html_next(&c.page, &piece)) {
		if ((piece.kind == HTML_RAW && is_wanted_raw(&c, &piece)) ||
		    (piece.kind == HTML_TAG && is_wanted_tag(&c, &piece)))
			take(&c, &piece);
	}
	*all = !c.full;
	return out->bad ? SHEAF_NOMEM : SHEAF_OK;
}
