/*
 * test_remove.c - what is removed is gone, refused, and comes back
 *
 * Random additions, removals, returns and compactions against a plain list of
 * records; every commit is asked about all of it, and verified.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "hostile.h"
#include "scratch.h"

enum { ARTICLES = 12, NAMES = 6, COMMITS = 40, RECORDS_MOST = 2000 };

struct told {
	unsigned int name, article;
	uint64_t commit;
};

/* what the corpus must say */
static struct model {
	struct told records[RECORDS_MOST];
	size_t count;
	uint64_t removed[ARTICLES]; /* by which commit; 0: not */
	/* the same as it was at each commit, and what to say of it as of then
	 */
	uint64_t past[COMMITS + 1][ARTICLES];
	uint64_t commit;
} model;

static uint64_t state;

static unsigned int pick(unsigned int n)
{
	return (unsigned int)(hostile_random(&state) % n);
}

static size_t text_of(unsigned int article, char *p, size_t cap)
{
	size_t len = 0;

	for (unsigned int i = 0; i < 30; i++)
		len += (size_t)snprintf(p + len, cap - len, "word%u ",
					(article / 2 * 7 + i * 13) % 50);
	return len +
	       (size_t)snprintf(p + len, cap - len, "number %u\n", article);
}

static void id_of(unsigned int article, uint8_t id[SHEAF_ID_SIZE])
{
	char text[1024];

	sheaf_id_of(text, text_of(article, text, sizeof(text)), id);
}

static bool is_shown(const struct told *r, uint64_t commit)
{
	uint64_t gone = model.past[commit][r->article];

	return r->commit <= commit && (gone == 0 || gone > commit);
}

/* the newest record of a name, as the next commit finds it; NULL: none */
static const struct told *newest(unsigned int name)
{
	for (size_t i = model.count; i-- != 0;)
		if (model.records[i].name == name &&
		    model.removed[model.records[i].article] == 0)
			return &model.records[i];
	return NULL;
}

static void add(struct sheaf_writer *w, bool take_back)
{
	unsigned int article = pick(ARTICLES), name = pick(NAMES);
	char text[1024], name_text[16];
	struct sheaf_article a = { .bytes = text };
	enum sheaf_added got;
	const struct told *standing;

	a.len = text_of(article, text, sizeof(text));
	a.name.p = name_text;
	a.name.len =
		(size_t)snprintf(name_text, sizeof(name_text), "name%u", name);
	CHECK(sheaf_writer_add(w, &a, &got, NULL) == SHEAF_OK);
	if (model.removed[article] != 0 && !take_back) {
		CHECK(got == SHEAF_ADDED_REFUSED);
		return;
	}
	model.removed[article] = 0;
	standing = newest(name);
	if (standing != NULL && standing->article == article) {
		CHECK(got == SHEAF_ADDED_KNOWN);
		return;
	}
	CHECK(got != SHEAF_ADDED_KNOWN && got != SHEAF_ADDED_REFUSED);
	model.records[model.count++] =
		(struct told){ name, article, model.commit + 1 };
}

static void change(struct sheaf_writer *w, bool removes)
{
	uint8_t ids[3][SHEAF_ID_SIZE];
	uint64_t expected = 0, got;
	unsigned int n = pick(3) + 1;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int article = pick(ARTICLES);

		id_of(article, ids[i]);
		expected += (model.removed[article] == 0) == removes;
		if (!removes)
			model.removed[article] = 0;
		else if (model.removed[article] == 0)
			model.removed[article] = model.commit + 1;
	}
	CHECK((removes ? sheaf_writer_remove : sheaf_writer_take_back)(
		      w, (const uint8_t(*)[SHEAF_ID_SIZE])ids, n, &got, NULL) ==
	      SHEAF_OK);
	CHECK(got == expected);
}

/* one of each kind, or several in one commit */
static void commit_make(const char *path)
{
	struct sheaf_write_options o = { .threads = 1,
					 .level = 1,
					 .take_back = pick(8) == 0 };
	struct sheaf_commit_options c = { .has_time = true,
					  .time = (int64_t)model.commit };
	struct sheaf_commit_result result;
	size_t before = model.count;
	uint64_t removed[ARTICLES];
	struct sheaf_writer *w;
	bool changes;

	memcpy(removed, model.removed, sizeof(removed));
	if (!CHECK(sheaf_writer_open(&w, path, &o, NULL) == SHEAF_OK))
		return;
	for (unsigned int n = pick(3); n != 0; n--)
		change(w, pick(3) != 0);
	for (unsigned int n = pick(6); n != 0; n--)
		add(w, o.take_back);
	for (unsigned int n = pick(3); n != 0; n--)
		change(w, pick(3) != 0);
	changes = before != model.count ||
		  memcmp(removed, model.removed, sizeof(removed)) != 0;
	CHECK(sheaf_writer_commit(w, &c, &result, NULL) == SHEAF_OK);
	CHECK(result.committed == changes);
	sheaf_writer_free(w);
	model.commit += changes;
	memcpy(model.past[model.commit], model.removed, sizeof(removed));
}

