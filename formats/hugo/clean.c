/*
 * clean.c - makes front matter fit for the YAML parser
 *
 * libyaml refuses a whole document for one byte that is no UTF-8 or one
 * control character.  A post in Latin-1 has its date and its tags in ASCII all
 * the same, so each such byte or character is replaced by a mark, and front.c
 * drops only the values that hold one.
 */
#include "formats/hugo/hugo.h"

#include "article/utf8.h"

/* the characters that YAML 1.1 calls printable */
static bool is_allowed(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	if (cp < 0xa0)
		return cp < 0x7f || cp == 0x85;
	return cp != 0xfffe && cp != 0xffff;
}

/* bytes from the beginning of @p that YAML takes */
static size_t clean_len(const uint8_t *p, size_t len)
{
	uint32_t cp = 0;
	size_t i = 0, n;

	while (i < len) {
		if (p[i] >= 0x20 && p[i] < 0x7f) {
			i++;
			continue;
		}
		n = utf8_get(&p[i], len - i, &cp);
		if (n == 0 || !is_allowed(cp))
			break;
		i += n;
	}
	return i;
}

static void dirt_warn(const uint8_t *p, size_t at, size_t len,
		      struct format_warning *warning)
{
	size_t line = 1;
	uint32_t cp;

	for (size_t i = 0; i < at; i++)
		line += p[i] == '\n';
	if (utf8_get(&p[at], len - at, &cp))
		format_warn(warning,
			    "front matter, line %zu: control character U+%04X",
			    line, (unsigned int)cp);
	else
		format_warn(warning, "front matter, line %zu: not UTF-8", line);
}

enum sheaf_status hugo_clean(struct buf *out, const uint8_t *p, size_t len,
			     struct format_warning *warning)
{
	size_t at = clean_len(p, len);
	size_t kept = 0, n;
	uint32_t cp;

	if (at == len)
		return SHEAF_OK;
	dirt_warn(p, at, len, warning);
	while (at < len) {
		buf_bytes(out, &p[kept], at - kept);
		buf_bytes(out, HUGO_DIRT, HUGO_DIRT_LEN);
		n = utf8_get(&p[at], len - at, &cp);
		kept = at + (n ? n : 1);
		at = kept + clean_len(&p[kept], len - kept);
	}
	buf_bytes(out, &p[kept], len - kept);
	return out->bad ? SHEAF_NOMEM : SHEAF_OK;
}
