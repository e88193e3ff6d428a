/*
 * link.c - an article's own address: the link that its text ends with
 *
 * Scrapers put the address of what they fetched under the text.  The readers
 * of hugo and text look for it here, after all that names it outright.  Only a
 * line that is nothing but a link counts: the last sentence of a story often
 * holds one that leads elsewhere.
 */
#include "formats/link.h"

#include <string.h>
#include <strings.h>

#include "article/utf8.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct sheaf_str from(struct sheaf_str s, size_t n)
{
	return (struct sheaf_str){ s.p + n, s.len - n };
}

/* bytes of the blank that @s ends with (@end) or begins with, else 0 */
static size_t blank_len(struct sheaf_str s, bool end)
{
	/* no-break, ideographic and zero-width space, byte order mark: what is
	 * left of HTML */
	static const char wide[][4] = { "\xc2\xa0", "\xe3\x80\x80",
					"\xe2\x80\x8b", "\xef\xbb\xbf" };

	if (s.len == 0)
		return 0;
	if (is_blank(end ? s.p[s.len - 1] : s.p[0]))
		return 1;
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		size_t n = strlen(wide[i]);

		if (s.len >= n &&
		    memcmp(end ? s.p + s.len - n : s.p, wide[i], n) == 0)
			return n;
	}
	return 0;
}

static struct sheaf_str trim(struct sheaf_str s)
{
	size_t n;

	while ((n = blank_len(s, true)) > 0)
		s.len -= n;
	while ((n = blank_len(s, false)) > 0)
		s = from(s, n);
	return s;
}

/* bytes of "http://" or "https://" at the beginning of @s, else 0 */
static size_t scheme_len(struct sheaf_str s)
{
	if (s.len > 8 && strncasecmp(s.p, "https://", 8) == 0)
		return 8;
	if (s.len > 7 && strncasecmp(s.p, "http://", 7) == 0)
		return 7;
	return 0;
}

/* what comes between the scheme and the path; length 0 if @s is no url */
static struct sheaf_str authority(struct sheaf_str s)
{
	size_t skip = scheme_len(s), n = 0;

	if (skip == 0)
		return (struct sheaf_str){ s.p, 0 };
	s = from(s, skip);
	while (n < s.len && !strchr("/?#", s.p[n]))
		n++;
	return (struct sheaf_str){ s.p, n };
}

struct sheaf_str link_url(struct sheaf_str s)
{
	const struct sheaf_str none = { NULL, 0 };

	s = trim(s);
	if (s.len > SHEAF_FIELD_MAX || authority(s).len == 0)
		return none;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
			return none;
	}
	return utf8_valid(s.p, s.len) ? s : none;
}

bool link_has_path(struct sheaf_str url)
{
	struct sheaf_str a = authority(url);
	size_t end = (size_t)(a.p - url.p) + a.len;

	return url.len > end + 1;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || (c & 0x80);
}

size_t link_host(struct sheaf_str url, char host[LINK_HOST_MAX])
{
	struct sheaf_str a = authority(url);
	const char *at = a.len ? memrchr(a.p, '@', a.len) : NULL;
	const char *colon;
	size_t n = 0;

	if (at)
		a = from(a, (size_t)(at - a.p) + 1);
	colon = a.len ? memchr(a.p, ':', a.len) : NULL;
	if (colon)
		a.len = (size_t)(colon - a.p);
	if (a.len > 4 && strncasecmp(a.p, "www.", 4) == 0)
		a = from(a, 4);
	while (a.len > 0 && a.p[a.len - 1] == '.')
		a.len--;
	if (a.len > LINK_HOST_MAX)
		return 0;
	for (; n < a.len; n++) {
		char c = a.p[n];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!is_host_byte(c))
			return 0;
		host[n] = c;
	}
	return n;
}

/* drops one punctuation mark from the end of @s, if there is one */
static bool drop_mark(struct sheaf_str *s)
{
	/* of Chinese text: 。 ， ； ： ！ ？ ） 」 』 】 */
	static const char wide[][4] = {
		"\xe3\x80\x82", "\xef\xbc\x8c", "\xef\xbc\x9b", "\xef\xbc\x9a",
		"\xef\xbc\x81", "\xef\xbc\x9f", "\xef\xbc\x89", "\xe3\x80\x8d",
		"\xe3\x80\x8f", "\xe3\x80\x91",
	};

	if (s->len == 0)
		return false;
	if (s->p[s->len - 1] && strchr(".,;:!?'", s->p[s->len - 1])) {
		s->len--;
		return true;
	}
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		if (s->len > 3 && memcmp(s->p + s->len - 3, wide[i], 3) == 0) {
			s->len -= 3;
			return true;
		}
	}
	return false;
}

