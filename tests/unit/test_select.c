/*
 * test_select.c - what goes into a dictionary
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "hostile.h"
#include "pack/select.h"

#define BLOCKS 40
#define OWN 1500   /* bytes of a block that no other has */
#define COMMON 500 /* bytes that many have */

static void text_make(uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)('a' + hostile_random(&state) % 26);
	if (len != 0)
		p[len - 1] = '\n';
}

/* how often @what, which is @len bytes, is in @b */
static unsigned int times_in(const struct buf *b, const uint8_t *what,
			     size_t len)
{
	unsigned int n = 0;

	for (size_t i = 0; i + len <= b->len; i++)
		n += memcmp(b->p + i, what, len) == 0;
	return n;
}

/*
 * Blocks of two articles: the first of every third block is the common text,
 * of the others random bytes; the second is random.
 */
struct world {
	uint8_t common[COMMON];
	struct buf bytes[BLOCKS];
	uint32_t lengths[BLOCKS][2];
	const uint8_t *articles[BLOCKS][2];
	struct buf taken[BLOCKS][2];
	struct grams grams[BLOCKS][2];
	struct sample samples[BLOCKS];
};

static void world_make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	text_make(w->common, COMMON, 999);
	for (uint32_t i = 0; i < BLOCKS; i++) {
		uint8_t own[OWN];

		text_make(own, OWN, 2 * i);
		buf_bytes(&w->bytes[i], i % 3 == 0 ? w->common : own, COMMON);
		text_make(own, OWN, 2 * i + 1);
		buf_bytes(&w->bytes[i], own, OWN);
		w->lengths[i][0] = COMMON;
		w->lengths[i][1] = OWN;
		w->articles[i][0] = w->bytes[i].p;
		w->articles[i][1] = w->bytes[i].p + COMMON;
		w->samples[i] = (struct sample){ .articles = w->articles[i],
						 .lengths = w->lengths[i],
						 .count = 2,
						 .len = w->bytes[i].len };
	}
}

/* as articles have them that were sketched on arrival */
static void world_grams(struct world *w)
{
	struct sketch unused;

	for (uint32_t i = 0; i < BLOCKS; i++) {
		for (int k = 0; k < 2; k++) {
			struct buf *taken = &w->taken[i][k];

			sketch_and_grams(w->articles[i][k], w->lengths[i][k],
					 &unused, taken);
			w->grams[i][k].p = (const void *)taken->p;
			w->grams[i][k].count =
				(uint32_t)(taken->len / sizeof(struct gram));
		}
		w->samples[i].grams = w->grams[i];
	}
}

static void world_done(struct world *w)
{
	for (uint32_t i = 0; i < BLOCKS; i++) {
		buf_done(&w->bytes[i]);
		buf_done(&w->taken[i][0]);
		buf_done(&w->taken[i][1]);
	}
}

static void test_segments_that_many_share_chosen_once(void)
{
	struct world w;
	struct buf out = { 0 }, again = { 0 };

	world_make(&w);
	CHECK(select_segments(w.samples, BLOCKS, 16384, &out, NULL) ==
	      SHEAF_OK);
	CHECK(select_segments(w.samples, BLOCKS, 16384, &again, NULL) ==
	      SHEAF_OK);
	CHECK(times_in(&out, w.common, COMMON) == 1);
	CHECK(out.len >= COMMON &&
	      memcmp(out.p + out.len - COMMON, w.common, COMMON) == 0);
	CHECK(out.len == again.len && memcmp(out.p, again.p, out.len) == 0);
	world_grams(&w);
	CHECK(select_segments(w.samples, BLOCKS, 16384, &out, NULL) ==
	      SHEAF_OK);
	CHECK(times_in(&out, w.common, COMMON) == 1);
	CHECK(out.len >= COMMON &&
	      memcmp(out.p + out.len - COMMON, w.common, COMMON) == 0);
	world_done(&w);
	buf_done(&out);
	buf_done(&again);
}

static void test_segments_most_wanted_last(void)
{
	enum { RARE = 4 };
	struct world w;
	uint8_t rare[COMMON];
	struct buf out = { 0 };

	world_make(&w);
	text_make(rare, COMMON, 555);
	for (uint32_t i = 0; i < RARE; i++)
		memcpy(w.bytes[3 * i + 1].p, rare, COMMON);
	CHECK(select_segments(w.samples, BLOCKS, 16384, &out, NULL) ==
	      SHEAF_OK);
	CHECK(times_in(&out, w.common, COMMON) == 1);
	CHECK(times_in(&out, rare, COMMON) == 1);
	CHECK(out.len >= COMMON &&
	      memcmp(out.p + out.len - COMMON, w.common, COMMON) == 0);
	/* and alone, where only one has room */
	CHECK(select_segments(w.samples, BLOCKS, COMMON + 20, &out, NULL) ==
	      SHEAF_OK);
	CHECK(times_in(&out, w.common, COMMON) == 1 && out.len < 2 * COMMON);
	world_done(&w);
	buf_done(&out);
}

