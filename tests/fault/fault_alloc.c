/*
 * fault_alloc.c - every allocation of the library fails, one after the other
 *
 * What writes and reads corpora; readers and writers of other formats are in
 * fault_alloc_formats.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sheaf/similar.h>

#include "fault/posts.h"
#include "fault/starve.h"
#include "harness.h"
#include "scratch.h"
#include "write/late.h"

static int record_pass(const struct sheaf_record *record, void *arg)
{
	(void)record;
	++*(unsigned int *)arg;
	return 0;
}

static int match_pass(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	(void)kind;
	(void)place;
	return record_pass(record, arg);
}

static int commit_pass(const struct sheaf_commit *commit, void *arg)
{
	(void)commit;
	++*(unsigned int *)arg;
	return 0;
}

static enum sheaf_status work_write(void)
{
	return facts_write(&starved.facts, "corpus", 2, &posts_small_options,
			   NULL);
}

/* two of the first commit's articles go, or come back */
static enum sheaf_status removal(bool takes_back)
{
	struct sheaf_commit_options o = { .has_time = true, .time = 1 };
	uint8_t ids[2][SHEAF_ID_SIZE];
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	for (int i = 0; i < 2; i++)
		memcpy(ids[i], starved.facts.list[i].id, SHEAF_ID_SIZE);
	st = sheaf_writer_open(&w, "corpus", NULL, NULL);
	if (st == SHEAF_OK)
		st = (takes_back ? sheaf_writer_take_back :
				   sheaf_writer_remove)(
			w, (const uint8_t(*)[SHEAF_ID_SIZE])ids, 2, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

static enum sheaf_status work_remove(void)
{
	return removal(false);
}

static enum sheaf_status work_take_back(void)
{
	return removal(true);
}

static enum sheaf_status work_create(void)
{
	unlink("corpus");
	return facts_write(&starved.facts, "corpus", 1, &posts_small_options,
			   NULL);
}

static enum sheaf_status questions(struct sheaf_corpus *c)
{
	struct sheaf_str prefix = { "https://news.example/1", 22 };
	struct sheaf_filter all = { .all_versions = true,
				    .url_prefixes = &prefix,
				    .url_prefix_count = 1 };
	struct sheaf_info info;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_list(c, &all, record_pass, &n, NULL);

	for (size_t i = 0; i < starved.facts.count && st == SHEAF_OK; i += 5) {
		const struct fact *f = &starved.facts.list[i];

		if (f->commit != 1)
			continue;
		st = sheaf_get(c, f->id, &starved.bytes, NULL);
		if (st == SHEAF_OK &&
		    (starved.bytes.len != f->len ||
		     (f->len != 0 &&
		      memcmp(starved.bytes.p, f->bytes, f->len) != 0)))
			return SHEAF_CORRUPT;
		if (st == SHEAF_OK)
			st = sheaf_find(c, f->name, match_pass, &n, NULL);
		if (st == SHEAF_OK && f->url.len != 0)
			st = sheaf_find(c, f->url, match_pass, &n, NULL);
	}
	if (st == SHEAF_OK)
		st = sheaf_log(c, commit_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_info_read(c, &info, NULL);
	return st;
}

static enum sheaf_status work_read(void)
{
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = questions(c);
	sheaf_close(c);
	return st;
}

static int similar_pass(const struct sheaf_similar *found, void *arg)
{
	return record_pass(found->record, arg);
}

struct first {
	struct sheaf_place place;
	bool found;
};

static int first_take(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct first *first = arg;

	(void)kind;
	(void)record;
	if (!first->found)
		first->place = place;
	first->found = true;
	return 0;
}

static enum sheaf_status work_similar(void)
{
	static const struct sheaf_str name = { "2025/02/story-07.md", 19 };
	const struct sheaf_similar_options o = { .threads = 2 };
	struct first first = { .found = false };
	struct sheaf_place base;
	struct sheaf_corpus *c;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_find(c, name, first_take, &first, NULL);
	if (st == SHEAF_OK)
		st = sheaf_similar(c, first.place, &o, similar_pass, &n, NULL,
				   NULL);
	if (st == SHEAF_OK)
		st = sheaf_revision_of(c, first.place, &base, NULL);
	sheaf_close(c);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

static int removed_pass(const struct sheaf_removed *removed,
			const struct sheaf_record *record, void *arg)
{
	(void)removed;
	return record_pass(record, arg);
}

/* of a corpus from which two were removed */
static enum sheaf_status work_removed(void)
{
	struct sheaf_corpus *c = NULL;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_list(c, NULL, record_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_removed_list(c, removed_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_removed_find(c, SHEAF_KEY_NAME,
					starved.facts.list[0].name,
					removed_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_get(c, starved.facts.list[0].id, &starved.bytes,
			       NULL);
	if (st == SHEAF_NOT_FOUND)
		st = SHEAF_OK;
	sheaf_close(c);
	return st;
}

static enum sheaf_status work_erase(void)
{
	const struct sheaf_erase_options o = { .threads = 2,
					       .has_time = true,
					       .time = 1700000000 };

	return sheaf_erase(
		"corpus",
		(const uint8_t(*)[SHEAF_ID_SIZE])starved.facts.list[0].id, 1,
		&o, NULL, NULL);
}

static enum sheaf_status work_slice(void)
{
	static const char *const glob = "*[0-4].md";
	const struct sheaf_filter filter = { .name_globs = &glob,
					     .name_glob_count = 1 };
	const struct sheaf_slice_options o = { .filter = &filter,
					       .threads = 2 };
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	(void)remove("part");
	if (st == SHEAF_OK)
		st = sheaf_slice(c, "part", &o, NULL, NULL);
	sheaf_close(c);
	return st;
}

static enum sheaf_status work_verify(void)
{
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result v;
	enum sheaf_status st = sheaf_verify("corpus", &o, &v, NULL);

	return st == SHEAF_OK && v.damages != 0 ? SHEAF_CORRUPT : st;
}

static void loss_pass(const struct sheaf_damage *damage,
		      const struct sheaf_record *lost, void *arg)
{
	(void)damage;
	*(unsigned int *)arg += lost != NULL;
}

/* a hole in the blocks, and one in the tables; it must leave no file behind
 * that is not whole */
static enum sheaf_status work_salvage(void)
{
	unsigned int lost = 0;
	const struct sheaf_verify_options o = { .threads = 1,
						.on_damage = loss_pass,
						.arg = &lost };
	const struct sheaf_salvage_options so = {
		.level = 1, .threads = 1, .on_damage = loss_pass, .arg = &lost
	};
	struct sheaf_verify_result v;
	uint8_t *p = starved.before.p;
	uint8_t kept[2][64];
	size_t at[2] = { starved.before.len / 2, starved.before.len - 400 };
	enum sheaf_status st;
	bool ok = true;

	for (int i = 0; i < 2; i++) {
		memcpy(kept[i], p + at[i], sizeof(kept[i]));
		memset(p + at[i], 0, sizeof(kept[i]));
	}
	ok = scratch_write("bad", starved.before.p, starved.before.len);
	for (int i = 0; i < 2; i++)
		memcpy(p + at[i], kept[i], sizeof(kept[i]));
	unlink("new");
	st = ok ? sheaf_verify("bad", &o, &v, NULL) : SHEAF_IO;
	if (st == SHEAF_OK)
		st = sheaf_salvage("bad", "new", &so, NULL, NULL);
	if (st != SHEAF_OK && access("new", F_OK) == 0)
		return SHEAF_MISUSE;
	return st == SHEAF_OK && lost == 0 ? SHEAF_CORRUPT : st;
}

/* the end of the second commit is not there, nor the first block of it whole */
static enum sheaf_status work_verify_torn(void)
{
	struct image is = starved.after;
	size_t at = starved.before.len + 60;
	struct sheaf_verify_result v;
	uint8_t kept = is.p[at];
	enum sheaf_status st;
	bool ok;

	is.p[at] ^= 1;
	ok = scratch_write("bad", is.p, is.len - 40);
	is.p[at] = kept;
	st = ok ? sheaf_verify("bad", NULL, &v, NULL) : SHEAF_IO;
	return st == SHEAF_OK && (v.torn_articles == 0 || v.torn_lost == 0) ?
		       SHEAF_CORRUPT :
		       st;
}

struct places {
	struct sheaf_place at[1000];
	size_t count;
	size_t read;
};

static int article_pass(const struct sheaf_scanned *a, void *arg)
{
	struct places *p = arg;

	if (a->record != NULL && p->count < HARNESS_COUNT(p->at))
		p->at[p->count++] = a->record->place;
	p->read += a->status == SHEAF_OK;
	return 0;
}

static enum sheaf_status work_many(void)
{
	static const struct sheaf_scan_options o = { .threads = 2 };
	struct places p = { 0 };
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_scan(c, NULL, &o, article_pass, &p, NULL);
	if (st == SHEAF_OK)
		st = sheaf_read_many(c, p.at, p.count, &o, article_pass, &p,
				     NULL);
	sheaf_close(c);
	return st == SHEAF_OK && p.read != 2 * p.count ? SHEAF_CORRUPT : st;
}

static void test_create_starved_makes_none_or_all(void)
{
	starve("create", work_create, STARVE_CREATES);
}

static void test_add_starved_keeps_the_old_corpus(void)
{
	starve("add", work_write, STARVE_CHANGES);
}

static void test_questions_starved_end_in_nomem(void)
{
	starve("open, list, get, find, log, info", work_read, STARVE_KEEPS);
}

static void test_similar_starved_ends_in_nomem(void)
{
	starve("similar", work_similar, STARVE_KEEPS);
}

static void test_verify_starved_ends_in_nomem(void)
{
	starve("verify", work_verify, STARVE_KEEPS);
	starve("verify what is torn", work_verify_torn, STARVE_KEEPS);
}

static void test_salvage_starved_leaves_no_file(void)
{
	starve("verify and salvage of a damaged one", work_salvage,
	       STARVE_KEEPS);
}

static void test_scan_starved_ends_in_nomem(void)
{
	starve("scan, read many", work_many, STARVE_KEEPS);
}

static void test_removal_starved_keeps_the_old_corpus(void)
{
	struct image gone = { 0 }, back = { 0 };

	CHECK(scratch_write("corpus", starved.before.p, starved.before.len));
	CHECK(work_remove() == SHEAF_OK && image_load(&gone, "corpus"));
	CHECK(work_take_back() == SHEAF_OK && image_load(&back, "corpus"));
	starve_from("remove", work_remove, STARVE_CHANGES, starved.before,
		    gone);
	starve_from("take back", work_take_back, STARVE_CHANGES, gone, back);
	starve_from("questions about what is gone", work_removed, STARVE_KEEPS,
		    gone, gone);
	starve_from("verify what is gone", work_verify, STARVE_KEEPS, gone,
		    gone);
	image_done(&gone);
	image_done(&back);
}

static void test_erasure_and_slice_starved_keep_the_old_corpus(void)
{
	struct image gone = { 0 };

	CHECK(scratch_write("corpus", starved.after.p, starved.after.len));
	CHECK(work_erase() == SHEAF_OK && image_load(&gone, "corpus"));
	starve_from("erase", work_erase, STARVE_CHANGES, starved.after, gone);
	starve_from("slice", work_slice, STARVE_KEEPS, starved.after,
		    starved.after);
	image_done(&gone);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_create_starved_makes_none_or_all) },
	{ HARNESS_TEST(test_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_questions_starved_end_in_nomem) },
	{ HARNESS_TEST(test_similar_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_verify_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_salvage_starved_leaves_no_file) },
	{ HARNESS_TEST(test_scan_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_removal_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_erasure_and_slice_starved_keep_the_old_corpus) },
};

int main(int argc, char **argv)
{
	late_shift = 8; /* small commits have late blocks */
	return starve_main(argc, argv, tests, HARNESS_COUNT(tests), NULL);
}
