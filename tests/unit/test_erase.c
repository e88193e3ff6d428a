/*
 * test_erase.c - articles leave a corpus, and nothing else changes
 *
 * That no byte of them is left is for tests/compat/erase.py.
 */
#include <sheaf/erase.h>
#include <sys/stat.h>

#include "harness.h"
#include "told.h"

#define VICTIMS 3

/* the ids of articles that were edited later; their
 * edits stay */
static uint8_t ids[VICTIMS][SHEAF_ID_SIZE];
static struct sheaf_erase_result result;

static void ids_make(void)
{
	static char text[TEXT];

	for (unsigned int i = 0; i < VICTIMS; i++)
		sheaf_id_of(text, text_make(text, 2 * i, 0), ids[i]);
}

static enum sheaf_status erase(const char *path, size_t count,
			       unsigned int threads)
{
	const struct sheaf_erase_options o = { .threads = threads,
					       .has_time = true,
					       .time = 1680000000,
					       .message = { "erase", 5 } };

	return sheaf_erase(path, (const uint8_t(*)[SHEAF_ID_SIZE])ids, count,
			   &o, &result, NULL);
}

static bool has(const char *path, const uint8_t *id, uint64_t as_of)
{
	const struct sheaf_open_options o = { .as_of = as_of };
	struct sheaf_bytes bytes = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;

	if (!CHECK(sheaf_open(&corpus, path, &o, NULL) == SHEAF_OK))
		return false;
	st = sheaf_get(corpus, id, &bytes, NULL);
	CHECK(st == SHEAF_OK || st == SHEAF_NOT_FOUND);
	sheaf_bytes_done(&bytes);
	sheaf_close(corpus);
	return st == SHEAF_OK;
}

/* the records of @dump, without those of an article that went; and without
 * what else their names stand for */
static void lines_drop(struct buf *dump, size_t count)
{
	char hex[SHEAF_ID_HEX + 1], *out, *line, *match;
	size_t kept = 0;

	buf_u8(dump, 0);
	out = (char *)dump->p;
	for (line = out; *line != 0;) {
		size_t len = (size_t)(strchrnul(line, '\n') + 1 - line);
		bool drop = false;

		/* an url, or a commit, whose counts are of all */
		if (line[0] != 'r')
			drop = true;
		line[len - 1] = 0;
		match = strstr(line, " match");
		if (match != NULL)
			*match = 0;
		for (size_t i = 0; i < count; i++) {
			sheaf_id_hex(ids[i], hex);
			drop |= strstr(line, hex) != NULL;
		}
		if (!drop) {
			size_t part = strlen(line);

			memmove(out + kept, line, part);
			out[kept + part] = '\n';
			kept += part + 1;
		}
		line += len;
	}
	dump->len = kept;
}

static void same_but_erased(struct buf *before, unsigned int n)
{
	struct buf after = { 0 };

	for (unsigned int k = 1; k <= n; k++) {
		corpus_dump("a.sheaf", k, 0, &after);
		lines_drop(&after, VICTIMS);
		lines_drop(&before[k], VICTIMS);
		CHECK(before[k].len > 10000 && buf_same(&before[k], &after));
	}
	buf_done(&after);
}

static void erase_check(unsigned int commits)
{
	struct buf before[COMMITS + 4] = { { 0 } };
	struct sheaf_commit_result r;

	dumps_make("a.sheaf", before, commits + 1, 0);
	for (size_t i = 0; i < VICTIMS; i++)
		CHECK(has("a.sheaf", ids[i], 1));
	CHECK(erase("a.sheaf", VICTIMS, 2) == SHEAF_OK);
	CHECK(result.committed && result.commit == commits + 1);
	CHECK(result.articles == VICTIMS && result.removed == VICTIMS);
	CHECK(result.records >= VICTIMS);
	CHECK(whole("a.sheaf"));
	for (size_t i = 0; i < VICTIMS; i++)
		CHECK(!has("a.sheaf", ids[i], 1) && !has("a.sheaf", ids[i], 0));
	same_but_erased(before, commits);
	/* again: nothing to do */
	CHECK(erase("a.sheaf", VICTIMS, 2) == SHEAF_OK);
	CHECK(!result.committed && result.commit == commits + 1);
	/* they do not come back, what is known is known */
	story_add("a.sheaf", 1, &r);
	CHECK(r.refused == VICTIMS && r.articles == 0);
	CHECK(whole("a.sheaf"));
	dumps_done(before, commits + 1);
}