/* a compaction remembers only what is removed now, and by whom */
static void compact(const char *path)
{
	struct sheaf_compact_options o = { .threads = 1, .level = 1 };

	CHECK(sheaf_compact(path, &o, NULL, NULL) == SHEAF_OK);
	model.commit++;
	for (uint64_t k = 1; k <= model.commit; k++)
		memcpy(model.past[k], model.removed, sizeof(model.removed));
}

struct listing {
	uint64_t commit;
	bool seen[RECORDS_MOST];
	size_t count;
};

/* a record that is listed must be one that is told, and not twice */
static int on_record(const struct sheaf_record *r, void *arg)
{
	struct listing *l = arg;
	unsigned int name = (unsigned int)(r->name.p[4] - '0');
	bool found = false, is_latest = true;
	uint8_t id[SHEAF_ID_SIZE];

	for (size_t i = 0; i < model.count; i++) {
		const struct told *t = &model.records[i];
		uint64_t prefix = 0;

		if (t->name != name || !is_shown(t, l->commit))
			continue;
		id_of(t->article, id);
		for (int k = 0; k < 6; k++)
			prefix = prefix << 8 | id[k];
		if (!found && !l->seen[i] && t->commit == r->commit &&
		    prefix == r->id_prefix) {
			found = l->seen[i] = true;
			continue;
		}
		if (found)
			is_latest = false;
	}
	CHECK(found);
	CHECK(is_latest == r->is_latest);
	l->count++;
	return 0;
}

static void articles_ask(struct sheaf_corpus *c, uint64_t commit)
{
	struct sheaf_bytes bytes = { 0 };
	uint64_t removed = 0;
	uint8_t id[SHEAF_ID_SIZE];

	for (unsigned int a = 0; a < ARTICLES; a++) {
		enum sheaf_status expected = SHEAF_NOT_FOUND;

		for (size_t i = 0; i < model.count; i++)
			if (model.records[i].article == a &&
			    is_shown(&model.records[i], commit))
				expected = SHEAF_OK;
		id_of(a, id);
		CHECK(sheaf_get(c, id, &bytes, NULL) == expected);
		CHECK(sheaf_has(c, id, NULL, NULL) == expected);
		removed += model.past[commit][a] != 0 &&
			   model.past[commit][a] <= commit;
	}
	CHECK(sheaf_removed_count(c) == removed);
	sheaf_bytes_done(&bytes);
}

static void corpus_ask(const char *path, uint64_t commit)
{
	const struct sheaf_open_options o = { commit };
	const struct sheaf_filter all = { .all_versions = true };
	struct listing l = { .commit = commit };
	struct sheaf_corpus *c;
	size_t expected = 0;

	if (!CHECK(sheaf_open(&c, path, &o, NULL) == SHEAF_OK))
		return;
	for (size_t i = 0; i < model.count; i++)
		expected += is_shown(&model.records[i], commit);
	CHECK(sheaf_list(c, &all, on_record, &l, NULL) == SHEAF_OK);
	CHECK(l.count == expected);
	articles_ask(c, commit);
	sheaf_close(c);
}

static void corpus_verify(const char *path)
{
	for (int deep = 0; deep < 2; deep++) {
		struct sheaf_verify_options o = { .deep = deep != 0,
						  .threads = 1 };
		struct sheaf_verify_result r;

		CHECK(sheaf_verify(path, &o, &r, NULL) == SHEAF_OK);
		CHECK(r.damages == 0);
	}
}

static void test_removals_are_as_in_the_model(void)
{
	for (unsigned int run = 0; run < 10; run++) {
		state = 1000 + run;
		memset(&model, 0, sizeof(model));
		unlink("corpus");
		while (model.commit < COMMITS) {
			if (model.commit > 3 && pick(12) == 0)
				compact("corpus");
			else
				commit_make("corpus");
		}
		for (uint64_t k = 1; k <= model.commit; k++)
			corpus_ask("corpus", k);
		corpus_verify("corpus");
	}
}

static struct sheaf_writer *writer(void)
{
	struct sheaf_writer *w;

	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	return w;
}

static void put(struct sheaf_writer *w, const char *name, const char *text,
		enum sheaf_added expected)
{
	struct sheaf_article a = { .name = { name, strlen(name) },
				   .bytes = text,
				   .len = strlen(text) };
	enum sheaf_added got;

