/*
 * fail.c - error texts: formatted, cut to fit, never a raw control byte
 *
 * Every layer reports through these few functions.  What they are given may
 * hold bytes from a hostile file and end on somebody's terminal, so the line is
 * cleaned after it was formatted, whatever the caller thought of beforehand.
 */
#include "base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	RAW_MAX = 512,	 /* a line before it is cleaned and cut */
	REASON_MAX = 64, /* of strerror's text, which is kept whole */
	UNIT_MAX = 4,	 /* the longest unit: \xHH, or a UTF-8 sequence */
};

/* U+0080..9F control terminals; U+2028..2E and U+2066..69 break or turn lines
 */
static bool code_point_prints(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f))
		return false;
	return !(cp >= 0x2028 && cp <= 0x202e) &&
	       !(cp >= 0x2066 && cp <= 0x2069);
}

/*
 * bytes of the printable character that @s begins with; 0 if it begins with
 * none.  Well-formed UTF-8 as in RFC 3629: no overlong form, no surrogate,
 * nothing above U+10FFFF.
 */
static size_t printable_len(const uint8_t *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t cp = s[0];
	size_t n = 1;

	if (cp >= 0xf0 && cp <= 0xf4)
		n = 4;
	else if (cp >= 0xe0)
		n = 3;
	else if (cp >= 0xc0)
		n = 2;
	else if (cp >= 0x80)
		return 0;
	if (cp > 0xf4 || n > len)
		return 0;
	if (n > 1)
		cp &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (s[i] & 0x3fU);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	return code_point_prints(cp) ? n : 0;
}

/*
 * one printable unit for the beginning of @s: a character, or an escape for
 * one byte ('?' where @escape is false).  Returns its length, sets *used.
 */
static size_t unit_make(char unit[UNIT_MAX], const uint8_t *s, size_t len,
			bool escape, size_t *used)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = printable_len(s, len);

	*used = n ? n : 1;
	if (escape && s[0] == '\\') {
		memcpy(unit, "\\\\", 2);
		return 2;
	}
	if (n) {
		memcpy(unit, s, n);
		return n;
	}
	if (!escape) {
		unit[0] = '?';
		return 1;
	}
	unit[0] = '\\';
	unit[1] = 'x';
	unit[2] = hex[s[0] >> 4];
	unit[3] = hex[s[0] & 15];
	return 4;
}

/* fills @dst with whole units; returns its length without the zero byte */
static size_t text_fill(char *dst, size_t size, const void *src, size_t len,
			bool escape)
{
	const uint8_t *s = src;
	char unit[UNIT_MAX];
	size_t out = 0, n, used;
	size_t keep = 0; /* how much of @dst leaves room for the dots */

	if (size == 0)
		return 0;
	for (size_t i = 0; i < len; i += used) {
		n = unit_make(unit, &s[i], len - i, escape, &used);
		if (n >= size - out) {
			out = keep;
			for (n = 0; n < 3 && out + 1 < size; n++)
				dst[out++] = '.';
			break;
		}
		memcpy(&dst[out], unit, n);
		out += n;
		if (size - out > 3)
			keep = out;
	}
	dst[out] = '\0';
	return out;
}

char *text_escape(char *dst, size_t size, const void *src, size_t len)
{
	text_fill(dst, size, src, len, true);
	return dst;
}

/* everything but what only fail_io() knows; @reserve bytes are left free */
static size_t error_fill(struct sheaf_error *err, enum sheaf_status status,
			 size_t reserve, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

static size_t error_fill(struct sheaf_error *err, enum sheaf_status status,
			 size_t reserve, const char *fmt, va_list ap)
{
	char raw[RAW_MAX] = "";

	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		strcpy(raw, "an error whose text can't be formatted");
	err->status = status;
	err->sys_errno = 0;
	err->offset = UINT64_MAX;
	return text_fill(err->text, sizeof(err->text) - reserve, raw,
			 strlen(raw), false);
}

enum sheaf_status fail(struct sheaf_error *err, enum sheaf_status status,
		       const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return status;
	va_start(ap, fmt);
	error_fill(err, status, 0, fmt, ap);
	va_end(ap);
	return status;
}

enum sheaf_status fail_at(struct sheaf_error *err, enum sheaf_status status,
			  uint64_t offset, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return status;
	va_start(ap, fmt);
	error_fill(err, status, 0, fmt, ap);
	va_end(ap);
	err->offset = offset;
	return status;
}

/* a long message is cut before its reason is */
enum sheaf_status fail_io(struct sheaf_error *err, int sys_errno,
			  const char *fmt, ...)
{
	char raw[REASON_MAX], reason[REASON_MAX];
	const char *said;
	size_t len, at;
	va_list ap;

	if (!err)
		return SHEAF_IO;
	said = strerror_r(sys_errno, raw, sizeof(raw));
	len = text_fill(reason, sizeof(reason), said, strlen(said), false);
	va_start(ap, fmt);
	at = error_fill(err, SHEAF_IO, len + 2, fmt, ap);
	va_end(ap);
	memcpy(&err->text[at], ": ", 2);
	memcpy(&err->text[at + 2], reason, len + 1);
	err->sys_errno = sys_errno;
	return SHEAF_IO;
}

enum sheaf_status fail_nomem(struct sheaf_error *err)
{
	return fail(err, SHEAF_NOMEM, "out of memory");
}

const char *sheaf_status_name(enum sheaf_status status)
{
	switch (status) {
	case SHEAF_OK:
		return "ok";
	case SHEAF_NOT_FOUND:
		return "not-found";
	case SHEAF_MISUSE:
		return "misuse";
	case SHEAF_CORRUPT:
		return "corrupt";
	case SHEAF_UNSUPPORTED:
		return "unsupported";
	case SHEAF_LIMIT:
		return "limit";
	case SHEAF_BUSY:
		return "busy";
	case SHEAF_IO:
		return "io";
	case SHEAF_NOMEM:
		return "nomem";
	case SHEAF_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}
