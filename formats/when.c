/*
 * when.c - dates that are numbers
 *
 * What sheaf_date_parse() refuses, as a number alone is no date for people:
 * the readers of datasets ask here after it, where a value stands under a key
 * that says date.
 */
#include "formats/when.h"

#include <stdio.h>

#include <sheaf/format.h>

enum {
	DIGITS_MAX = 19,
	DAY_DIGITS = 8,	    /* 20250214 */
	SECOND_DIGITS = 14, /* 20250214024613 */
};

/* seconds from here on are milliseconds: the year 5138, or 1973 */
static const int64_t unit_max = 100000000000;

static size_t digits(struct sheaf_str s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

/* yyyymmdd and what stands behind it as a time, through the usual forms */
static bool compact(struct sheaf_str s, int64_t *sec)
{
	const char *d = s.p, *t = s.p + DAY_DIGITS;
	size_t rest = s.len - DAY_DIGITS;
	char text[32];
	int n;

	if (d[0] != '1' && d[0] != '2')
		return false;
	if (rest > 0 && (*t == 'T' || *t == 't')) {
		t++;
		rest--;
		if (rest == 7 && t[6] == 'Z')
			rest--;
		if (rest != 6)
			return false;
	}
	if (rest != 0 && rest != 6)
		return false;
	if (rest == 0)
		n = snprintf(text, sizeof(text), "%.4s-%.2s-%.2s", d, d + 4,
			     d + 6);
	else
		n = snprintf(text, sizeof(text),
			     "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", d, d + 4, d + 6,
			     t, t + 2, t + 4);
	return sheaf_date_parse((struct sheaf_str){ text, (size_t)n }, sec);
}

bool when_parse(struct sheaf_str text, int64_t *sec)
{
	bool negative = text.len > 0 && text.p[0] == '-';
	struct sheaf_str s = { text.p + negative, text.len - negative };
	size_t n = digits(s);
	int64_t v = 0;

	if (!negative && n >= DAY_DIGITS && (n == s.len || n == DAY_DIGITS) &&
	    compact(s, sec))
		return true;
	if (n == 0 || n >= DIGITS_MAX)
		return n == DIGITS_MAX && s.len == n ?
			       when_parse((struct sheaf_str){ text.p, n - 9 },
					  sec) :
			       false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s.p[i] - '0');
	if (n < s.len) { /* a fraction, which is dropped */
		struct sheaf_str f = { s.p + n + 1, s.len - n - 1 };

		if (s.p[n] != '.' || digits(f) != f.len)
			return false;
	}
	while (v >= unit_max)
		v /= 1000;
	*sec = negative ? -v : v;
	return true;
}