static void test_segments_never_more_than_the_size(void)
{
	struct world w;
	struct buf out = { 0 };

	world_make(&w);
	for (uint32_t i = 0; i < BLOCKS; i++) /* everything in pairs */
		w.samples[i] = w.samples[i / 2 * 2];
	for (size_t size = 1; size < 200000; size = size * 3 + 1) {
		CHECK(select_segments(w.samples, BLOCKS, size, &out, NULL) ==
		      SHEAF_OK);
		CHECK(out.len <= size);
		CHECK(out.len <= (COMMON + OWN) * (BLOCKS / 2));
	}
	CHECK(out.len > OWN * 15); /* all that there is was wanted */
	world_done(&w);
	buf_done(&out);
}

static void test_segments_of_nothing_are_nothing(void)
{
	static const uint32_t none[2] = { 0, 0 };
	static const uint8_t *const nothing[2] = { (const uint8_t *)"",
						   (const uint8_t *)"" };
	const struct sample empty[3] = {
		{ .articles = nothing, .lengths = none, .count = 1 },
		{ .articles = nothing, .lengths = none, .count = 2 },
		{ .articles = nothing, .lengths = none },
	};
	struct buf out = { 0 };
	uint32_t chosen[3];
	size_t n = 5;

	CHECK(select_segments(empty, 0, 1000, &out, NULL) == SHEAF_OK);
	CHECK(out.len == 0);
	CHECK(select_segments(empty, 3, 1000, &out, NULL) == SHEAF_OK);
	CHECK(out.len == 0);
	CHECK(select_articles(empty, 3, 100000, chosen, &n, NULL) == SHEAF_OK);
	CHECK(n == 0);
	buf_done(&out);
}

static void test_articles_that_many_share_chosen_once(void)
{
	struct world w;
	uint32_t chosen[2 * BLOCKS], again[2 * BLOCKS];
	size_t n, m;

	world_make(&w);
	CHECK(select_articles(w.samples, BLOCKS, 100000, chosen, &n, NULL) ==
	      SHEAF_OK);
	CHECK(select_articles(w.samples, BLOCKS, 100000, again, &m, NULL) ==
	      SHEAF_OK);
	CHECK(n >= 1 && chosen[0] == 0); /* of equals the first */
	for (size_t i = 1; i < n; i++)
		CHECK(chosen[i] % 6 != 0);
	CHECK(m == n && memcmp(chosen, again, n * sizeof(*chosen)) == 0);
	world_done(&w);
}

static void test_articles_never_more_than_the_size(void)
{
	struct world w;
	uint32_t chosen[2 * BLOCKS];
	size_t n, most = 0;

	world_make(&w);
	for (uint32_t i = 0; i < BLOCKS; i++)
		w.samples[i] = w.samples[i / 2 * 2];
	for (size_t size = 0; size < 100000; size += 3000) {
		bool seen[2 * BLOCKS] = { false };
		size_t bytes = 0;

		CHECK(select_articles(w.samples, BLOCKS, size, chosen, &n,
				      NULL) == SHEAF_OK);
		for (size_t i = 0; i < n; i++) {
			if (!CHECK(chosen[i] < 2 * BLOCKS))
				continue;
			CHECK(!seen[chosen[i]]);
			seen[chosen[i]] = true;
			bytes += chosen[i] % 2 != 0 ? OWN : COMMON;
		}
		CHECK(bytes <= size);
		most = n > most ? n : most;
	}
	CHECK(most > BLOCKS / 2);
	world_done(&w);
}

/* the numbers count them, the choice does not */
static void test_articles_empty_ones_are_counted(void)
{
	uint8_t text[3 * OWN];
	static const uint32_t lengths[3] = { 0, OWN, 0 };
	static const uint32_t more[2] = { 0, OWN };
	const uint8_t *const articles[3] = { text, text, text };
	struct sample samples[2] = {
		{ .articles = articles,
		  .lengths = lengths,
		  .count = 3,
		  .len = OWN },
		{ .articles = articles,
		  .lengths = more,
		  .count = 2,
		  .len = OWN },
	};
	uint32_t chosen[5];
	size_t n;

	text_make(text, sizeof(text), 3);
	CHECK(select_articles(samples, 2, 50000, chosen, &n, NULL) == SHEAF_OK);
	CHECK(n == 1 && chosen[0] == 1);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_segments_that_many_share_chosen_once) },
		{ HARNESS_TEST(test_segments_most_wanted_last) },
		{ HARNESS_TEST(test_segments_never_more_than_the_size) },
		{ HARNESS_TEST(test_segments_of_nothing_are_nothing) },
		{ HARNESS_TEST(test_articles_that_many_share_chosen_once) },
		{ HARNESS_TEST(test_articles_never_more_than_the_size) },
		{ HARNESS_TEST(test_articles_empty_ones_are_counted) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
