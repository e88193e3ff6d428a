/*
 * fault_collide.c - different articles that have the same XXH3-128 id
 *
 * Both are kept and both come back, the second under the next seed; and neither
 * is stored twice.
 */
#include <string.h>

#include "codec/hash.h"
#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "harness.h"
#include "scratch.h"

static void twin_add(struct facts *f, uint64_t commit, const char *name,
		     unsigned int which, uint64_t pair)
{
	uint8_t bytes[POSTS_TWIN_SIZE];

	posts_twin(which, pair, bytes);
	facts_add(f, commit, (struct sheaf_str){ name, strlen(name) }, bytes,
		  sizeof(bytes));
}

static void test_twins_have_one_id(void)
{
	uint8_t bytes[2][POSTS_TWIN_SIZE], id[2][SHEAF_ID_SIZE];

	for (uint64_t pair = 0; pair < 8; pair++) {
		for (unsigned int k = 0; k < 2; k++) {
			posts_twin(k, pair, bytes[k]);
			sheaf_id_of(bytes[k], POSTS_TWIN_SIZE, id[k]);
		}
		CHECK(memcmp(bytes[0], bytes[1], POSTS_TWIN_SIZE) != 0);
		CHECK(memcmp(id[0], id[1], SHEAF_ID_SIZE) == 0);
		hash_id(bytes[0], POSTS_TWIN_SIZE, 1, id[0]);
		hash_id(bytes[1], POSTS_TWIN_SIZE, 1, id[1]);
		CHECK(memcmp(id[0], id[1], SHEAF_ID_SIZE) != 0);
	}
}

/* adding the same once more changes nothing */
static void check_nothing_new(const struct facts *f, uint64_t commit)
{
	struct image before = { 0 }, after = { 0 };

	if (CHECK(image_load(&before, "corpus")) &&
	    CHECK(facts_write(f, "corpus", commit, NULL, NULL) == SHEAF_OK) &&
	    CHECK(image_load(&after, "corpus")))
		CHECK(before.len == after.len &&
		      memcmp(before.p, after.p, after.len) == 0);
	image_done(&before);
	image_done(&after);
}

/* the twins, @first first, each in the commit that is named for it */
static void twins_play(unsigned int first, uint64_t one, uint64_t two)
{
	struct facts f = { 0 };
	struct facts again = { 0 };

	twin_add(&f, one, "a first", first, 1);
	twin_add(&f, two, "b second", 1 - first, 1);
	CHECK(memcmp(f.list[0].id, f.list[1].id, SHEAF_ID_SIZE) != 0);
	if (CHECK(facts_write_all(&f, "corpus", 1, two, NULL)))
		CHECK(facts_whole(&f, "corpus", two));
	for (uint64_t k = 1; k <= two; k++)
		check_nothing_new(&f, k);
	/* the same articles, the other one first, under the same names */
	twin_add(&again, 9, "b second", 1 - first, 1);
	twin_add(&again, 9, "a first", first, 1);
	check_nothing_new(&again, 9);
	facts_done(&again);
	facts_done(&f);
	unlink("corpus");
}

static void test_twins_in_one_commit_both_come_back(void)
{
	twins_play(0, 1, 1);
	twins_play(1, 1, 1);
}

static void test_twins_in_two_commits_both_come_back(void)
{
	twins_play(0, 1, 2);
	twins_play(1, 1, 2);
}

static void twin_remove(const uint8_t id[SHEAF_ID_SIZE], bool erase)
{
	const uint8_t(*ids)[SHEAF_ID_SIZE] = (const void *)id;
	struct sheaf_writer *w = NULL;

	if (erase) {
		CHECK(sheaf_erase("corpus", ids, 1, NULL, NULL, NULL) ==
		      SHEAF_OK);
		return;
	}
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_remove(w, ids, 1, NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
}

/* one of them is removed: the other one is there, and only it is taken */
static void removed_play(unsigned int gone, bool erase)
{
	struct facts f = { 0 };
	struct sheaf_bytes bytes = { 0 };
	struct sheaf_corpus *c = NULL;
	struct sheaf_writer *w = NULL;
	enum sheaf_added added;
	enum sheaf_status st;

	twin_add(&f, 1, "first", 0, 3);
	twin_add(&f, 1, "second", 1, 3);
	CHECK(facts_write_all(&f, "corpus", 1, 1, NULL));
	twin_remove(f.list[gone].id, erase);
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	for (unsigned int k = 0; k < 2; k++) {
		struct sheaf_article a = { .name = f.list[k].name,
					   .bytes = f.list[k].bytes,
					   .len = f.list[k].len };

		CHECK(sheaf_writer_add(w, &a, &added, NULL) == SHEAF_OK);
		CHECK(added ==
		      (k == gone ? SHEAF_ADDED_REFUSED : SHEAF_ADDED_KNOWN));
	}
	sheaf_writer_free(w);
	CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_get(c, f.list[gone].id, &bytes, NULL) == SHEAF_NOT_FOUND);
	CHECK(sheaf_get(c, f.list[1 - gone].id, &bytes, NULL) == SHEAF_OK);
	CHECK(sheaf_corpus_commit(c)->records == 1);
	sheaf_bytes_done(&bytes);
	sheaf_close(c);
	CHECK(verify_damages("corpus", &st) == 0 && st == SHEAF_OK);
	facts_done(&f);
	unlink("corpus");
}

static void test_twin_removed_leaves_the_other(void)
{
	for (unsigned int gone = 0; gone < 2; gone++) {
		removed_play(gone, false);
		removed_play(gone, true);
	}
}

/* each as a version of one name, and copies of each */
static void test_twins_as_versions_and_copies_come_back(void)
{
	struct facts f = { 0 };

	twin_add(&f, 1, "name", 0, 5);
	twin_add(&f, 2, "name", 1, 5);
	twin_add(&f, 2, "copy of one", 0, 5);
	twin_add(&f, 3, "copy of two", 1, 5);
	twin_add(&f, 3, "name", 0, 5);
	if (CHECK(facts_write_all(&f, "corpus", 1, 3, NULL)))
		CHECK(facts_whole(&f, "corpus", 3));
	check_nothing_new(&f, 3);
	facts_done(&f);
	unlink("corpus");
}

/* many pairs, and so many records that they go into index layers */
static void test_twins_in_layers_come_back(void)
{
	struct facts f = { 0 };
	char name[32];

	posts_many(&f, 1, 0, 2060);
	/* of every other pair the second twin comes a commit later */
	for (uint64_t i = 0; i < 80; i++) {
		uint64_t pair = i / 2 % 20, commit = 1 + i / 40;
		unsigned int k = i % 2;

		if (commit != 1 + (pair % 2) * k)
			continue;
		snprintf(name, sizeof(name), "twin-%u-%02u", (unsigned int)pair,
			 k);
		twin_add(&f, commit, name, k, pair);
	}
	CHECK(f.count == 2060 + 40);
	if (CHECK(facts_write_all(&f, "corpus", 1, 2, NULL)))
		CHECK(facts_whole(&f, "corpus", 2));
	check_nothing_new(&f, 1);
	check_nothing_new(&f, 2);
	facts_done(&f);
	unlink("corpus");
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_twins_have_one_id) },
	{ HARNESS_TEST(test_twins_in_one_commit_both_come_back) },
	{ HARNESS_TEST(test_twins_in_two_commits_both_come_back) },
	{ HARNESS_TEST(test_twin_removed_leaves_the_other) },
	{ HARNESS_TEST(test_twins_as_versions_and_copies_come_back) },
	{ HARNESS_TEST(test_twins_in_layers_come_back) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