static void test_erase_leaves_all_others_as_they_were(void)
{
	corpus_make("a.sheaf");
	erase_check(COMMITS);
	/* those are bases of revisions, so some blocks stay as they are */
	corpus_make("a.sheaf");
	CHECK(erase("a.sheaf", 1, 1) == SHEAF_OK);
}

static void test_erase_of_a_compacted_corpus(void)
{
	corpus_make("a.sheaf");
	CHECK(sheaf_compact("a.sheaf", NULL, NULL, NULL) == SHEAF_OK);
	erase_check(COMMITS + 1);
}

static void test_erase_enters_ids_that_are_not_there(void)
{
	corpus_make("a.sheaf");
	memset(ids[0], 0xee, sizeof(ids[0]));
	CHECK(erase("a.sheaf", 1, 1) == SHEAF_OK);
	CHECK(result.committed && result.articles == 0 && result.removed == 1);
	CHECK(result.articles_copied == result.articles_left);
	CHECK(whole("a.sheaf"));
	ids_make();
}

static int stop_at_once(uint64_t done, uint64_t total, void *arg)
{
	(void)arg;
	return done * 2 > total;
}

static void test_erase_that_fails_leaves_the_old_file(void)
{
	const struct sheaf_erase_options stop = { .on_progress = stop_at_once };
	const struct sheaf_erase_options level = { .level = 23 };
	const uint8_t(*all)[SHEAF_ID_SIZE] =
		(const uint8_t(*)[SHEAF_ID_SIZE])ids;
	struct buf before = { 0 }, after = { 0 };
	struct sheaf_writer *w;

	corpus_make("a.sheaf");
	file_load("a.sheaf", &before);
	CHECK(sheaf_erase("a.sheaf", all, 1, &stop, NULL, NULL) ==
	      SHEAF_CANCELLED);
	CHECK(sheaf_erase("a.sheaf", all, 1, &level, NULL, NULL) ==
	      SHEAF_MISUSE);
	CHECK(link("a.sheaf", "other") == 0);
	CHECK(erase("a.sheaf", 1, 1) == SHEAF_MISUSE);
	CHECK(unlink("other") == 0);
	if (CHECK(sheaf_writer_open(&w, "a.sheaf", NULL, NULL) == SHEAF_OK)) {
		CHECK(erase("a.sheaf", 1, 1) == SHEAF_BUSY);
		sheaf_writer_free(w);
	}
	CHECK(erase("absent.sheaf", 1, 1) == SHEAF_NOT_FOUND);
	CHECK(access(".a.sheaf.sheaf-new", F_OK) != 0);
	file_load("a.sheaf", &after);
	CHECK(buf_same(&before, &after));
	buf_done(&before);
	buf_done(&after);
}

/* the file that a link names is replaced, not the link */
static void test_erase_through_a_link_keeps_mode_and_link(void)
{
	struct stat sb;

	corpus_make("a.sheaf");
	CHECK(chmod("a.sheaf", 0600) == 0);
	CHECK(mkdir("d", 0700) == 0);
	CHECK(symlink("../a.sheaf", "d/link.sheaf") == 0);
	CHECK(erase("d/link.sheaf", 1, 1) == SHEAF_OK);
	CHECK(lstat("d/link.sheaf", &sb) == 0 && S_ISLNK(sb.st_mode));
	CHECK(stat("a.sheaf", &sb) == 0 && (sb.st_mode & 0777) == 0600);
	CHECK(!has("a.sheaf", ids[0], 0));
}

static void test_erase_same_file_for_any_number_of_threads(void)
{
	static const unsigned int threads[] = { 1, 2, 7 };
	struct buf first = { 0 }, next = { 0 };

	for (size_t i = 0; i < HARNESS_COUNT(threads); i++) {
		corpus_make("a.sheaf");
		CHECK(erase("a.sheaf", VICTIMS, threads[i]) == SHEAF_OK);
		file_load("a.sheaf", i == 0 ? &first : &next);
		CHECK(i == 0 || buf_same(&first, &next));
	}
	buf_done(&first);
	buf_done(&next);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_erase_leaves_all_others_as_they_were) },
		{ HARNESS_TEST(test_erase_of_a_compacted_corpus) },
		{ HARNESS_TEST(test_erase_enters_ids_that_are_not_there) },
		{ HARNESS_TEST(test_erase_that_fails_leaves_the_old_file) },
		{ HARNESS_TEST(test_erase_through_a_link_keeps_mode_and_link) },
		{ HARNESS_TEST(
			test_erase_same_file_for_any_number_of_threads) },
	};
	int status;

	if (!scratch_enter())
		return 1;
	ids_make();
	status = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return status;
}
