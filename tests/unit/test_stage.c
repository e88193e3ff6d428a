/*
 * test_stage.c - blocks stay within the format's limits, whatever is added
 */
#include <stdint.h>
#include <string.h>

#include <sheaf/compact.h>

#include "formats/sheaf/limits.h"
#include "harness.h"
#include "scratch.h"

static bool whole(const char *path, uint64_t articles)
{
	const struct sheaf_verify_options o = { .deep = true, .threads = 2 };
	struct sheaf_verify_result r;

	return sheaf_verify(path, &o, &r, NULL) == SHEAF_OK && r.damages == 0 &&
	       r.articles == articles;
}

/* more articles than a block may have fit into its bytes */
static void test_stage_many_tiny_articles_in_large_blocks(void)
{
	enum { MANY = ARTICLES_MAX + 3000 };
	const struct sheaf_write_options wo = { .level = 1,
						.block_size = BLOCK_MAX,
						.threads = 2 };
	const struct sheaf_compact_options co = { .level = 1,
						  .block_size = BLOCK_MAX,
						  .threads = 2 };
	struct sheaf_commit_options commit = { 0 };
	struct sheaf_commit_result r;
	struct sheaf_writer *w;
	char text[32];

	if (!CHECK(sheaf_writer_open(&w, "tiny.sheaf", &wo, NULL) == SHEAF_OK))
		return;
	for (unsigned int i = 0; i < MANY; i++) {
		struct sheaf_article a = { .name = { text, 0 } };

		a.name.len = (size_t)snprintf(text, sizeof(text), "n%u", i);
		a.bytes = text;
		a.len = a.name.len;
		CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	}
	CHECK(sheaf_writer_commit(w, &commit, &r, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	CHECK(whole("tiny.sheaf", MANY));
	CHECK(sheaf_compact("tiny.sheaf", &co, &r, NULL) == SHEAF_OK);
	CHECK(whole("tiny.sheaf", MANY));
}

/* on a corpus that is not even there: looked at first */
static void test_compact_options_out_of_range_refused(void)
{
	static const char message[MESSAGE_MAX + 1];
	const struct sheaf_compact_options wrong[] = {
		{ .level = 23 },
		{ .level = -1 },
		{ .block_size = 1023 },
		{ .block_size = BLOCK_MAX + 1 },
		{ .dictionary_size = BLOCK_MAX },
		{ .message = { message, sizeof(message) } },
	};
	struct sheaf_commit_result r;

	for (size_t i = 0; i < HARNESS_COUNT(wrong); i++)
		CHECK(sheaf_compact("absent.sheaf", &wrong[i], &r, NULL) ==
		      SHEAF_MISUSE);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_stage_many_tiny_articles_in_large_blocks) },
		{ HARNESS_TEST(test_compact_options_out_of_range_refused) },
	};
	int status;

	if (!scratch_enter())
		return 1;
	status = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return status;
}
