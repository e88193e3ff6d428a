/*
 * cut.c - the few elements of a page that tell of it
 *
 * gumbo builds a tree of all that it is given, takes ten times its size for it,
 * and time that grows with the square of its depth: 100,000 open <div> are
 * 10 seconds.  What tells of a page are a dozen elements that hold none
 * themselves, so they are found here, by the rules of HTML for tags, quotes,
 * comments and raw text, and gumbo reads only them.
 */
#include "formats/html/html.h"

#include <string.h>
#include <strings.h>

struct cut {
	const uint8_t *p;
	size_t len, at;
	struct buf *out;
	size_t tags; /* bytes of tags that were taken */
	bool full, title;
};

static bool is_name(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* is @name the tag's name at @at */
static bool name_is(const struct cut *c, size_t at, const char *name)
{
	size_t n = strlen(name);

	if (c->len - at <= n || strncasecmp((const char *)c->p + at, name, n))
		return false;
	return is_space(c->p[at + n]) || c->p[at + n] == '>' ||
	       c->p[at + n] == '/';
}

static size_t find(const struct cut *c, size_t at, const char *what)
{
	const uint8_t *hit = memmem(c->p + at, c->len - at, what, strlen(what));

	return hit ? (size_t)(hit - c->p) : c->len;
}

/* behind the ">" of the tag whose name begins at @at; the page's end if it has
 * none.  A quote counts behind a "=" only. */
static size_t tag_end(const struct cut *c, size_t at)
{
	bool equals = false;

	while (at < c->len) {
		uint8_t b = c->p[at];

		if (b == '>')
			return at + 1;
		if (equals && (b == '"' || b == '\'')) {
			const uint8_t *q =
				memchr(c->p + at + 1, b, c->len - at - 1);

			if (!q)
				return c->len;
			at = (size_t)(q - c->p);
			equals = false;
		} else if (b == '=') {
			equals = true;
		} else if (!is_space(b)) {
			equals = false;
		}
		at++;
	}
	return c->len;
}

/* where "</NAME" begins behind @at, or the end */
static size_t raw_end(const struct cut *c, size_t at, const char *name)
{
	while (at < c->len) {
		at = find(c, at, "</");
		if (at == c->len || name_is(c, at + 2, name))
			return at;
		at += 2;
	}
	return at;
}

/* an element, of which the first @tag bytes are its tag */
static void take(struct cut *c, size_t from, size_t to, size_t tag)
{
	if (to - from > HTML_PARTS_MAX - c->out->len || tag > HTML_TAG_MAX ||
	    tag > HTML_TAGS_MAX - c->tags) {
		c->full = true;
		return;
	}
	c->tags += tag;
	buf_bytes(c->out, c->p + from, to - from);
}

static bool says(const struct cut *c, size_t from, size_t to, const char *what)
{
	size_t n = strlen(what);

	for (; from + n <= to; from++) {
		if ((c->p[from] | 0x20) == what[0] &&
		    strncasecmp((const char *)c->p + from, what, n) == 0)
			return true;
	}
	return false;
}

/* an element whose text has no tags; the title and JSON-LD are taken */
static void raw(struct cut *c, size_t from, size_t to, const char *name)
{
	size_t end = raw_end(c, to, name);
	bool wanted = false;

	c->at = end == c->len ? end : tag_end(c, end + 2);
	if (strcmp(name, "title") == 0) {
		wanted = !c->title;
		c->title = true;
	} else if (strcmp(name, "script") == 0) {
		wanted = says(c, from, to, "ld+json");
	}
	/* one that the page ends in has its text, not its end */
	if (wanted)
		take(c, from, c->at, to - from);
}

/* a tag whose "<" stands at @from */
static void tag(struct cut *c, size_t from)
{
	static const char *const raws[] = { "script",	"style",   "title",
					    "textarea", "xmp",	   "iframe",
					    "noembed",	"noframes" };
	size_t end = tag_end(c, from + 1);

	c->at = end;
	if (end == c->len && (end == 0 || c->p[end - 1] != '>'))
		return;
	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++) {
		if (name_is(c, from + 1, raws[i])) {
			raw(c, from, end, raws[i]);
			return;
		}
	}
	if (name_is(c, from + 1, "meta") || name_is(c, from + 1, "html") ||
	    (name_is(c, from + 1, "link") && says(c, from, end, "canonical")))
		take(c, from, end, end - from);
}

/* "<!-- ... -->", "<!...>", "<?...>" */
static void comment(struct cut *c, size_t from)
{
	bool long_one =
		c->len - from >= 4 && memcmp(c->p + from, "<!--", 4) == 0;
	/* "<!-->" is a whole one */
	size_t end = long_one ? find(c, from + 2, "-->") : find(c, from, ">");

	c->at = end == c->len ? end : end + (long_one ? 3 : 1);
}

enum sheaf_status html_cut(struct buf *out, const uint8_t *p, size_t len,
			   bool *all)
{
	struct cut c = { .p = p, .len = len, .out = out };

	while (c.at < len && !out->bad) {
		const uint8_t *lt = memchr(p + c.at, '<', len - c.at);
		size_t from = lt ? (size_t)(lt - p) : len;
		uint8_t next = len - from > 1 ? p[from + 1] : 0;

		if (is_name(next))
			tag(&c, from);
		else if (next == '!' || next == '?')
			comment(&c, from);
		else
			c.at = from + 1 < len ? from + 1 : len;
	}
	*all = !c.full;
	return out->bad ? SHEAF_NOMEM : SHEAF_OK;
}
