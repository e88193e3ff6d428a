/*
 * page.c - the pages of a ZIM file, as plain as HTML gets
 *
 * An article is its title, a line of what its fields say, and its text as it
 * stands, lines kept: Markdown is made to be read so.
 */
#include <stdio.h>
#include <string.h>

#include "article/utf8.h"
#include "base/buf.h"
#include "formats/writer.h"
#include "formats/zim/zim.h"

static void put(struct buf *out, const char *html)
{
	buf_bytes(out, html, strlen(html));
}

static const char *escape_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'': /* who looks for links with a pattern finds none */
		return "&#39;";
	default:
		/* what HTML has no character for */
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
		    (c >= 0x7f && c < 0xa0))
			return "\xef\xbf\xbd";
		return NULL;
	}
}

void zim_page_text(struct buf *out, const void *text, size_t len)
{
	const uint8_t *p = text;

	for (size_t at = 0; at < len;) {
		uint32_t c = 0;
		size_t n = utf8_get(p + at, len - at, &c);
		const char *escape = escape_of(c);

		if (escape)
			put(out, escape);
		else
			buf_bytes(out, p + at, n);
		at += n > 0 ? n : 1;
	}
}

static void put_text(struct buf *out, const char *text)
{
	zim_page_text(out, text, strlen(text));
}

void zim_page_start(struct buf *out, const char *title)
{
	put(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\">"
		 "<meta name=\"viewport\" content=\"width=device-width\">"
		 "<title>");
	put_text(out, title);
	put(out, "</title></head>\n<body><h1>");
	put_text(out, title);
	put(out, "</h1>\n");
}

void zim_page_end(struct buf *out)
{
	put(out, "</body></html>\n");
}

/* as a part of a url's path: what is no letter, digit, "-", ".", "_", "/" in
 * percent signs */
static void put_path(struct buf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		uint8_t c = p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' ||
		    c == '_' || c == '/') {
			buf_u8(out, c);
			continue;
		}
		buf_u8(out, '%');
		buf_u8(out, (uint8_t)digits[c >> 4]);
		buf_u8(out, (uint8_t)digits[c & 15]);
	}
}

void zim_page_link(struct buf *out, int up, const void *path, size_t len,
		   const char *title)
{
	put(out, "<a href=\"");
	while (up-- > 0)
		put(out, "../");
	put_path(out, path, len);
	put(out, "\">");
	put_text(out, title);
	put(out, "</a>");
}

/* its outlet, date, address */
static void put_fields(struct buf *out, const struct sheaf_fields *fields)
{
	char time[WRITER_TIME_SIZE] = "";

	if (fields->has_date)
		writer_time(time, (struct sheaf_time){ .sec = fields->date });
	put(out, "<p>");
	zim_page_text(out, fields->outlet.p, fields->outlet.len);
	put(out, " ");
	put_text(out, time);
	put(out, " ");
	zim_page_text(out, fields->url.p, fields->url.len);
	put(out, "</p>\n");
}

void zim_page_article(struct buf *out, const struct writer_item *item,
		      const char *title)
{
	zim_page_start(out, title);
	put_fields(out, item->fields);
	put(out, "<div style=\"white-space:pre-wrap\">");
	zim_page_text(out, item->text, item->text_len);
	put(out, "</div>\n");
	zim_page_end(out);
}
