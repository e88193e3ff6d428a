/*
 * scan.c - a page cut into text, tags and comments
 *
 * By the rules of HTML for tags, quotes, comments and raw text, in one pass and
 * without a tree: whoever goes through a page whole (cut.c, body.c) asks here
 * for the next piece.
 */
#include "formats/html/html.h"

#include <string.h>
#include <strings.h>

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* is @name the tag's name at @at */
static bool name_at(const struct html_scan *s, size_t at, const char *name)
{
	size_t n = strlen(name);

	if (s->len - at <= n || strncasecmp((const char *)s->p + at, name, n))
		return false;
	return is_space(s->p[at + n]) || s->p[at + n] == '>' ||
	       s->p[at + n] == '/';
}

bool html_piece_is(const struct html_scan *s, const struct html_piece *piece,
		   const char *name)
{
	return name_at(s, piece->from + (piece->kind == HTML_END ? 2 : 1),
		       name);
}

static size_t find(const struct html_scan *s, size_t at, const char *what)
{
	const uint8_t *hit = memmem(s->p + at, s->len - at, what, strlen(what));

	return hit ? (size_t)(hit - s->p) : s->len;
}

/* behind the ">" of the tag whose name begins at @at; the page's end if it has
 * none.  A quote counts behind a "=" only. */
static size_t tag_end(const struct html_scan *s, size_t at)
{
	bool equals = false;

	while (at < s->len) {
		uint8_t b = s->p[at];

		if (b == '>')
			return at + 1;
		if (equals && (b == '"' || b == '\'')) {
			const uint8_t *q =
				memchr(s->p + at + 1, b, s->len - at - 1);

			if (!q)
				return s->len;
			at = (size_t)(q - s->p);
			equals = false;
		} else if (b == '=') {
			equals = true;
		} else if (!is_space(b)) {
			equals = false;
		}
		at++;
	}
	return s->len;
}

/* where "</NAME" begins behind @at, or the end */
static size_t raw_end(const struct html_scan *s, size_t at, const char *name)
{
	while (at < s->len) {
		at = find(s, at, "</");
		if (at == s->len || name_at(s, at + 2, name))
			return at;
		at += 2;
	}
	return at;
}

/* the element whose text has no tags that the tag begins, or NULL */
static const char *raw_name(const struct html_scan *s,
			    const struct html_piece *piece)
{
	static const char *const raws[] = { "script",	"style",   "title",
					    "textarea", "xmp",	   "iframe",
					    "noembed",	"noframes" };

	for (size_t i = 0; i < sizeof(raws) / sizeof(raws[0]); i++)
		if (html_piece_is(s, piece, raws[i]))
			return raws[i];
	return NULL;
}

static void tag_take(struct html_scan *s, struct html_piece *piece)
{
	const char *raw;

	s->at = tag_end(s, piece->from + 1);
	piece->tag = s->at;
	if (s->at == s->len && s->p[s->len - 1] != '>') {
		piece->kind = HTML_NOTHING;
		return;
	}
	raw = piece->kind == HTML_TAG ? raw_name(s, piece) : NULL;
	if (!raw)
		return;
	piece->kind = HTML_RAW;
	s->at = raw_end(s, s->at, raw);
	/* one that the page ends in has its text, not its end */
	if (s->at < s->len)
		s->at = tag_end(s, s->at + 2);
}

/* "<!-- ... -->", "<!...>", "<?...>" */
static void comment_take(struct html_scan *s, struct html_piece *piece)
{
	size_t from = piece->from;
	bool long_one =
		s->len - from >= 4 && memcmp(s->p + from, "<!--", 4) == 0;
	/* "<!-->" is a whole one */
	size_t end = long_one ? find(s, from + 2, "-->") : find(s, from, ">");

	s->at = end == s->len ? end : end + (long_one ? 3 : 1);
}

bool html_next(struct html_scan *s, struct html_piece *piece)
{
	size_t left = s->len - s->at;
	const uint8_t *p = s->p + s->at, *lt;

	*piece = (struct html_piece){ .from = s->at };
	if (left == 0)
		return false;
	if (left > 1 && p[0] == '<' && is_letter(p[1])) {
		piece->kind = HTML_TAG;
		tag_take(s, piece);
	} else if (left > 2 && p[0] == '<' && p[1] == '/' && is_letter(p[2])) {
		piece->kind = HTML_END;
		tag_take(s, piece);
	} else if (left > 1 && p[0] == '<' && (p[1] == '!' || p[1] == '?')) {
		comment_take(s, piece);
	} else {
		/* a "<" that begins nothing is text */
		piece->kind = HTML_TEXT;
		lt = left > 1 ? memchr(p + 1, '<', left - 1) : NULL;
		s->at = lt ? (size_t)(lt - s->p) : s->len;
	}
	piece->to = s->at;
	return true;
}
