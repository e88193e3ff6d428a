/*
 * fuzz_html.c - any bytes as a web page
 *
 * Its text is UTF-8 without a NUL, and no longer than what becomes of bytes
 * that are no character, three for one.
 */
#include "fields_check.h"
#include "formats/format.h"
#include "formats/html/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void body_check(const uint8_t *p, size_t len)
{
	struct sheaf_str html = { "html", 4 }, text;
	struct buf buf = { 0 };

	need(format_body(html, p, len, &buf, &text, NULL) == SHEAF_OK);
	need(utf8_valid(text.p, text.len) && text.len <= 3 * len + 1);
	need(text.len == 0 || !memchr(text.p, '\0', text.len));
	buf_done(&buf);
}

/* the pieces of a page are all of it */
static void pieces_check(const uint8_t *p, size_t len)
{
	struct html_scan scan = { .p = p, .len = len };
	struct html_piece piece;
	size_t at = 0;

	while (html_next(&scan, &piece)) {
		need(piece.from == at && piece.to > at && piece.to <= len);
		need(piece.tag <= piece.to);
		at = piece.to;
	}
	need(at == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct sheaf_str name = { "a.txt", 5 };

	sheaf_format_guess(name, p, len);
	parse_check("html", p, len);
	pieces_check(p, len);
	body_check(p, len);
	return 0;
}