/* without the punctuation behind it; ")" belongs to it if it was opened in it
 */
static struct sheaf_str bare_url(struct sheaf_str s)
{
	size_t open = 0, closed = 0;

	for (size_t i = 0; i < s.len; i++) {
		open += s.p[i] == '(';
		closed += s.p[i] == ')';
	}
	for (;;) {
		if (drop_mark(&s))
			continue;
		if (closed <= open || s.len == 0 || s.p[s.len - 1] != ')')
			return s;
		closed--;
		s.len--;
	}
}

/* nothing, or {attributes} and punctuation */
static bool is_tail(struct sheaf_str s)
{
	s = trim(s);
	if (s.len > 0 && s.p[0] == '{') {
		const char *end = memchr(s.p, '}', s.len);

		if (!end)
			return false;
		s = trim(from(s, (size_t)(end - s.p) + 1));
	}
	while (drop_mark(&s))
		;
	return s.len == 0;
}

/* the index of what closes the bracket that @s begins with; 0 if nothing does
 */
static size_t closing(struct sheaf_str s, char open, char close)
{
	size_t depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == open) {
			depth++;
		} else if (s.p[i] == close && --depth == 0) {
			return i;
		}
	}
	return 0;
}

/* the url in "(url)", "(<url>)" and "(url "title")" */
static struct sheaf_str destination(struct sheaf_str s)
{
	size_t n = 0;

	s = trim(s);
	if (s.len > 0 && s.p[0] == '<') {
		const char *end = memchr(s.p, '>', s.len);

		return (struct sheaf_str){ s.p + 1,
					   end ? (size_t)(end - s.p) - 1 : 0 };
	}
	while (n < s.len && !is_blank(s.p[n]))
		n++;
	s.len = n;
	return s;
}

/* [text](...) */
static struct sheaf_str inline_link(struct sheaf_str s)
{
	const struct sheaf_str none = { NULL, 0 };
	size_t end = closing(s, '[', ']');

	if (end == 0 || end + 1 >= s.len || s.p[end + 1] != '(')
		return none;
	s = from(s, end + 1);
	end = closing(s, '(', ')');
	if (end == 0 || !is_tail(from(s, end + 1)))
		return none;
	return destination((struct sheaf_str){ s.p + 1, end - 1 });
}

/* <url> */
static struct sheaf_str autolink(struct sheaf_str s)
{
	const char *end = memchr(s.p, '>', s.len);
	size_t n = end ? (size_t)(end - s.p) : 0;

	if (!end || !is_tail(from(s, n + 1)))
		return (struct sheaf_str){ NULL, 0 };
	return (struct sheaf_str){ s.p + 1, n - 1 };
}

/* without the same marks of emphasis at both ends */
static struct sheaf_str plain(struct sheaf_str s)
{
	while (s.len > 2 && (s.p[0] == '*' || s.p[0] == '_') &&
	       s.p[s.len - 1] == s.p[0])
		s = trim((struct sheaf_str){ s.p + 1, s.len - 2 });
	return s;
}

static struct sheaf_str last_line(const void *bytes, size_t len)
{
	struct sheaf_str s = trim((struct sheaf_str){ bytes, len });
	const char *nl = s.len ? memrchr(s.p, '\n', s.len) : NULL;

	return nl ? trim(from(s, (size_t)(nl - s.p) + 1)) : s;
}

struct sheaf_str link_last_line(const void *bytes, size_t len)
{
	struct sheaf_str s = plain(last_line(bytes, len));

	/* [text](url "title") may be longer than the url, but not by much */
	if (s.len == 0 || s.len > 2 * SHEAF_FIELD_MAX)
		return (struct sheaf_str){ NULL, 0 };
	if (s.p[0] == '[')
		s = inline_link(s);
	else if (s.p[0] == '<')
		s = autolink(s);
	else
		s = bare_url(s);
	return link_url(s);
}
