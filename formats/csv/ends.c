/*
 * ends.c - where the rows of CSV end
 *
 * A row's exact bytes are the article, and libcsv does not tell where they
 * end, so the few states that decide it are gone through here, before libcsv
 * takes the row apart.  They are libcsv's: the fuzzer holds one against the
 * other.
 */
#include "formats/csv/table.h"

#include <string.h>

static const char separators[] = { ',', ';', '\t' };

static bool is_separator(const struct csv_ends *e, uint8_t c)
{
	if (e->separator != 0)
		return c == e->separator;
	return c && memchr(separators, c, sizeof(separators));
}

static bool is_end(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* one byte that does not end the row */
static enum csv_place next(const struct csv_ends *e, uint8_t c)
{
	if (e->place == CSV_IN_QUOTES)
		return c == '"' ? CSV_BEHIND_QUOTE : CSV_IN_QUOTES;
	if (is_separator(e, c))
		return CSV_FIELD_START;
	if (e->place == CSV_FIELD_START) {
		if (c == ' ' || c == '\t')
			return CSV_FIELD_START;
		return c == '"' ? CSV_IN_QUOTES : CSV_IN_FIELD;
	}
	if (e->place == CSV_BEHIND_QUOTE && c != ' ' && c != '\t')
		return CSV_IN_QUOTES; /* two quotes, or one that closed none */
	return e->place;
}

/* runs that change nothing are most of a row */
static size_t skip(const struct csv_ends *e, const uint8_t *p, size_t len)
{
	const uint8_t *quote;

	if (e->place != CSV_IN_QUOTES)
		return 0;
	quote = memchr(p, '"', len);
	return quote ? (size_t)(quote - p) : len;
}

size_t csv_ends_find(struct csv_ends *e, const uint8_t *p, size_t len,
		     bool *whole)
{
	size_t i = 0;

	*whole = false;
	if (e->place == CSV_BEHIND_CR) {
		*whole = true;
		e->place = CSV_FIELD_START;
		return p[0] == '\n';
	}
	while (i < len) {
		i += skip(e, p + i, len - i);
		if (i == len)
			break;
		if (e->place == CSV_IN_QUOTES || !is_end(p[i])) {
			e->place = next(e, p[i++]);
			continue;
		}
		e->place = CSV_BEHIND_CR;
		if (p[i] == '\r' && i + 1 == len)
			return len;
		i += p[i] == '\r' && p[i + 1] == '\n' ? 2 : 1;
		e->place = CSV_FIELD_START;
		*whole = true;
		return i;
	}
	return len;
}

bool csv_ends_in_quotes(const struct csv_ends *e)
{
	return e->place == CSV_IN_QUOTES;
}

uint8_t csv_separator(struct sheaf_str header)
{
	struct csv_ends e = { 0 };
	size_t count[sizeof(separators)] = { 0 }, best = 0;

	for (size_t i = 0; i < header.len; i++) {
		uint8_t c = (uint8_t)header.p[i];

		for (size_t k = 0; k < sizeof(separators); k++)
			count[k] += e.place != CSV_IN_QUOTES &&
				    c == (uint8_t)separators[k];
		e.place = next(&e, c);
	}
	for (size_t k = 1; k < sizeof(separators); k++) {
		if (count[k] > count[best])
			best = k;
	}
	return (uint8_t)separators[best];
}
