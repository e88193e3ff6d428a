/*
 * read.c - a web page: the fields that it tells of itself
 *
 * Called through the list in formats/format.c.  A page is stored byte for byte;
 * of it are read the elements that html_cut() finds, by one table of keys.
 */
#include "formats/html/html.h"

#include <string.h>
#include <strings.h>

#include "base/fail.h"

enum { GUESS_WITHIN = 1024 };

/* encodings in which "<" may be part of another character */
static bool is_wide(const char *charset)
{
	return strncmp(charset, "utf-16", 6) == 0 ||
	       strncmp(charset, "iso-2022", 8) == 0 ||
	       strncmp(charset, "hz", 2) == 0 ||
	       strncmp(charset, "utf-7", 5) == 0;
}

/* the elements that tell of the page, as UTF-8 */
static enum sheaf_status parts_find(struct buf *parts, const void *bytes,
				    size_t len, struct format_warning *warning)
{
	char charset[HTML_CHARSET_MAX + 1];
	struct buf first = { 0 };
	bool known = true, all = true;
	enum sheaf_status st;

	html_charset(bytes, len, charset);
	if (is_wide(charset)) {
		st = html_decode(&first, bytes, len, charset, &known);
		if (st == SHEAF_OK && known)
			st = html_cut(parts, first.p, first.len, &all);
	} else {
		st = html_cut(&first, bytes, len, &all);
		if (st == SHEAF_OK)
			st = html_decode(parts, first.p, first.len, charset,
					 &known);
	}
	buf_done(&first);
	if (st == SHEAF_OK && !known)
		format_warn(warning, "its encoding is not known: %s", charset);
	if (st == SHEAF_OK && !all)
		format_warn(warning, "too many tags that tell of it: some "
				     "are not read");
	return st;
}

static enum sheaf_status html_parse(struct sheaf_str param, const void *bytes,
				    size_t len, struct fields *fields,
				    struct format_warning *warning,
				    struct sheaf_error *err)
{
	struct values values = { .keys = html_keys };
	struct buf parts = { 0 };
	enum sheaf_status st;

	(void)param;
	if (len == 0)
		return SHEAF_OK;
	st = parts_find(&parts, bytes, len, warning);
	if (st == SHEAF_OK && parts.len > 0)
		st = html_tree_read(&values, parts.p, parts.len, warning);
	if (st == SHEAF_OK)
		st = values_put(&values, fields, warning);
	if (st == SHEAF_OK)
		st = values_put_host(fields);
	values_done(&values);
	buf_done(&parts);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* the page without its tags */
static enum sheaf_status html_page_body(struct sheaf_str param,
					const void *bytes, size_t len,
					struct buf *buf, struct sheaf_str *out,
					struct sheaf_error *err)
{
	char charset[HTML_CHARSET_MAX + 1];
	struct buf page = { 0 };
	bool known;
	enum sheaf_status st;

	(void)param;
	html_charset(bytes, len, charset);
	st = html_decode(&page, bytes, len, charset, &known);
	if (st == SHEAF_OK && !known)
		st = html_decode(&page, bytes, len, "utf-8", &known);
	/* the byte order mark, as a character */
	if (st == SHEAF_OK && page.len >= 3 &&
	    memcmp(page.p, "\xef\xbb\xbf", 3) == 0)
		st = html_body(buf, page.p + 3, page.len - 3);
	else if (st == SHEAF_OK)
		st = html_body(buf, page.p, page.len);
	buf_done(&page);
	*out = (struct sheaf_str){ buf->len ? (const char *)buf->p : "",
				   buf->len };
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* bytes of blanks, comments and processing instructions that @p begins with */
static size_t skip_misc(const char *p, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *end;

		if (strchr(" \t\r\n\f", p[at]) && p[at]) {
			at++;
			continue;
		}
		if (len - at > 4 && memcmp(p + at, "<!--", 4) == 0)
			end = memmem(p + at, len - at, "-->", 3);
		else if (len - at > 2 && memcmp(p + at, "<?", 2) == 0)
			end = memchr(p + at, '>', len - at);
		else
			break;
		if (!end)
			break;
		at = (size_t)(end - p) + (*end == '-' ? 3 : 1);
	}
	return at;
}

static bool is_named(struct sheaf_str name)
{
	static const char *const endings[] = { ".html", ".htm", ".xhtml" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (name.len >= n &&
		    strncasecmp(name.p + name.len - n, endings[i], n) == 0)
			return true;
	}
	return false;
}

/* by its name; or a document type or the first tag, behind a byte order mark
 * and comments */
static bool html_guess(struct sheaf_str name, const void *bytes, size_t len)
{
	static const char *const begins[] = { "<!doctype html", "<html" };
	const char *p = bytes;
	size_t at;

	if (is_named(name))
		return true;
	if (len > GUESS_WITHIN)
		len = GUESS_WITHIN;
	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		len -= 3;
	}
	at = skip_misc(p, len);
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		size_t n = strlen(begins[i]);

		if (len - at > n && strncasecmp(p + at, begins[i], n) == 0 &&
		    strchr(" \t\r\n\f>/", p[at + n]) && p[at + n])
			return true;
	}
	return false;
}

const struct format format_html = {
	.name = "html",
	.guess = html_guess,
	.parse = html_parse,
	.body = html_page_body,
};
