/*
 * http.c - the head of an HTTP response, and what its payload is
 */
#include "formats/warc/warc.h"

#include <string.h>
#include <strings.h>

#include "article/scan.h"
#include "article/utf8.h"

enum { SNIFFED = 1024 }; /* bytes looked at where no type is given */

bool warc_str_is(struct sheaf_str s, const char *word)
{
	return s.len == strlen(word) &&
	       (s.len == 0 || strncasecmp(s.p, word, s.len) == 0);
}

struct sheaf_str warc_str_trim(struct sheaf_str s)
{
	while (s.len > 0 && scan_is_blank(s.p[0]))
		s = (struct sheaf_str){ s.p + 1, s.len - 1 };
	while (s.len > 0 && scan_is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* the end of the line at @at, folded lines within; @end if none */
static const char *line_end(const char *at, const char *end)
{
	for (;;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (!nl || nl + 1 == end || (nl[1] != ' ' && nl[1] != '\t'))
			return nl ? nl : end;
		at = nl + 1;
	}
}

bool warc_line_take(const char **at, const char *end, struct sheaf_str *name,
		    struct sheaf_str *value)
{
	while (*at < end) {
		const char *nl = line_end(*at, end);
		const char *colon = memchr(*at, ':', (size_t)(nl - *at));
		struct sheaf_str line = { *at, (size_t)(nl - *at) };

		*at = nl < end ? nl + 1 : end;
		if (!colon) /* the empty line, and what is none of ours */
			continue;
		*name = warc_str_trim(
			(struct sheaf_str){ line.p, (size_t)(colon - line.p) });
		*value = warc_str_trim((struct sheaf_str){
			colon + 1, (size_t)(nl - colon) - 1 });
		return true;
	}
	return false;
}

static int status_of(const char *p, size_t len)
{
	const char *blank = memchr(p, ' ', len);
	struct scan s;
	int status;

	if (!blank)
		return 0;
	s = (struct scan){ blank, (size_t)(p + len - blank) };
	scan_blanks(&s);
	return scan_number(&s, 3, 3, &status) ? status : 0;
}

bool warc_http_parse(struct warc_http *h, const void *p, size_t len)
{
	const char *at = p, *end, *nl;
	struct sheaf_str name, value;

	*h = (struct warc_http){ 0 };
	if (len < 5 || memcmp(at, "HTTP/", 5) != 0)
		return false;
	h->head_len =
		warc_head_len(p, len < WARC_HEAD_MAX ? len : WARC_HEAD_MAX);
	if (h->head_len == 0) /* nothing but a head */
		h->head_len = len;
	end = at + h->head_len;
	nl = memchr(at, '\n', h->head_len);
	if (!nl)
		return true;
	h->status = status_of(at, (size_t)(nl - at));
	at = nl + 1;
	while (warc_line_take(&at, end, &name, &value)) {
		if (warc_str_is(name, "Content-Type"))
			h->content_type = value;
		else if (warc_str_is(name, "Content-Encoding"))
			h->content_encoding = value;
		else if (warc_str_is(name, "Content-Language"))
			h->content_language = value;
		else if (warc_str_is(name, "Transfer-Encoding"))
			h->chunked = warc_str_is(value, "chunked");
	}
	return true;
}

struct sheaf_str warc_media_type(struct sheaf_str content_type)
{
	const char *semicolon = content_type.len ? memchr(content_type.p, ';',
							  content_type.len) :
						   NULL;

	if (semicolon)
		content_type.len = (size_t)(semicolon - content_type.p);
	return warc_str_trim(content_type);
}

/* bytes without a type: a page, a text or neither */
static enum warc_media sniff(const char *p, size_t len)
{
	size_t n = len < SNIFFED ? len : SNIFFED;
	struct sheaf_str s = warc_str_trim((struct sheaf_str){ p, n });

	if (s.len > 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = warc_str_trim((struct sheaf_str){ s.p + 3, s.len - 3 });
	if ((s.len >= 5 && strncasecmp(s.p, "<html", 5) == 0) ||
	    (s.len >= 14 && strncasecmp(s.p, "<!doctype html", 14) == 0))
		return WARC_MEDIA_HTML;
	if (n == 0 || memchr(p, '\0', n))
		return WARC_MEDIA_OTHER;
	/* a character may be cut at the end of what is looked at */
	for (size_t cut = 0; cut < 4 && cut < n; cut++) {
		if (utf8_valid(p, n - cut))
			return WARC_MEDIA_TEXT;
		if (n == len)
			break;
	}
	return WARC_MEDIA_OTHER;
}

enum warc_media warc_media_of(struct sheaf_str content_type, const void *p,
			      size_t len)
{
	/* text for programs */
	static const char *const others[] = {
		"text/css",	    "text/javascript",
		"text/ecmascript",  "text/x-javascript",
		"text/jscript",	    "text/dns",
		"text/vtt",	    "text/calendar",
		"text/x-component", "text/cache-manifest",
	};
	struct sheaf_str type = warc_media_type(content_type);

	if (type.len == 0)
		return sniff(p, len);
	if (warc_str_is(type, "text/html") ||
	    warc_str_is(type, "application/xhtml+xml"))
		return WARC_MEDIA_HTML;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (warc_str_is(type, others[i]))
			return WARC_MEDIA_OTHER;
	}
	return type.len > 5 && strncasecmp(type.p, "text/", 5) == 0 ?
		       WARC_MEDIA_TEXT :
		       WARC_MEDIA_OTHER;
}
