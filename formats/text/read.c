/*
 * read.c - bare text, and everything that no other reader takes
 *
 * Called through the list in formats/format.c.  Text has no fields but what
 * its first and its last line say: see mapping.md.
 */
#include "formats/format.h"

#include <string.h>

#include "base/fail.h"
#include "formats/link.h"

enum { TITLE_MAX = 200 }; /* bytes: a longer first line is a paragraph */

static bool is_blank(struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] != ' ' && (s.p[i] < '\t' || s.p[i] > '\r'))
			return false;
	}
	return true;
}

/* takes a line off *s, which is not empty; false if it has no end */
static bool line_take(struct sheaf_str *s, struct sheaf_str *line)
{
	const char *nl = memchr(s->p, '\n', s->len);
	size_t n = nl ? (size_t)(nl - s->p) : s->len;

	*line = (struct sheaf_str){ s->p, n };
	n += nl ? 1 : 0;
	*s = (struct sheaf_str){ s->p + n, s->len - n };
	return nl;
}

/* the first line that is not blank, if a blank one follows it */
static struct sheaf_str title_find(struct sheaf_str s)
{
	const struct sheaf_str none = { NULL, 0 };
	struct sheaf_str title = none, after;

	while (s.len > 0 && is_blank(title))
		line_take(&s, &title);
	if (s.len == 0 || is_blank(title))
		return none;
	line_take(&s, &after);
	return is_blank(after) ? title : none;
}

static enum sheaf_status put_title(struct fields *f, struct sheaf_str s)
{
	enum sheaf_status st;

	/* what is long, a link or no text is no title: nothing to tell */
	s = title_find(s);
	while (s.len > 0 && is_blank((struct sheaf_str){ s.p + s.len - 1, 1 }))
		s.len--;
	if (s.len > TITLE_MAX || link_last_line(s.p, s.len).len > 0)
		return SHEAF_OK;
	st = fields_put(f, FIELD_TITLE, s.p, s.len);
	return st == SHEAF_CORRUPT ? SHEAF_OK : st;
}

static enum sheaf_status put_url(struct fields *f, struct sheaf_str s)
{
	struct sheaf_str url = link_last_line(s.p, s.len);
	char host[LINK_HOST_MAX];
	enum sheaf_status st;
	size_t len;

	if (url.len == 0)
		return SHEAF_OK;
	st = fields_put(f, FIELD_URL, url.p, url.len);
	len = link_host(url, host);
	if (st == SHEAF_OK && len > 0)
		st = fields_put(f, FIELD_OUTLET, host, len);
	return st;
}

static enum sheaf_status text_parse(struct sheaf_str param, const void *bytes,
				    size_t len, struct fields *fields,
				    struct format_warning *warning,
				    struct sheaf_error *err)
{
	struct sheaf_str s = { bytes, len };
	enum sheaf_status st;

	(void)param;
	(void)warning; /* any bytes are text */
	if (s.len >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0) {
		s.p += 3;
		s.len -= 3;
	}
	st = put_title(fields, s);
	if (st == SHEAF_OK)
		st = put_url(fields, s);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

static bool text_guess(struct sheaf_str name, const void *bytes, size_t len)
{
	(void)name;
	(void)bytes;
	(void)len;
	return true;
}

const struct format format_text = {
	.name = "text",
	.guess = text_guess,
	.parse = text_parse,
};
