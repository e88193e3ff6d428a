/*
 * model_same.c - the same input gives the same file, for any number of threads
 *
 * More than the 16 MiB that wait for a dictionary, so that the pool is really
 * at work; and whatever level and block size, the set fingerprint is the same.
 */
#include "harness.h"
#include "scratch.h"
#include "story_of.h"

struct input {
	const char *name;
	unsigned int count, commits;
	size_t shortest, spread;
	struct sheaf_write_options options;
	bool twins; /* articles of one id, far from each other */
};

static const struct input inputs[] = {
	{ "pool", 2600, 1, 2000, 14000, { .level = 1 }, true },
	{ "small", 300, 5, 0, 900, { .level = 9 }, true },
	{ "large", 9, 1, 1 << 20, 2 << 20, { .level = 2 }, false },
	{ "bare",
	  500,
	  2,
	  0,
	  6000,
	  { .no_dictionary = true, .level = 3 },
	  true },
	{ "tiny-blocks", 900, 1, 0, 2000, { .block_size = 1024 }, true },
	{ "size", 900, 3, 0, 3000, { .dictionary_size = 20000 }, false },
};

/* two that XXH3 cannot tell apart: see data/collide.py */
static enum sheaf_status twin_add(struct sheaf_writer *w, bool second)
{
	static const uint8_t secret[] = { 0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4,
					  0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c };
	char text[600];
	struct sheaf_article a = { .bytes = text, .len = sizeof(text) };

	memset(text, 'n', sizeof(text));
	memcpy(text, secret, 4);
	memcpy(text + 4, second ? "two," : "one,", 4);
	memcpy(text + 64, secret + 8, 4);
	memcpy(text + 68, second ? "one," : "two,", 4);
	a.name = (struct sheaf_str){ second ? "twin-2" : "twin-1", 6 };
	return sheaf_writer_add(w, &a, NULL, NULL);
}

static bool make_commit(const char *path, const struct input *in,
			const struct sheaf_write_options *options,
			unsigned int number)
{
	struct sheaf_commit_options o = { .has_time = true, .time = 7 };
	unsigned int each = in->count / in->commits;
	unsigned int from = number * each, to = from + each;
	struct sheaf_writer *w;
	struct sheaf_error err;
	bool good = true;

	if (!CHECK(sheaf_writer_open(&w, path, options, &err) == SHEAF_OK))
		return false;
	if (in->twins && number == 0)
		CHECK(twin_add(w, false) == SHEAF_OK);
	for (unsigned int i = from; i < to && good; i++)
		good = CHECK(story_add(w, i,
				       in->shortest +
					       (size_t)i * 7919 % in->spread) ==
			     SHEAF_OK);
	if (in->twins && number + 1 == in->commits)
		CHECK(twin_add(w, true) == SHEAF_OK);
	good = good &&
	       CHECK(sheaf_writer_commit(w, &o, NULL, &err) == SHEAF_OK);
	sheaf_writer_free(w);
	return good;
}

static bool make(const char *path, const struct input *in,
		 const struct sheaf_write_options *options)
{
	unlink(path);
	for (unsigned int i = 0; i < in->commits; i++)
		if (!make_commit(path, in, options, i))
			return false;
	return true;
}

static bool file_equal(const char *a, const char *b)
{
	FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
	bool same = f != NULL && g != NULL;
	char p[4096], q[4096];
	size_t n = 1;

	while (same && n != 0) {
		n = fread(p, 1, sizeof(p), f);
		same = fread(q, 1, sizeof(q), g) == n && memcmp(p, q, n) == 0;
	}
	if (f != NULL)
		fclose(f);
	if (g != NULL)
		fclose(g);
	return same;
}

/* whole, with each article once, also those of one id; its fingerprint */
static bool fingerprint(const char *path, const struct input *in,
			uint8_t out[16])
{
	struct sheaf_verify_options v = { .deep = true };
	struct sheaf_verify_result res;
	struct sheaf_corpus *c;
	struct sheaf_error err;

	CHECK(sheaf_verify(path, &v, &res, &err) == SHEAF_OK &&
	      res.damages == 0);
	CHECK(res.articles ==
	      in->count / in->commits * in->commits + (in->twins ? 2 : 0));
	if (!CHECK(sheaf_open(&c, path, NULL, &err) == SHEAF_OK))
		return false;
	memcpy(out, sheaf_corpus_commit(c)->fingerprint, 16);
	sheaf_close(c);
	return true;
}

static void test_threads_do_not_show(void)
{
	static const unsigned int threads[] = { 1, 2, 7 };

	for (size_t i = 0; i < HARNESS_COUNT(inputs); i++) {
		const struct input *in = &inputs[i];
		struct sheaf_write_options o = in->options;
		uint8_t sum[16];

		for (size_t t = 0; t < HARNESS_COUNT(threads); t++) {
			char first[40], path[40];

			o.threads = threads[t];
			snprintf(first, sizeof(first), "%s-1", in->name);
			snprintf(path, sizeof(path), "%s-%u", in->name,
				 o.threads);
			if (!make(path, in, &o))
				return;
			if (!CHECK(file_equal(first, path)))
				printf("%s with %u threads\n", in->name,
				       o.threads);
			if (t == 0)
				fingerprint(path, in, sum);
		}
	}
}

static void test_fingerprint_is_of_the_set(void)
{
	static const struct input ways[] = {
		{ "set", 240, 1, 100, 3000, { .level = 1 }, true },
		{ "set",
		  240,
		  2,
		  100,
		  3000,
		  { .level = 12, .block_size = 65536 },
		  true },
		{ "set",
		  240,
		  4,
		  100,
		  3000,
		  { .level = 3, .block_size = 1024, .no_dictionary = true },
		  true },
		{ "set",
		  240,
		  8,
		  100,
		  3000,
		  { .level = 6, .dictionary_size = 5000 },
		  true },
	};
	struct input in = ways[0];
	uint8_t first[16], other[16];

	for (size_t i = 0; i < HARNESS_COUNT(ways); i++) {
		if (!make("set", &ways[i], &ways[i].options) ||
		    !fingerprint("set", &ways[i], i == 0 ? first : other))
			return;
		CHECK(i == 0 || memcmp(first, other, sizeof(first)) == 0);
	}
	in.count--;
	CHECK(make("set", &in, &in.options) && fingerprint("set", &in, other));
	CHECK(memcmp(first, other, sizeof(first)) != 0);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_threads_do_not_show) },
	{ HARNESS_TEST(test_fingerprint_is_of_the_set) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
