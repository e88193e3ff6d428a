/*
 * facts.c - what was put into a corpus, and whether a corpus still says so
 */
#include "fault/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"

#define COMMIT_TIME INT64_C(1700000000)

static void *need(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "facts: out of memory\n");
		exit(3);
	}
	return p;
}

static void *copy_of(const void *p, size_t len)
{
	char *to = need(malloc(len + 1));

	if (len != 0)
		memcpy(to, p, len);
	to[len] = 0;
	return to;
}

static int str_compare(struct sheaf_str a, struct sheaf_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n != 0 ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

static bool fact_is(const struct fact *f, const void *p, size_t len)
{
	return f->len == len && (len == 0 || memcmp(f->bytes, p, len) == 0);
}

/* [S-16]: the first seed under which the id is not that of other bytes */
static void id_set(const struct facts *f, struct fact *one)
{
	bool taken = true;

	for (uint64_t seed = 0; taken; seed++) {
		hash_id(one->bytes, one->len, seed, one->id);
		taken = false;
		for (size_t i = 0; i < f->count && !taken; i++)
			taken = memcmp(f->list[i].id, one->id,
				       SHEAF_ID_SIZE) == 0 &&
				!fact_is(&f->list[i], one->bytes, one->len);
	}
}

static void url_set(struct fact *one)
{
	struct sheaf_parsed *parsed = need(sheaf_parsed_new());

	if (sheaf_format_parse(
		    sheaf_format_guess(one->name, one->bytes, one->len),
		    one->bytes, one->len, parsed, NULL) == SHEAF_OK) {
		struct sheaf_str url = sheaf_parsed_fields(parsed)->url;

		one->url.p = copy_of(url.p, url.len);
		one->url.len = url.len;
	}
	sheaf_parsed_free(parsed);
}

/* the first fact of @name in f->named, or where it would stand */
static size_t named_find(const struct facts *f, struct sheaf_str name)
{
	size_t low = 0, high = f->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_compare(f->named[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void facts_add(struct facts *f, uint64_t commit, struct sheaf_str name,
	       const void *bytes, size_t len)
{
	struct fact one = { .len = len, .commit = commit };
	size_t at;

	if (f->count == f->cap) {
		f->cap = f->cap != 0 ? 2 * f->cap : 64;
		f->list = need(realloc(f->list, f->cap * sizeof(*f->list)));
		f->named = need(realloc(f->named, f->cap * sizeof(*f->named)));
	}
	one.name.p = copy_of(name.p, name.len);
	one.name.len = name.len;
	one.bytes = copy_of(bytes, len);
	id_set(f, &one);
	url_set(&one);
	at = named_find(f, name);
	memmove(&f->named[at + 1], &f->named[at],
		(f->count - at) * sizeof(f->named[0]));
	f->list[f->count++] = one;
	/* the list may have moved */
	for (size_t i = 0, k = 0; i < f->count; i++)
		if (i != at)
			f->named[i] = f->named[i], k++;
	f->named[at] = &f->list[f->count - 1];
}
