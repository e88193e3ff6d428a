/*
 * told.h - a corpus with a story, and all that it tells as text
 *
 * For tests of whatever writes a corpus anew: what the new one tells is held
 * against what the old one told, as of any commit.  Through the public
 * interface only.
 */
#ifndef SHEAF_TESTS_TOLD_H
#define SHEAF_TESTS_TOLD_H

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "base/buf.h"
#include "harness.h"
#include "hostile.h"
#include "scratch.h"

#define ARTICLES 240 /* of the first commit */
#define TEXT 3000    /* bytes of most */
#define COMMITS 4

static inline void put(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

static inline void put_number(struct buf *b, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), " %" PRId64, n);
	put(b, text);
}

static inline void put_str(struct buf *b, struct sheaf_str s)
{
	put_number(b, (int64_t)s.len);
	put(b, ":");
	buf_bytes(b, s.p, s.len);
}

static inline void put_hex(struct buf *b, const uint8_t *p, size_t len)
{
	char digits[4];

	put(b, " ");
	for (size_t i = 0; i < len; i++) {
		snprintf(digits, sizeof(digits), "%02x", p[i]);
		put(b, digits);
	}
}

static inline void file_load(const char *path, struct buf *out)
{
	uint8_t bytes[65536];
	FILE *f = fopen(path, "rb");
	size_t n;

	buf_clear(out);
	if (!CHECK(f != NULL))
		return;
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_bytes(out, bytes, n);
	fclose(f);
}

