/*
 * chars.c - which encoding a page has, and its text as UTF-8
 *
 * Fields are UTF-8, pages may be anything: what they say in the first KB is
 * believed, as browsers do, unless a byte order mark says otherwise.  The C
 * library's iconv does the rest.
 */
#include "formats/html/html.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

#include "article/utf8.h"

/* browsers look at 1,024 bytes; pages have been seen that need some more */
enum { CHARSET_WITHIN = 4096 };

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
}

/* what stands behind "charset=", in lower case; false if nothing does */
static bool charset_take(const char *p, size_t len,
			 char name[HTML_CHARSET_MAX + 1])
{
	size_t i = 0, n = 0;

	while (i < len && (p[i] == ' ' || p[i] == '\t'))
		i++;
	if (i == len || p[i] != '=')
		return false;
	i++;
	while (i < len && strchr(" \t\"'", p[i]) && p[i])
		i++;
	for (; i < len && is_name(p[i]) && n < HTML_CHARSET_MAX; i++)
		name[n++] = p[i] >= 'A' && p[i] <= 'Z' ?
				    (char)(p[i] - 'A' + 'a') :
				    p[i];
	name[n] = '\0';
	return n > 0;
}

static void name_set(char name[HTML_CHARSET_MAX + 1], const char *to)
{
	memcpy(name, to, strlen(to) + 1);
}

/* an older name for a set that has more: pages in it hold the others too */
static void charset_widen(char name[HTML_CHARSET_MAX + 1])
{
	static const char *const wider[][2] = {
		{ "iso-8859-1", "windows-1252" },
		{ "latin1", "windows-1252" },
		{ "us-ascii", "windows-1252" },
		{ "ascii", "windows-1252" },
		{ "iso-8859-9", "windows-1254" },
		{ "iso-8859-11", "windows-874" },
		{ "gb2312", "gb18030" },
		{ "gbk", "gb18030" },
		{ "x-gbk", "gb18030" },
		{ "big5", "big5-hkscs" },
		{ "shift_jis", "cp932" },
		{ "shift-jis", "cp932" },
		{ "x-sjis", "cp932" },
		{ "sjis", "cp932" },
		{ "euc-kr", "cp949" },
		{ "ks_c_5601-1987", "cp949" },
		{ "utf8", "utf-8" },
		/* who says so in ASCII is mistaken */
		{ "utf-16", "utf-8" },
		{ "utf-16le", "utf-8" },
		{ "utf-16be", "utf-8" },
	};

	for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++) {
		if (strcmp(name, wider[i][0]) == 0) {
			name_set(name, wider[i][1]);
			return;
		}
	}
}

void html_charset(const uint8_t *p, size_t len, char name[HTML_CHARSET_MAX + 1])
{
	size_t within = len < CHARSET_WITHIN ? len : CHARSET_WITHIN;
	const char *s = (const char *)p;

	name_set(name, "utf-8");
	if (len >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
		name_set(name, "utf-16le");
	else if (len >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
		name_set(name, "utf-16be");
	if (strcmp(name, "utf-8") != 0 ||
	    (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0))
		return;
	for (size_t i = 0; i + 7 < within; i++) {
		if ((s[i] | 0x20) != 'c' ||
		    strncasecmp(s + i, "charset", 7) != 0 ||
		    !charset_take(s + i + 7, within - i - 7, name))
			continue;
		charset_widen(name);
		return;
	}
	name_set(name, "utf-8");
}

/* U+FFFD, for bytes that are no character */
#define LOST "\xef\xbf\xbd"

static void convert(struct buf *out, iconv_t with, const void *p, size_t len)
{
	char *in = (char *)(uintptr_t)p;

	while (len > 0) {
		size_t room = 3 * len + 16 < 65536 ? 3 * len + 16 : 65536;
		char *to = (char *)buf_room(out, room);
		size_t left = room;

		if (!to)
			return;
		if (iconv(with, &in, &len, &to, &left) == (size_t)-1 &&
		    errno != E2BIG && len > 0) {
			buf_grew(out, room - left);
			buf_bytes(out, LOST, strlen(LOST));
			in++;
			len--;
			continue;
		}
		buf_grew(out, room - left);
	}
}

enum sheaf_status html_decode(struct buf *out, const void *p, size_t len,
			      const char *charset, bool *known)
{
	iconv_t with;

	*known = true;
	if (len == 0)
		return SHEAF_OK;
	if (strcmp(charset, "utf-8") == 0) {
		utf8_mend(out, p, len, LOST);
		return out->bad ? SHEAF_NOMEM : SHEAF_OK;
	}
	with = iconv_open("UTF-8", charset);
	if (with == (iconv_t)-1) {
		*known = false;
		return errno == ENOMEM ? SHEAF_NOMEM : SHEAF_OK;
	}
	convert(out, with, p, len);
	iconv_close(with);
	return out->bad ? SHEAF_NOMEM : SHEAF_OK;
}
