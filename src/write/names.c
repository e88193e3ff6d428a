/*
 * names.c - strings to codes: the list of a corpus, and what a commit adds to
 * it
 *
 * Outlets, languages, categories and tags become numbers here, on their way
 * into record pages.
 */
#include "write/names.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "formats/sheaf/strings.h"

#define STRINGS_LEVEL 19
#define TABLE_MIN 256

struct names {
	const struct codes *old;
	struct sheaf_str *strings; /* by code; the new ones are owned */
	uint32_t count, cap, first_new;
	uint32_t *table; /* code + 1 by hash; 0: free; a power of two */
	size_t table_size;
};

static struct sheaf_str *slot_of(struct names *n, struct sheaf_str s,
				 uint32_t **entry)
{
	size_t at = (size_t)hash_64(s.p, s.len, 0) & (n->table_size - 1);

	for (; n->table[at] != 0; at = (at + 1) & (n->table_size - 1)) {
		struct sheaf_str *have = &n->strings[n->table[at] - 1];

		if (have->len == s.len && memcmp(have->p, s.p, s.len) == 0) {
			*entry = &n->table[at];
			return have;
		}
	}
	*entry = &n->table[at];
	return NULL;
}

static enum sheaf_status table_grow(struct names *n, struct sheaf_error *err)
{
	size_t size = n->table_size != 0 ? n->table_size * 2 : TABLE_MIN;
	uint32_t *table;

	while (size < (size_t)n->count * 2)
		size *= 2;
	table = calloc(size, sizeof(*table));
	if (table == NULL)
		return fail_nomem(err);
	free(n->table);
	n->table = table;
	n->table_size = size;
	for (uint32_t i = 0; i < n->count; i++) {
		uint32_t *entry;

		if (slot_of(n, n->strings[i], &entry) == NULL)
			*entry = i + 1;
	}
	return SHEAF_OK;
}

enum sheaf_status names_new(struct names **out, const struct codes *old,
			    struct sheaf_error *err)
{
	struct names *n = calloc(1, sizeof(*n));
	enum sheaf_status st;

	*out = NULL;
	if (n == NULL)
		return fail_nomem(err);
	n->old = old;
	n->count = old != NULL ? old->count : 0;
	n->first_new = n->count;
	n->cap = n->count + TABLE_MIN;
	n->strings = calloc(n->cap, sizeof(*n->strings));
	if (n->strings == NULL) {
		free(n);
		return fail_nomem(err);
	}
	if (n->count != 0)
		memcpy(n->strings, old->strings,
		       n->count * sizeof(*n->strings));
	st = table_grow(n, err);
	if (st == SHEAF_OK)
		*out = n;
	else
		names_free(n);
	return st;
}

void names_free(struct names *n)
{
	if (n == NULL)
		return;
	for (uint32_t i = n->first_new; i < n->count; i++)
		free((void *)(uintptr_t)n->strings[i].p);
	free(n->strings);
	free(n->table);
	free(n);
}

static enum sheaf_status strings_grow(struct names *n, struct sheaf_error *err)
{
	uint32_t cap = n->cap * 2;
	struct sheaf_str *more = realloc(n->strings, cap * sizeof(*more));

	if (more == NULL)
		return fail_nomem(err);
	n->strings = more;
	n->cap = cap;
	return SHEAF_OK;
}

enum sheaf_status names_code(struct names *n, struct sheaf_str s,
			     uint32_t *code, struct sheaf_error *err)
{
	uint32_t *entry;
	char *copy;
	enum sheaf_status st = SHEAF_OK;

	if (slot_of(n, s, &entry) != NULL) {
		*code = *entry - 1;
		return SHEAF_OK;
	}
	if (n->count >= STRINGS_TOTAL)
		return fail(err, SHEAF_LIMIT,
			    "more than 16 Mi outlets, languages and tags");
	if (n->count == n->cap)
		st = strings_grow(n, err);
	if (st == SHEAF_OK && (size_t)(n->count + 1) * 2 > n->table_size) {
		st = table_grow(n, err);
		if (st == SHEAF_OK)
			(void)slot_of(n, s, &entry);
	}
	if (st != SHEAF_OK)
		return st;
	copy = malloc(s.len != 0 ? s.len : 1);
	if (copy == NULL)
		return fail_nomem(err);
	memcpy(copy, s.p, s.len);
	n->strings[n->count].p = copy;
	n->strings[n->count].len = s.len;
	*code = n->count++;
	*entry = n->count;
	return SHEAF_OK;
}

/* which older pages the new one takes in [S-20]: first code and what comes
 * before */
static void merge_plan(const struct names *n, uint64_t newest,
		       struct strings_page *page)
{
	page->first = n->first_new;
	page->previous = page->first != 0 ? newest : 0;
	for (unsigned int i = 0; n->old != NULL && i < n->old->page_count;
	     i++) {
		const struct strings_page *p = &n->old->pages[i];

		if (p->count > 2 * (uint64_t)(n->count - page->first))
			break;
		page->first = p->first;
		page->previous = p->previous;
	}
}

enum sheaf_status names_write(struct names *n, struct segment *s,
			      uint64_t *offset, uint64_t *count,
			      struct sheaf_error *err)
{
	struct strings_page page = { 0 };
	struct buf frame = { 0 };
	uint64_t at = s->at;
	enum sheaf_status st;

	if (n->count == n->first_new)
		return SHEAF_OK;
	merge_plan(n, *offset, &page);
	page.count = n->count - page.first;
	page.strings = n->strings + page.first;
	st = strings_put(&frame, &page, at, STRINGS_LEVEL, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &frame, err);
	buf_done(&frame);
	if (st == SHEAF_OK) {
		*offset = at;
		*count = n->count;
	}
	return st;
}
