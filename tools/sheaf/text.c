/*
 * text.c - values as text for people: escaped bytes, numbers, sizes, times
 *
 * Everything that the program prints and did not write itself goes through
 * text_write() or json.c, so no name or title can command the terminal.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sheaf/format.h>

#include "text.h"

struct sheaf_str text_str(const char *s)
{
	return (struct sheaf_str){ .p = s, .len = strlen(s) };
}

/* how many bytes a character has that begins with @lead; 0 for none */
static size_t rune_len(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead < 0xe0)
		return 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return 3;
	return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

size_t text_rune(struct sheaf_str s, uint32_t *point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const uint8_t mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint8_t lead = (uint8_t)s.p[0];
	size_t len = rune_len(lead);
	uint32_t v;

	if (len == 0 || len > s.len)
		return 0;
	v = lead & mask[len];
	for (size_t i = 1; i < len; i++) {
		uint8_t next = (uint8_t)s.p[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (next & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*point = v;
	return len;
}

bool text_is_utf8(struct sheaf_str s)
{
	uint32_t point;

	while (s.len > 0) {
		size_t len = text_rune(s, &point);

		if (len == 0)
			return false;
		s.p += len;
		s.len -= len;
	}
	return true;
}

bool text_is_unsafe(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	       (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2066 && point <= 0x2069);
}

static void write_escaped(FILE *f, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		fprintf(f, "\\x%02X", (unsigned int)(uint8_t)p[i]);
}

void text_write(FILE *f, struct sheaf_str s, enum text_escape how)
{
	uint32_t point = 0;

	while (s.len > 0) {
		size_t len = text_rune(s, &point);

		if (len == 0 || text_is_unsafe(point))
			write_escaped(f, s.p, len ? len : 1);
		else if (how == TEXT_EXACT && point == '\\')
			fputs("\\\\", f);
		else
			fwrite(s.p, 1, len, f);
		if (len == 0)
			len = 1;
		s.p += len;
		s.len -= len;
	}
}

const char *text_number(char out[TEXT_SIZE], uint64_t n)
{
	char digits[TEXT_SIZE];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *text_count(char out[TEXT_SIZE], uint64_t n, const char *one)
{
	size_t len = strlen(text_number(out, n));

	snprintf(out + len, TEXT_SIZE - len, " %s%s", one, n == 1 ? "" : "s");
	return out;
}

const char *text_bytes(char out[TEXT_SIZE], uint64_t n)
{
	static const char *const units[] = {
		"KB", "MB", "GB", "TB", "PB", "EB"
	};
	double v = (double)n / 1000;
	size_t unit = 0;

	if (n < 1000)
		return text_count(out, n, "byte");
	while (v >= 999.95 && unit + 1 < sizeof(units) / sizeof(*units)) {
		v /= 1000;
		unit++;
	}
	snprintf(out, TEXT_SIZE, "%.1f %s", v, units[unit]);
	return out;
}

/* false when the four digits of a year can't say it */
static bool civil(int64_t sec, struct tm *tm)
{
	time_t t = (time_t)sec;

	return gmtime_r(&t, tm) && tm->tm_year >= -1900 &&
	       tm->tm_year <= 9999 - 1900;
}

static size_t put_time(char out[TEXT_SIZE], int64_t sec, const char *form)
{
	struct tm tm;

	if (civil(sec, &tm))
		return strftime(out, TEXT_SIZE, form, &tm);
	return (size_t)snprintf(out, TEXT_SIZE, "@%" PRId64, sec);
}

const char *text_time(char out[TEXT_SIZE], int64_t sec)
{
	put_time(out, sec, "%Y-%m-%dT%H:%M:%SZ");
	return out;
}

const char *text_time_exact(char out[TEXT_SIZE], struct sheaf_time t)
{
	size_t len;

	text_time(out, t.sec);
	if (t.nsec == 0)
		return out;
	len = strlen(out);
	if (out[len - 1] == 'Z')
		snprintf(out + len - 1, TEXT_SIZE - len, ".%09" PRIu32 "Z",
			 t.nsec);
	else
		snprintf(out + len, TEXT_SIZE - len, ".%09" PRIu32, t.nsec);
	return out;
}

const char *text_day(char out[TEXT_SIZE], int64_t sec)
{
	put_time(out, sec, "%Y-%m-%d");
	return out;
}

const char *text_span(char out[TEXT_SIZE], uint64_t sec)
{
	if (sec >= 3600)
		snprintf(out, TEXT_SIZE, "%" PRIu64 ":%02d:%02d", sec / 3600,
			 (int)(sec / 60 % 60), (int)(sec % 60));
	else
		snprintf(out, TEXT_SIZE, "%02d:%02d", (int)(sec / 60),
			 (int)(sec % 60));
	return out;
}

void text_hex(char *out, const void *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = p;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

bool text_read_time(const char *text, int64_t *sec)
{
	char *end;
	long long v;

	if (text[0] != '@')
		return sheaf_date_parse(text_str(text), sec);
	if (text[1] != '-' && (text[1] < '0' || text[1] > '9'))
		return false;
	errno = 0;
	v = strtoll(text + 1, &end, 10);
	if (errno != 0 || *end != '\0' || end == text + 1)
		return false;
	*sec = v;
	return true;
}
