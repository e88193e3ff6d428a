/*
 * utf8.c - well-formed UTF-8, as RFC 3629 has it
 *
 * Articles come in any encoding, fields only in this one: the readers of
 * formats/ and fields_put() ask here before a value goes further.
 */
#include "article/utf8.h"

#include <string.h>

size_t utf8_get(const uint8_t *p, size_t left, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c;
	size_t n;

	if (left == 0)
		return 0;
	c = p[0];
	if (c < 0x80) {
		*cp = c;
		return 1;
	}
	if (c < 0xc2 || c > 0xf4)
		return 0;
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if (n > left)
		return 0;
	c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fU);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool utf8_valid(const void *p, size_t len)
{
	const uint8_t *s = p;
	uint32_t cp;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_get(&s[i], len - i, &cp);
		if (n == 0)
			return false;
	}
	return true;
}

void utf8_mend(struct buf *out, const void *p, size_t len, const char *mark)
{
	const uint8_t *from = p;
	size_t kept = 0, n;
	uint32_t cp;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = utf8_get(&from[i], len - i, &cp);
		if (n > 0)
			continue;
		buf_bytes(out, &from[kept], i - kept);
		buf_bytes(out, mark, strlen(mark));
		kept = i + 1;
	}
	buf_bytes(out, &from[kept], len - kept);
}
