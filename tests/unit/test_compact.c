/*
 * test_compact.c - a corpus written anew is the same corpus
 *
 * Through the public interface only.  What a corpus tells is dumped as text,
 * as of any commit, and held against what it told before.
 */
#include <sheaf/compact.h>

#include "harness.h"
#include "told.h"

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
		CHECK(access(".a.sheaf.sheaf-new", F_OK) != 0);
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
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
