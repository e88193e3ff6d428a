/*
 * test_compact.c - a corpus written anew is the same corpus
 *
 * Through the public interface only.  What a corpus tells is dumped as text,
 * as of any commit, and held against what it told before.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/compact.h>

#include "base/buf.h"
#include "harness.h"
#include "hostile.h"
#include "scratch.h"

#define ARTICLES 240 /* of the first commit */
#define TEXT 3000    /* bytes of most */
#define COMMITS 4

static void put(struct buf *b, const char *s)
{
	buf_bytes(b, s, strlen(s));
}

static void put_number(struct buf *b, int64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), " %" PRId64, n);
	put(b, text);
}

static void put_str(struct buf *b, struct sheaf_str s)
{
	put_number(b, (int64_t)s.len);
	put(b, ":");
	buf_bytes(b, s.p, s.len);
}

static void put_hex(struct buf *b, const uint8_t *p, size_t len)
{
	char digits[4];

	put(b, " ");
	for (size_t i = 0; i < len; i++) {
		snprintf(digits, sizeof(digits), "%02x", p[i]);
		put(b, digits);
	}
}

static void file_load(const char *path, struct buf *out)
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

static bool buf_same(const struct buf *a, const struct buf *b)
{
	return !a->bad && !b->bad && a->len == b->len &&
	       (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

/* an article: words of one of eight families, with a few of its own; @version
 * changes one place */
static size_t text_make(char *p, unsigned int i, unsigned int version)
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

static void name_make(char *p, size_t size, unsigned int i)
{
	if (i == 3)
		snprintf(p, size, "odd/\xff\x01 \n\"name\"\\");
	else if (i == 5)
		snprintf(p, size, "%0900d", 7);
	else
		snprintf(p, size, "day/%02u/post-%u.md", i % 30, i);
}

static enum sheaf_status add(struct sheaf_writer *w, const char *name,
			     const char *text, size_t len, unsigned int i)
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

static void add_text(struct sheaf_writer *w, unsigned int i,
		     unsigned int version, const char *as)
{
	static char text[TEXT];
	char name[1024];
	size_t len = text_make(text, i, version);

	name_make(name, sizeof(name), i);
	CHECK(add(w, as != NULL ? as : name, text, len, i) == SHEAF_OK);
}

/* what the @n-th commit brings */
static void story(struct sheaf_writer *w, unsigned int n)
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

static void story_add(const char *path, unsigned int n,
		      struct sheaf_commit_result *result)
{
	struct sheaf_write_options o = { .threads = 2 };
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

static void corpus_make(const char *path)
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

static enum sheaf_status compact(const char *path, const char *output,
				 unsigned int threads)
{
	const struct sheaf_compact_options o = { .output = output,
						 .level = 5,
						 .threads = threads,
						 .has_time = true,
						 .time = 1660000000,
						 .message = { "compact", 7 } };

	return sheaf_compact(path, &o, NULL, NULL);
}

/* no damage, however deep one looks */
static bool whole(const char *path)
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
};

static int commit_dump(const struct sheaf_commit *c, void *arg)
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

static int match_dump(enum sheaf_key_kind kind, struct sheaf_place place,
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

static int record_dump(const struct sheaf_record *r, void *arg)
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
	CHECK(sheaf_find_kind(d->corpus, SHEAF_KEY_NAME, r->name, match_dump, d,
			      NULL) == SHEAF_OK);
	d->out = whole_dump;
	buf_u8(&line, 0);
	/* NULs only at the end, so lines are strings */
	CHECK(!line.bad && strlen((char *)line.p) + 1 == line.len);
	d->lines = realloc(d->lines, (d->count + 1) * sizeof(*d->lines));
	d->lines[d->count++] = (char *)line.p;
	return 0;
}

static int line_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* all that the corpus tells as of a commit, into @out; records in any order */
static void corpus_dump(const char *path, uint64_t as_of, unsigned int skip,
			struct buf *out)
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

static void dumps_make(const char *path, struct buf *dumps, unsigned int n,
		       unsigned int skip)
{
	for (unsigned int i = 1; i < n; i++)
		corpus_dump(path, i, 0, &dumps[i]);
	corpus_dump(path, 0, skip, &dumps[0]);
}

/* is all the same; say from where on it is not */
static void dumps_compare(const struct buf *a, const struct buf *b,
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

static void dumps_done(struct buf *dumps, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		buf_done(&dumps[i]);
}

static void test_compact_tells_what_the_corpus_told(void)
{
	struct buf before[COMMITS + 2] = { { 0 } };
	struct buf after[COMMITS + 2] = { { 0 } };
	struct buf small = { 0 }, large = { 0 };

	corpus_make("a.sheaf");
	file_load("a.sheaf", &large);
	dumps_make("a.sheaf", before, COMMITS + 1, 0);
	CHECK(compact("a.sheaf", NULL, 2) == SHEAF_OK);
	CHECK(whole("a.sheaf"));
	file_load("a.sheaf", &small);
	CHECK(small.len < large.len);
	dumps_make("a.sheaf", after, COMMITS + 1, 1);
	dumps_compare(before, after, COMMITS + 1);
	/* and once more, with one commit more to keep */
	dumps_make("a.sheaf", before, COMMITS + 2, 0);
	CHECK(compact("a.sheaf", NULL, 2) == SHEAF_OK);
	CHECK(whole("a.sheaf"));
	dumps_make("a.sheaf", after, COMMITS + 2, 1);
	dumps_compare(before, after, COMMITS + 2);
	dumps_done(before, COMMITS + 2);
	dumps_done(after, COMMITS + 2);
	buf_done(&small);
	buf_done(&large);
}

static void test_compact_adds_one_commit_with_the_same_set(void)
{
	const struct sheaf_compact_options o = { .output = "new.sheaf",
						 .level = 3,
						 .message = { "smaller", 7 },
						 .has_time = true,
						 .time = -5 };
	struct sheaf_commit_result r;
	struct sheaf_corpus *old, *new;
	const struct sheaf_commit *a, *b;

	corpus_make("a.sheaf");
	CHECK(sheaf_compact("a.sheaf", &o, &r, NULL) == SHEAF_OK);
	CHECK(r.committed && r.commit == COMMITS + 1);
	if (!CHECK(sheaf_open(&old, "a.sheaf", NULL, NULL) == SHEAF_OK &&
		   sheaf_open(&new, "new.sheaf", NULL, NULL) == SHEAF_OK))
		return;
	a = sheaf_corpus_commit(old);
	b = sheaf_corpus_commit(new);
	CHECK(a->number == COMMITS && b->number == COMMITS + 1);
	CHECK(memcmp(a->fingerprint, b->fingerprint, 16) == 0);
	CHECK(memcmp(a->id, b->id, 32) != 0);
	CHECK(a->records == b->records && a->articles == b->articles &&
	      a->article_bytes == b->article_bytes);
	CHECK(b->time == -5 && b->message.len == 7);
	CHECK(r.articles == b->articles && r.file_size == b->end);
	sheaf_close(old);
	sheaf_close(new);
	(void)remove("new.sheaf");
}

static void test_compact_can_be_added_to(void)
{
	enum { LATER = COMMITS + 30 };
	struct buf before = { 0 }, after = { 0 };
	struct sheaf_commit_result r;

	corpus_make("a.sheaf");
	corpus_make("b.sheaf");
	CHECK(compact("a.sheaf", NULL, 2) == SHEAF_OK);
	/* the same story, so that the same ids and names must be there */
	for (unsigned int n = COMMITS + 1; n <= LATER; n++) {
		story_add("a.sheaf", n, &r);
		CHECK(r.commit == n + 1 && r.records == 31);
		CHECK(r.versions == 1);
		story_add("b.sheaf", n, &r);
		CHECK(r.versions == 1);
	}
	CHECK(whole("a.sheaf") && whole("b.sheaf"));
	/* known names and bytes are known, those of old commits too */
	story_add("a.sheaf", 3, &r);
	CHECK(r.articles == 0 && r.copies > 0);
	story_add("b.sheaf", 3, &r);
	corpus_dump("a.sheaf", COMMITS, 0, &before);
	corpus_dump("b.sheaf", COMMITS, 0, &after);
	CHECK(buf_same(&before, &after));
	corpus_dump("a.sheaf", LATER + 2, 0, &before);
	CHECK(compact("a.sheaf", NULL, 2) == SHEAF_OK);
	CHECK(whole("a.sheaf"));
	corpus_dump("a.sheaf", LATER + 2, 0, &after);
	CHECK(buf_same(&before, &after));
	buf_done(&before);
	buf_done(&after);
}

static int stop_later(uint64_t done, uint64_t total, void *arg)
{
	CHECK(done <= total);
	return done > *(const uint64_t *)arg;
}

static void test_compact_that_fails_leaves_the_old_file(void)
{
	uint64_t limits[] = { 0, 200000 };
	struct sheaf_compact_options o = { .on_progress = stop_later };
	struct sheaf_commit_result r;
	struct buf before = { 0 }, after = { 0 };
	struct sheaf_writer *w;

	corpus_make("a.sheaf");
	file_load("a.sheaf", &before);
	CHECK(scratch_write("there", "mine", 4));
	CHECK(compact("a.sheaf", "there", 1) == SHEAF_MISUSE);
	CHECK(compact("a.sheaf", "a.sheaf", 1) == SHEAF_MISUSE);
	CHECK(compact("a.sheaf", "no/such/folder", 1) != SHEAF_OK);
	for (size_t i = 0; i < HARNESS_COUNT(limits); i++) {
		o.arg = &limits[i];
		o.output = NULL;
		CHECK(sheaf_compact("a.sheaf", &o, &r, NULL) ==
		      SHEAF_CANCELLED);
		o.output = "new.sheaf";
		CHECK(sheaf_compact("a.sheaf", &o, &r, NULL) ==
		      SHEAF_CANCELLED);
		CHECK(access("new.sheaf", F_OK) != 0);
		CHECK(access(".a.sheaf.sheaf-compact", F_OK) != 0);
	}
	CHECK(compact("absent.sheaf", NULL, 1) != SHEAF_OK);
	CHECK(compact("there", NULL, 1) == SHEAF_CORRUPT);
	CHECK(access("absent.sheaf", F_OK) != 0);
	if (CHECK(sheaf_writer_open(&w, "a.sheaf", NULL, NULL) == SHEAF_OK)) {
		CHECK(compact("a.sheaf", NULL, 1) == SHEAF_BUSY);
		sheaf_writer_free(w);
	}
	file_load("a.sheaf", &after);
	CHECK(buf_same(&before, &after));
	file_load("there", &after);
	CHECK(after.len == 4 && memcmp(after.p, "mine", 4) == 0);
	/* and nothing is in the way of a next time */
	CHECK(compact("a.sheaf", NULL, 1) == SHEAF_OK && whole("a.sheaf"));
	buf_done(&before);
	buf_done(&after);
}

static void test_compact_same_file_for_any_number_of_threads(void)
{
	static const unsigned int threads[] = { 1, 2, 7 };
	struct buf first = { 0 }, next = { 0 };

	corpus_make("a.sheaf");
	for (size_t i = 0; i < HARNESS_COUNT(threads); i++) {
		CHECK(compact("a.sheaf", "new.sheaf", threads[i]) == SHEAF_OK);
		file_load("new.sheaf", i == 0 ? &first : &next);
		CHECK(i == 0 || buf_same(&first, &next));
		(void)remove("new.sheaf");
	}
	buf_done(&first);
	buf_done(&next);
}

static void test_compact_tiny_corpora(void)
{
	struct sheaf_commit_options c = { .allow_empty = true };
	struct buf before[2] = { { 0 } }, after[2] = { { 0 } };

	for (unsigned int n = 0; n < 3; n++) {
		struct sheaf_commit_result r;
		struct sheaf_writer *w;

		(void)remove("tiny.sheaf");
		if (!CHECK(sheaf_writer_open(&w, "tiny.sheaf", NULL, NULL) ==
			   SHEAF_OK))
			return;
		if (n > 0)
			CHECK(add(w, "x", "x", n - 1, 1) == SHEAF_OK);
		CHECK(sheaf_writer_commit(w, &c, &r, NULL) == SHEAF_OK);
		sheaf_writer_free(w);
		dumps_make("tiny.sheaf", before, 2, 0);
		CHECK(compact("tiny.sheaf", NULL, 1) == SHEAF_OK);
		CHECK(whole("tiny.sheaf"));
		dumps_make("tiny.sheaf", after, 2, 1);
		dumps_compare(before, after, 2);
	}
	dumps_done(before, 2);
	dumps_done(after, 2);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_compact_tells_what_the_corpus_told) },
		{ HARNESS_TEST(
			test_compact_adds_one_commit_with_the_same_set) },
		{ HARNESS_TEST(test_compact_can_be_added_to) },
		{ HARNESS_TEST(test_compact_that_fails_leaves_the_old_file) },
		{ HARNESS_TEST(
			test_compact_same_file_for_any_number_of_threads) },
		{ HARNESS_TEST(test_compact_tiny_corpora) },
	};
	int status;

	if (!scratch_enter())
		return 1;
	status = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return status;
}
