/*
 * test_stage.c - how articles become blocks: within the format's limits, and as
 * large as suits the commit
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

/* words of which some return, as in prose; another seed says something else */
static void text_make(uint32_t seed, size_t len, char *out)
{
	uint64_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		if (i % 8 == 0)
			x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = "etaoin shrdlucmf"[x >> 33 >> i % 8 * 3 & 15];
		if (i % 64 == 63)
			x = (x >> 40) % 3000 * 2654435761u + seed % 7;
	}
}

/* a commit of @bytes of text in articles of some 4 KB */
static bool text_add(const char *path, uint32_t seed, size_t bytes,
		     const struct sheaf_write_options *o)
{
	const struct sheaf_commit_options co = { .has_time = true, .time = 1 };
	struct sheaf_commit_result r;
	struct sheaf_writer *w;
	char text[4096], name[32];
	bool ok = sheaf_writer_open(&w, path, o, NULL) == SHEAF_OK;

	for (size_t at = 0; ok && at < bytes; at += sizeof(text), seed++) {
		struct sheaf_article a = { .name = { name, 0 }, .bytes = text };

		a.len = bytes - at < sizeof(text) ? bytes - at : sizeof(text);
		a.name.len = (size_t)snprintf(name, sizeof(name), "n%u", seed);
		text_make(seed, a.len, text);
		ok = sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK;
	}
	ok = ok && sheaf_writer_commit(w, &co, &r, NULL) == SHEAF_OK;
	sheaf_writer_free(w);
	return ok;
}

static bool same(const char *a, const char *b)
{
	FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
	int c = EOF;
	bool equal = x != NULL && y != NULL;

	while (equal && (c = getc(x)) == getc(y) && c != EOF)
		;
	equal = equal && c == EOF && feof(y);
	if (x != NULL)
		fclose(x);
	if (y != NULL)
		fclose(y);
	return equal;
}

/* two corpora alike: the next commit by default, as if that had been asked */
static bool default_is(uint32_t seed, size_t bytes, int level, size_t block)
{
	const struct sheaf_write_options by_default = { .threads = 2 };
	const struct sheaf_write_options asked = { .level = level,
						   .block_size = block,
						   .threads = 1 };

	return text_add("default.sheaf", seed, bytes, &by_default) &&
	       text_add("asked.sheaf", seed, bytes, &asked) &&
	       same("default.sheaf", "asked.sheaf");
}

/* the smaller the commit, the harder it is compressed */
static void test_stage_small_commits_adapt(void)
{
	CHECK(default_is(1, (size_t)200 << 10, 19, (size_t)16 << 10));
	CHECK(default_is(1001, (size_t)1 << 20, 19, (size_t)16 << 10));
	CHECK(default_is(2001, ((size_t)1 << 20) + 1, 15, (size_t)16 << 10));
	CHECK(default_is(9001, ((size_t)16 << 20) + 1, 9, (size_t)8 << 10));
	CHECK(whole("default.sheaf", 50 + 256 + 257 + 4097));
}

/* a new corpus has what a set of many articles has */
static void test_stage_first_commit_is_quick(void)
{
	remove("default.sheaf");
	remove("asked.sheaf");
	CHECK(default_is(1, ((size_t)1 << 20) + 1, 9, (size_t)8 << 10));
}

/* whose tables for a deep level take longer to make than a small commit */
static void test_stage_large_dictionary_keeps_the_level(void)
{
	const struct sheaf_write_options large = { .dictionary_size = (size_t)1
								      << 20,
						   .threads = 2 };

	remove("default.sheaf");
	remove("asked.sheaf");
	CHECK(text_add("default.sheaf", 1, (size_t)8 << 20, &large));
	CHECK(text_add("asked.sheaf", 1, (size_t)8 << 20, &large));
	CHECK(default_is(5001, (size_t)200 << 10, 9, (size_t)16 << 10));
}

/* one of the two is a wish for more than the other */
static void test_stage_asked_for_one_is_no_default(void)
{
	const struct sheaf_write_options level = { .level = 9, .threads = 1 };
	const struct sheaf_write_options block = { .block_size = (size_t)8
								 << 10,
						   .threads = 1 };

	CHECK(text_add("level.sheaf", 1, (size_t)200 << 10, &level));
	CHECK(text_add("block.sheaf", 1, (size_t)200 << 10, &block));
	CHECK(same("level.sheaf", "block.sheaf"));
}

static uint64_t dictionaries(const char *path)
{
	struct sheaf_corpus *c = NULL;
	struct sheaf_info info = { 0 };

	CHECK(sheaf_open(&c, path, NULL, NULL) == SHEAF_OK &&
	      sheaf_info_read(c, &info, NULL) == SHEAF_OK);
	sheaf_close(c);
	return info.dictionary_count;
}

/* batches of one commit that are alike share a dictionary, for readers hold
 * every one that there is; each by itself would rather have its own: 5 in all
 */
static void test_stage_batches_alike_share_a_dictionary(void)
{
	enum { COUNT = 4000, PHRASE = 48, PHRASES = 40000 };
	const struct sheaf_write_options o = { .memory = (size_t)16 << 20,
					       .threads = 2 };
	char text[4080], name[16];
	struct sheaf_article a = { .name = { name, 0 },
				   .bytes = text,
				   .len = sizeof(text) };
	struct sheaf_writer *w;
	uint64_t x = 7;

	if (!CHECK(sheaf_writer_open(&w, "batches.sheaf", &o, NULL) ==
		   SHEAF_OK))
		return;
	for (unsigned int i = 0; i < COUNT; i++) {
		a.name.len = (size_t)snprintf(name, sizeof(name), "n%u", i);
		for (size_t at = 0; at < sizeof(text); at += PHRASE) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			text_make((uint32_t)((x >> 33) % PHRASES), PHRASE,
				  text + at);
		}
		CHECK(sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK);
	}
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	sheaf_writer_free(w);
	CHECK(dictionaries("batches.sheaf") == 1);
	CHECK(whole("batches.sheaf", COUNT));
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
		{ HARNESS_TEST(test_stage_small_commits_adapt) },
		{ HARNESS_TEST(test_stage_first_commit_is_quick) },
		{ HARNESS_TEST(test_stage_large_dictionary_keeps_the_level) },
		{ HARNESS_TEST(test_stage_asked_for_one_is_no_default) },
		{ HARNESS_TEST(test_stage_batches_alike_share_a_dictionary) },
		{ HARNESS_TEST(test_compact_options_out_of_range_refused) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
