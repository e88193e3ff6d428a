/*
 * check_report.c - what verify found, from its finding to the caller
 *
 * Damage is found step by step, and told in the order of the file once it is
 * known what each costs: a dictionary's damage costs every article that was
 * compressed against it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read/check.h"

/* more are counted only: 32 bytes and a line each */
#define FOUND_MAX ((size_t)1 << 20)

static struct found *found_all(const struct check *c, size_t *count)
{
	*count = c->found.len / sizeof(struct found);
	return (struct found *)(void *)c->found.p;
}

void check_damage(struct check *c, uint64_t offset, uint64_t len,
		  uint64_t articles, const char *fmt, ...)
{
	struct found f = { offset, len, articles, c->texts.len };
	struct sheaf_error text;
	char line[160];
	va_list args;

	c->result->damages++;
	if (c->found.len / sizeof(f) >= FOUND_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	(void)fail(&text, SHEAF_CORRUPT, "%s", line);
	buf_bytes(&c->texts, text.text, strlen(text.text) + 1);
	buf_bytes(&c->found, &f, sizeof(f));
}

/* the text stands where it was found first */
static int found_compare(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return (x->text > y->text) - (x->text < y->text);
}

/* the last that begins at or before @offset; SIZE_MAX: none */
static size_t found_before(const struct check *c, uint64_t offset)
{
	size_t low = 0, high;
	const struct found *f = found_all(c, &high);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low - 1;
}

struct found *check_report_at(const struct check *c, uint64_t offset)
{
	size_t n, i = found_before(c, offset);
	struct found *f = found_all(c, &n);

	/* what lay behind the file's end, where that is what is told */
	if (offset >= c->size && i < n && f[i].offset >= c->size)
		return &f[i];
	/* several may begin at one place, one of them with a length */
	for (size_t tries = 4; i < n && tries != 0; i--, tries--)
		if (offset - f[i].offset < f[i].len)
			return &f[i];
	return NULL;
}

/* leaves that differ although every frame in them is right */
static void ranges_report(struct check *c)
{
	struct bad_range *r = (struct bad_range *)(void *)c->ranges.p;
	size_t n = c->ranges.len / sizeof(*r), found;
	const struct found *f = found_all(c, &found);

	/* none of those that are added here is in another range */
	for (size_t i = 0; i < n; i++) {
		size_t last = found_before(c, r[i].end - 1);

		for (size_t k = last; k < found && !r[i].explained; k--) {
			r[i].explained = f[k].offset + f[k].len > r[i].offset ||
					 f[k].offset >= r[i].offset;
			if (k + 4 < last)
				break;
		}
	}
	for (size_t i = 0; i < n; i++)
		if (!r[i].explained)
			check_damage(c, r[i].offset, r[i].end - r[i].offset, 0,
				     "bytes that are not those committed");
}

static void found_sort(struct check *c)
{
	size_t n;
	struct found *f = found_all(c, &n);

	if (n != 0)
		qsort(f, n, sizeof(*f), found_compare);
}

enum sheaf_status check_report_sort(struct check *c)
{
	found_sort(c);
	ranges_report(c);
	found_sort(c);
	return c->found.bad || c->texts.bad || c->ranges.bad ?
		       fail_nomem(c->err) :
		       SHEAF_OK;
}

void check_report_tell(struct check *c)
{
	size_t n;
	const struct found *f = found_all(c, &n);

	for (size_t i = 0; c->options->on_damage != NULL && i < n; i++) {
		struct sheaf_damage d = { f[i].offset, f[i].len,
					  (const char *)c->texts.p + f[i].text,
					  f[i].articles };

		c->options->on_damage(&d, NULL, c->options->arg);
	}
}
