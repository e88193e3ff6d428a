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
			taken = memcmp(f->list[i].id, one->id, SHEAF_ID_SIZE) ==
					0 &&
				!fact_is(&f->list[i], one->bytes, one->len);
	}
}

static void url_set(struct fact *one)
{
	struct sheaf_parsed *parsed = need(sheaf_parsed_new());

	const char *format =
		sheaf_format_guess(one->name, one->bytes, one->len);

	if (sheaf_format_parse((struct sheaf_str){ format, strlen(format) },
			       one->bytes, one->len, parsed,
			       NULL) == SHEAF_OK) {
		struct sheaf_str url = sheaf_parsed_fields(parsed)->url;

		one->url.p = copy_of(url.p, url.len);
		one->url.len = url.len;
	}
	sheaf_parsed_free(parsed);
}

static const struct fact *named_at(const struct facts *f, size_t i)
{
	return &f->list[f->named[i]];
}

/* where the facts of @name begin in f->named, or would */
static size_t named_find(const struct facts *f, struct sheaf_str name)
{
	size_t low = 0, high = f->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_compare(named_at(f, middle)->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void facts_add(struct facts *f, uint64_t commit, struct sheaf_str name,
	       const void *bytes, size_t len)
{
	size_t at = named_find(f, name);
	struct fact *one;

	if (f->count == f->cap) {
		f->cap = f->cap != 0 ? 2 * f->cap : 64;
		f->list = need(realloc(f->list, f->cap * sizeof(*f->list)));
		f->named = need(realloc(f->named, f->cap * sizeof(*f->named)));
	}
	one = &f->list[f->count];
	*one = (struct fact){ .len = len, .commit = commit };
	one->name.p = copy_of(name.p, name.len);
	one->name.len = name.len;
	one->bytes = copy_of(bytes, len);
	id_set(f, one);
	url_set(one);
	memmove(&f->named[at + 1], &f->named[at],
		(f->count - at) * sizeof(f->named[0]));
	f->named[at] = f->count++;
}

void facts_done(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free((void *)(uintptr_t)f->list[i].name.p);
		free((void *)(uintptr_t)f->list[i].url.p);
		free(f->list[i].bytes);
	}
	free(f->list);
	free(f->named);
	memset(f, 0, sizeof(*f));
}

uint64_t facts_until(const struct facts *f, uint64_t commit)
{
	uint64_t n = 0;

	for (size_t i = 0; i < f->count; i++)
		n += f->list[i].commit <= commit;
	return n;
}

static enum sheaf_status one_write(struct sheaf_writer *w, const struct fact *f,
				   struct sheaf_parsed *parsed,
				   struct sheaf_error *err)
{
	const char *format = sheaf_format_guess(f->name, f->bytes, f->len);
	struct sheaf_article a = {
		.name = f->name,
		.bytes = f->bytes,
		.len = f->len,
		.mtime = { COMMIT_TIME + (int64_t)f->len, 7 },
		.format = format,
	};
	enum sheaf_status st;

	st = sheaf_format_parse((struct sheaf_str){ format, strlen(format) },
				f->bytes, f->len, parsed, err);
	a.fields = sheaf_parsed_fields(parsed);
	return st == SHEAF_OK ? sheaf_writer_add(w, &a, NULL, err) : st;
}

enum sheaf_status facts_write(const struct facts *f, const char *path,
			      uint64_t commit,
			      const struct sheaf_write_options *options,
			      struct sheaf_error *err)
{
	struct sheaf_commit_options o = { .has_time = true };
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	struct sheaf_writer *w = NULL;
	char message[32];
	enum sheaf_status st = SHEAF_NOMEM;

	snprintf(message, sizeof(message), "commit %llu",
		 (unsigned long long)commit);
	o.message.p = message;
	o.message.len = strlen(message);
	o.time = COMMIT_TIME + (int64_t)commit * 86400;
	if (parsed != NULL)
		st = sheaf_writer_open(&w, path, options, err);
	for (size_t i = 0; i < f->count && st == SHEAF_OK; i++)
		if (f->list[i].commit == commit)
			st = one_write(w, &f->list[i], parsed, err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, err);
	sheaf_writer_free(w);
	sheaf_parsed_free(parsed);
	return st;
}

bool facts_write_all(const struct facts *f, const char *path, uint64_t first,
		     uint64_t last, const struct sheaf_write_options *options)
{
	for (uint64_t k = first; k <= last; k++) {
		struct sheaf_error err;

		if (facts_write(f, path, k, options, &err) != SHEAF_OK) {
			printf("writing commit %llu: %s\n",
			       (unsigned long long)k, err.text);
			return false;
		}
	}
	return true;
}
