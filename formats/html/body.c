/*
 * body.c - the text of a page, its tags taken off
 *
 * About what a browser shows, in the order of the page, as lines: no rule here
 * knows which of it is the article and which are menus.  No tree is built, so
 * that a page of any size costs one pass; gumbo only decodes the character
 * references (tree.c).
 */
#include "formats/html/html.h"

#include <string.h>

/* bytes decoded at once, for gumbo's memory; the next piece begins at white
 * space or "&", so that no reference is cut in two */
enum { TEXT_PIECE = 64 << 10 };

/* what is owed in front of the next character */
enum gap { GAP_NONE, GAP_BLANK, GAP_LINE, GAP_EMPTY_LINE };

struct body {
	struct html_scan page; /* UTF-8 */
	struct buf *out;
	struct buf text; /* references to be decoded */
	enum gap gap;
	bool any;  /* something was written */
	bool pre;  /* within <pre>: white space stays */
	bool skip; /* within <noscript> */
};

static const char *const lines[] = {
	"address", "aside", "br",     "button",	 "caption",
	"center",  "dd",    "dt",     "figure",	 "figcaption",
	"footer",  "form",  "header", "legend",	 "li",
	"main",	   "nav",   "option", "summary", "tr",
};

static const char *const paragraphs[] = {
	"article", "blockquote", "body",    "details", "div", "dl", "h1",
	"h2",	   "h3",	 "h4",	    "h5",      "h6",  "hr", "ol",
	"p",	   "pre",	 "section", "table",   "ul",
};

static const char *const cells[] = { "td", "th", "img", "input" };

static bool is_any(const struct body *b, const struct html_piece *piece,
		   const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (html_piece_is(&b->page, piece, names[i]))
			return true;
	return false;
}

static void gap_owe(struct body *b, enum gap gap)
{
	if (gap > b->gap)
		b->gap = gap;
}

static void gap_write(struct body *b)
{
	static const char *const gaps[] = { "", " ", "\n", "\n\n" };

	if (b->any)
		buf_bytes(&b->text, gaps[b->gap], strlen(gaps[b->gap]));
	b->any = true;
	b->gap = GAP_NONE;
}

static enum sheaf_status flush(struct body *b)
{
	enum sheaf_status st = SHEAF_OK;

	if (b->text.bad)
		return SHEAF_NOMEM;
	if (b->text.len > 0 && memchr(b->text.p, '&', b->text.len))
		st = html_text_read(b->out, b->text.p, b->text.len);
	else if (b->text.len > 0)
		buf_bytes(b->out, b->text.p, b->text.len);
	buf_clear(&b->text);
	return b->out->bad ? SHEAF_NOMEM : st;
}

/* a "<" that is text must not make a tag of what is put behind it; a NUL is no
 * character, whether gumbo sees it or not */
static void char_write(struct body *b, uint8_t c)
{
	gap_write(b);
	if (c == '<')
		buf_bytes(&b->text, "&lt;", 4);
	else if (c == '\0')
		buf_bytes(&b->text, "\xef\xbf\xbd", 3);
	else
		buf_u8(&b->text, c);
}

static enum sheaf_status text(struct body *b, const struct html_piece *piece)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = piece->from; st == SHEAF_OK && i < piece->to; i++) {
		uint8_t c = b->page.p[i];
		bool space = c == ' ' || (c >= '\t' && c <= '\r');

		if (b->text.len > (size_t)2 * TEXT_PIECE ||
		    ((space || c == '&') && b->text.len > TEXT_PIECE))
			st = flush(b);
		if (!space || (b->pre && b->gap == GAP_NONE && c != '\r'))
			char_write(b, c);
		else if (!b->pre)
			gap_owe(b, GAP_BLANK);
	}
	return st;
}

static void tag(struct body *b, const struct html_piece *piece)
{
	if (html_piece_is(&b->page, piece, "noscript"))
		b->skip = piece->kind == HTML_TAG;
	if (html_piece_is(&b->page, piece, "pre"))
		b->pre = piece->kind == HTML_TAG;
	if (is_any(b, piece, cells, sizeof(cells) / sizeof(cells[0])))
		gap_owe(b, GAP_BLANK);
	else if (is_any(b, piece, lines, sizeof(lines) / sizeof(lines[0])))
		gap_owe(b, GAP_LINE);
	else if (is_any(b, piece, paragraphs,
			sizeof(paragraphs) / sizeof(paragraphs[0])))
		gap_owe(b, GAP_EMPTY_LINE);
}

enum sheaf_status html_body(struct buf *out, const uint8_t *p, size_t len)
{
	struct body b = { .page = { .p = p, .len = len }, .out = out };
	enum sheaf_status st = SHEAF_OK;
	struct html_piece piece;

	while (st == SHEAF_OK && html_next(&b.page, &piece)) {
		if (piece.kind == HTML_TAG || piece.kind == HTML_END)
			tag(&b, &piece);
		else if (piece.kind == HTML_TEXT && !b.skip)
			st = text(&b, &piece);
	}
	if (b.any)
		buf_u8(&b.text, '\n');
	if (st == SHEAF_OK)
		st = flush(&b);
	buf_done(&b.text);
	return st;
}