static inline bool buf_same(const struct buf *a, const struct buf *b)
{
	return !a->bad && !b->bad && a->len == b->len &&
	       (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

/* an article: words of one of eight families, with a few of its own; @version
 * changes one place */
static inline size_t text_make(char *p, unsigned int i, unsigned int version)
{
	uint64_t family = i % 8 + 1, own = i * 977 + 13;
	uint64_t edit = (i + 1) * 31 + version * 7919;
	size_t at = (size_t)snprintf(p, TEXT, "url https://x.example/%u\n", i);

	for (unsigned int word = 0; at + 16 < TEXT; word++) {
		uint64_t *state = word % 5 == 0 ? &own : &family;

		if (version != 0 && word == 40 + i % 50)
			state = &edit;
		at += (size_t)snprintf(p + at, 16, "%" PRIx64 "%c",
				       hostile_random(state) %
					       (word % 3 ? 999 : 999999999),
				       word % 12 ? ' ' : '\n');
	}
	return at;
}

static inline void name_make(char *p, size_t size, unsigned int i)
{
	if (i == 3)
		snprintf(p, size, "odd/\xff\x01 \n\"name\"\\");
	else if (i == 5)
		snprintf(p, size, "%0900d", 7);
	else
		snprintf(p, size, "day/%02u/post-%u.md", i % 30, i);
}

static inline enum sheaf_status add(struct sheaf_writer *w, const char *name,
				    const char *text, size_t len,
				    unsigned int i)
{
	static const struct sheaf_str lists[] = { { "News", 4 },
						  { "Wirtschaft", 10 },
						  { "\xc3\xa4", 2 } };
	char url[64];
	struct sheaf_fields f = {
		.outlet = { i % 2 ? "courier" : "bote", i % 2 ? 7 : 4 },
		.url = { url, 0 },
		.lang = { i % 3 ? "en" : "de-AT", i % 3 ? 2 : 5 },
		.categories = lists,
		.category_count = i % 3,
		.tags = lists + 1,
		.tag_count = i % 2,
		.date = 1700000000 + i * 3600,
		.has_date = i % 7 != 0,
	};
	struct sheaf_article a = {
		.name = { name, strlen(name) },
		.bytes = text,
		.len = len,
		.mtime = { 1600000000 + i, i },
		.format = i % 4 ? "hugo" : "text",
		.fields = i % 4 ? &f : NULL,
	};

	f.url.len =
		(size_t)snprintf(url, sizeof(url), "https://x.example/%u", i);
	return sheaf_writer_add(w, &a, NULL, NULL);
}

static inline void add_text(struct sheaf_writer *w, unsigned int i,
			    unsigned int version, const char *as)
{
	static char text[TEXT];
	char name[1024];
	size_t len = text_make(text, i, version);

	name_make(name, sizeof(name), i);
	CHECK(add(w, as != NULL ? as : name, text, len, i) == SHEAF_OK);
}

/* what the @n-th commit brings */
static inline void story(struct sheaf_writer *w, unsigned int n)
{
	char name[64];

	if (n == 1) {
		for (unsigned int i = 0; i < ARTICLES; i++)
			add_text(w, i, 0, NULL);
		CHECK(add(w, "empty", "", 0, 8) == SHEAF_OK);
	} else if (n == 2) {
		for (unsigned int i = 0; i < 40; i++)
			add_text(w, i, 1, NULL); /* edits */
		for (unsigned int i = 50; i < 60; i++) {
			snprintf(name, sizeof(name), "copy-%u", i);
			add_text(w, i, 0, name);
		}
	} else if (n == 3) {
		add_text(w, 1, 0, NULL); /* the old one again */
		for (unsigned int i = 10; i < 20; i++)
			add_text(w, i, 2, NULL); /* edits of edits */
		CHECK(add(w, "also empty", "", 0, 4) == SHEAF_OK);
		CHECK(add(w, "empty", "no more", 7, 8) == SHEAF_OK);
	} else {
		for (unsigned int i = 0; i < 30; i++)
			add_text(w, 1000 * n + i, 0, NULL);
		add_text(w, n, n, NULL);
	}
}

static inline void story_add(const char *path, unsigned int n,
			     struct sheaf_commit_result *result)
{
	/* as a large set has them, so that there are many blocks */
	struct sheaf_write_options o = { .level = 9,
					 .block_size = 8192,
					 .threads = 2 };
	struct sheaf_commit_options c = { .has_time = true,
					  .time = 1650000000 + n };
	struct sheaf_writer *w;
	char message[32];

	memset(result, 0, sizeof(*result));
	c.message.p = message;
	c.message.len = (size_t)snprintf(message, sizeof(message), "day %u", n);
	if (!CHECK(sheaf_writer_open(&w, path, &o, NULL) == SHEAF_OK))
		return;
	story(w, n);
	CHECK(sheaf_writer_commit(w, &c, result, NULL) == SHEAF_OK);
	CHECK(result->committed);
	sheaf_writer_free(w);
}

static inline void corpus_make(const char *path)
{
	struct sheaf_commit_result r;

	(void)remove(path);
	for (unsigned int n = 1; n <= COMMITS; n++) {
		story_add(path, n, &r);
		CHECK(r.commit == n);
		if (n == 2) /* most edits are stored as differences */
			CHECK(r.revisions > 20 && r.copies == 10);
	}
}

/* no damage, however deep one looks */
static inline bool whole(const char *path)
{
	const struct sheaf_verify_options o = { .deep = true, .threads = 2 };
	struct sheaf_verify_result r;

	return sheaf_verify(path, &o, &r, NULL) == SHEAF_OK && r.damages == 0 &&
	       r.lost_articles == 0 && r.lost_records == 0 && r.torn_bytes == 0;
}

struct dump {
	struct sheaf_corpus *corpus;
	struct buf *out;
	struct sheaf_bytes bytes;
	char **lines;
	size_t count;
	unsigned int skip; /* commits to leave out of the log, newest first */
	bool alone;	   /* records without those of the same name */
};

static inline int commit_dump(const struct sheaf_commit *c, void *arg)
{
	struct dump *d = arg;

	if (d->skip != 0) {
		d->skip--;
		return 0;
	}
	put(d->out, "commit");
	put_number(d->out, (int64_t)c->number);
	put_number(d->out, c->time);
	put_hex(d->out, c->id, sizeof(c->id));
	put_hex(d->out, c->fingerprint, sizeof(c->fingerprint));
	put_number(d->out, (int64_t)c->records);
	put_number(d->out, (int64_t)c->articles);
	put_number(d->out, (int64_t)c->article_bytes);
	put_number(d->out, (int64_t)c->new_records);
	put_number(d->out, (int64_t)c->new_articles);
	put_number(d->out, (int64_t)c->new_bytes);
	put_str(d->out, c->message);
	put(d->out, "\n");
	return 0;
}

static inline int match_dump(enum sheaf_key_kind kind, struct sheaf_place place,
			     const struct sheaf_record *record, void *arg)
{
	struct dump *d = arg;
	uint8_t id[SHEAF_ID_SIZE];

	(void)kind;
	CHECK(sheaf_read(d->corpus, place, &d->bytes, id, NULL) == SHEAF_OK);
	put(d->out, " match");
	put_number(d->out, (int64_t)record->commit);
	put_hex(d->out, id, sizeof(id));
	return 0;
}

static inline int record_dump(const struct sheaf_record *r, void *arg)
{
	struct dump *d = arg;
	struct buf line = { 0 }, *whole_dump = d->out;
	uint8_t id[SHEAF_ID_SIZE], again[SHEAF_ID_SIZE];

	CHECK(sheaf_read(d->corpus, r->place, &d->bytes, id, NULL) == SHEAF_OK);
	CHECK(d->bytes.len == r->size);
	CHECK(sheaf_get(d->corpus, id, &d->bytes, NULL) == SHEAF_OK);
	sheaf_id_of(d->bytes.p, d->bytes.len, again);
	CHECK(memcmp(id, again, sizeof(id)) == 0);
	put(&line, "record");
	put_str(&line, r->name);
	put_number(&line, (int64_t)r->size);
	put_number(&line, r->mtime.sec);
	put_number(&line, r->mtime.nsec);
	put_number(&line, (int64_t)r->commit);
	put_number(&line, (int64_t)r->id_prefix);
	put_number(&line, r->is_latest);
	put_hex(&line, id, sizeof(id));
	put_str(&line, r->format);
	put_str(&line, r->fields.outlet);
	put_str(&line, r->fields.lang);
	put_number(&line, r->fields.has_date ? r->fields.date : -1);
	for (size_t i = 0; i < r->fields.category_count; i++)
		put_str(&line, r->fields.categories[i]);
	put(&line, " tags");
	for (size_t i = 0; i < r->fields.tag_count; i++)
		put_str(&line, r->fields.tags[i]);
	d->out = &line;
	if (!d->alone)
		CHECK(sheaf_find_kind(d->corpus, SHEAF_KEY_NAME, r->name,
				      match_dump, d, NULL) == SHEAF_OK);
	d->out = whole_dump;
	buf_u8(&line, 0);
	/* NULs only at the end, so lines are strings */
	CHECK(!line.bad && strlen((char *)line.p) + 1 == line.len);
	d->lines = realloc(d->lines, (d->count + 1) * sizeof(*d->lines));
	d->lines[d->count++] = (char *)line.p;
	return 0;
}

static inline int line_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* all that the corpus tells as of a commit, into @out; records in any order */
static inline void corpus_dump(const char *path, uint64_t as_of,
			       unsigned int skip, struct buf *out)
{
	const struct sheaf_open_options o = { .as_of = as_of };
	const struct sheaf_filter all = { .all_versions = true };
	struct dump d = { .out = out, .skip = skip };
	char url[64];

	buf_clear(out);
	if (!CHECK(sheaf_open(&d.corpus, path, &o, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_log(d.corpus, commit_dump, &d, NULL) == SHEAF_OK);
	CHECK(sheaf_list(d.corpus, &all, record_dump, &d, NULL) == SHEAF_OK);
	if (d.count != 0)
		qsort(d.lines, d.count, sizeof(*d.lines), line_compare);
	for (size_t i = 0; i < d.count; i++) {
		put(out, d.lines[i]);
		put(out, "\n");
		free(d.lines[i]);
	}
	for (unsigned int i = 0; i < 60; i++) {
		struct sheaf_str key = { url, 0 };

		key.len = (size_t)snprintf(url, sizeof(url),
					   "https://x.example/%u", i);
		put(out, url);
		put_number(out, sheaf_find_kind(d.corpus, SHEAF_KEY_URL, key,
						match_dump, &d, NULL));
		put(out, "\n");
	}
	free(d.lines);
	sheaf_bytes_done(&d.bytes);
	sheaf_close(d.corpus);
}

static inline void dumps_make(const char *path, struct buf *dumps,
			      unsigned int n, unsigned int skip)
{
	for (unsigned int i = 1; i < n; i++)
		corpus_dump(path, i, 0, &dumps[i]);
	corpus_dump(path, 0, skip, &dumps[0]);
}

/* is all the same; say from where on it is not */
static inline void dumps_compare(const struct buf *a, const struct buf *b,
				 unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		size_t at = 0;

		if (CHECK(buf_same(&a[i], &b[i])))
			continue;
		while (at < a[i].len && at < b[i].len &&
		       a[i].p[at] == b[i].p[at])
			at++;
		at -= at > 40 ? 40 : at;
		printf("  as of %u: '%.90s', was '%.90s'\n", i,
		       at < b[i].len ? (char *)b[i].p + at : "",
		       at < a[i].len ? (char *)a[i].p + at : "");
	}
}

static inline void dumps_done(struct buf *dumps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		buf_done(&dumps[i]);
}

#endif