	CHECK(sheaf_writer_add(w, &a, &got, NULL) == SHEAF_OK);
	CHECK(got == expected);
}

/* in one commit: an article that is added, then removed, is never shown */
static void test_removed_where_it_was_added_is_not_live(void)
{
	uint8_t id[1][SHEAF_ID_SIZE];
	struct sheaf_commit_result result;
	struct sheaf_corpus *c;
	struct sheaf_writer *w;

	unlink("corpus");
	w = writer();
	put(w, "a", "one", SHEAF_ADDED_NEW);
	put(w, "b", "two", SHEAF_ADDED_NEW);
	sheaf_id_of("one", 3, id[0]);
	CHECK(sheaf_writer_remove(w, (const uint8_t(*)[SHEAF_ID_SIZE])id, 1,
				  NULL, NULL) == SHEAF_OK);
	put(w, "c", "one", SHEAF_ADDED_REFUSED);
	CHECK(sheaf_writer_commit(w, NULL, &result, NULL) == SHEAF_OK);
	CHECK(result.removed == 1 && result.refused == 1);
	CHECK(sheaf_writer_remove(w, (const uint8_t(*)[SHEAF_ID_SIZE])id, 1,
				  NULL, NULL) == SHEAF_MISUSE);
	sheaf_writer_free(w);
	CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_corpus_commit(c)->records == 1);
	sheaf_close(c);
	corpus_verify("corpus");
}

static int on_removed(const struct sheaf_removed *removed,
		      const struct sheaf_record *record, void *arg)
{
	unsigned int *n = arg;

	CHECK(removed->commit == 2 && removed->time == 77);
	CHECK(record == NULL || record->name.len == 1);
	++*n;
	return *n == 100;
}

/* by id, name and url; the list has its commit's time; stops when told to */
static void test_removed_found_by_every_key(void)
{
	const char *post = "---\nurl: https://x.example/\n---\none\n";
	struct sheaf_commit_options o = { .has_time = true, .time = 77 };
	struct sheaf_fields fields = { .url = { "https://x.example/", 18 } };
	struct sheaf_article a = { .name = { "a", 1 },
				   .bytes = post,
				   .len = strlen(post),
				   .format = "hugo",
				   .fields = &fields };
	struct sheaf_str url = { "https://x.example/", 18 }, key;
	char hex[SHEAF_ID_HEX + 1];
	uint8_t id[1][SHEAF_ID_SIZE];
	struct sheaf_corpus *c;
	struct sheaf_writer *w;
	unsigned int n = 0;

	unlink("corpus");
	w = writer();
	CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	put(w, "b", post, SHEAF_ADDED_COPY);
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	w = writer();
	sheaf_id_of(post, strlen(post), id[0]);
	CHECK(sheaf_writer_remove(w, (const uint8_t(*)[SHEAF_ID_SIZE])id, 1,
				  NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, &o, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);

	CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK);
	sheaf_id_hex(id[0], hex);
	key = (struct sheaf_str){ hex, 7 };
	CHECK(sheaf_find(c, key, NULL, NULL, NULL) == SHEAF_NOT_FOUND);
	CHECK(sheaf_removed_find(c, SHEAF_KEY_ID, key, on_removed, &n, NULL) ==
	      SHEAF_OK);
	CHECK(sheaf_removed_find(c, SHEAF_KEY_NAME,
				 (struct sheaf_str){ "b", 1 }, on_removed, &n,
				 NULL) == SHEAF_OK);
	CHECK(sheaf_removed_find(c, SHEAF_KEY_URL, url, on_removed, &n, NULL) ==
	      SHEAF_OK);
	CHECK(n == 3);
	CHECK(sheaf_removed_find(c, SHEAF_KEY_NAME,
				 (struct sheaf_str){ "c", 1 }, on_removed, &n,
				 NULL) == SHEAF_NOT_FOUND);
	CHECK(sheaf_removed_list(c, on_removed, &n, NULL) == SHEAF_OK &&
	      n == 4);
	n = 99;
	CHECK(sheaf_removed_list(c, on_removed, &n, NULL) == SHEAF_CANCELLED);
	n = 99;
	CHECK(sheaf_removed_find(c, SHEAF_KEY_NAME,
				 (struct sheaf_str){ "b", 1 }, on_removed, &n,
				 NULL) == SHEAF_CANCELLED);
	sheaf_close(c);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_removals_are_as_in_the_model) },
		{ HARNESS_TEST(test_removed_where_it_was_added_is_not_live) },
		{ HARNESS_TEST(test_removed_found_by_every_key) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
