/*
 * scan.h - the few steps that a date is read with
 *
 * A cursor over text: each function passes what it took and says whether it
 * did; where it says no, nothing was passed but blanks.
 */
#ifndef SHEAF_ARTICLE_SCAN_H
#define SHEAF_ARTICLE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct scan {
	const char *p;
	size_t left;
};

static inline char scan_peek(const struct scan *s)
{
	return s->left ? *s->p : '\0';
}

static inline void scan_step(struct scan *s, size_t n)
{
	s->p += n;
	s->left -= n;
}

static inline bool scan_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool scan_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool scan_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* passes @c if it comes next */
static inline bool scan_take(struct scan *s, char c)
{
	if (s->left == 0 || *s->p != c)
		return false;
	scan_step(s, 1);
	return true;
}

/* true if there was one at least */
static inline bool scan_blanks(struct scan *s)
{
	bool any = false;

	for (; s->left && scan_is_blank(*s->p); any = true)
		scan_step(s, 1);
	return any;
}

/* @min to @max digits, none left behind */
static inline bool scan_number(struct scan *s, size_t min, size_t max, int *out)
{
	size_t n = 0;
	int v = 0;

	for (; n < s->left && scan_is_digit(s->p[n]); n++) {
		if (n == max)
			return false;
		v = v * 10 + (s->p[n] - '0');
	}
	if (n < min)
		return false;
	scan_step(s, n);
	*out = v;
	return true;
}

#endif
