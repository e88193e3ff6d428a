/*
 * test_order.c - sketches, who resembles whom, and the order that comes of it
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "harness.h"
#include "hostile.h"
#include "pack/near.h"
#include "pack/order.h"
#include "pack/sketch.h"

#define TEXT 4000  /* bytes of an article */
#define BLOCK 8192 /* wanted bytes of a block */

static const struct order_options one_thread = { BLOCK, 1 };

/* bytes that no other @seed has, but by chance */
static void text_make(uint8_t *p, size_t len, uint64_t seed)
{
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)('a' + hostile_random(&state) % 26);
}

static struct sketch sketch_text(uint64_t seed)
{
	uint8_t text[TEXT];
	struct sketch s;

	text_make(text, sizeof(text), seed);
	sketch_of(text, sizeof(text), &s);
	return s;
}

static unsigned int shared(const struct sketch *a, const struct sketch *b)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < SKETCH_BINS; k++)
		n += a->bins[k] != SKETCH_NONE && a->bins[k] == b->bins[k];
	return n;
}

static void test_sketch_same_bytes_same_sketch(void)
{
	struct sketch a = sketch_text(1), b = sketch_text(1);
	uint8_t moved[TEXT + 1];

	CHECK(shared(&a, &b) == SKETCH_BINS);
	text_make(moved + 1, TEXT, 1); /* unaligned */
	sketch_of(moved + 1, TEXT, &b);
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
}

static void test_sketch_disjoint_texts_share_nothing(void)
{
	for (uint64_t i = 0; i < 50; i++) {
		struct sketch a = sketch_text(2 * i),
			      b = sketch_text(2 * i + 1);

		CHECK(shared(&a, &b) == 0);
	}
}

static void test_sketch_shortened_copy_is_far_above_chance(void)
{
	uint8_t text[TEXT];
	struct sketch whole, half;

	text_make(text, TEXT, 7);
	sketch_of(text, TEXT, &whole);
	sketch_of(text, TEXT / 2, &half);
	CHECK(shared(&whole, &half) >= 16 && shared(&whole, &half) < 52);
	sketch_of(text + TEXT / 4 * 3, TEXT / 4, &half);
	CHECK(shared(&whole, &half) >= 4);
	memset(text + 100, '-', 100); /* an edit */
	sketch_of(text, TEXT, &half);
	CHECK(shared(&whole, &half) >= 48);
}

static void test_sketch_shorter_than_a_shingle_is_empty(void)
{
	static const uint8_t bytes[12] = "hello, world";
	struct sketch s;
	unsigned int filled = 0;

	for (size_t len = 0; len < sizeof(bytes); len++) {
		sketch_of(len != 0 ? bytes : NULL, len, &s);
		for (unsigned int k = 0; k < SKETCH_BINS; k++)
			CHECK(s.bins[k] == SKETCH_NONE);
	}
	sketch_of(bytes, sizeof(bytes), &s);
	for (unsigned int k = 0; k < SKETCH_BINS; k++)
		filled += s.bins[k] != SKETCH_NONE;
	CHECK(filled == 1);
}

/* @count sketches in families of four: a text and three edits of it, which lie
 * @count / 4 apart */
static struct sketch *families(uint32_t count)
{
	struct sketch *s = calloc(count + 1, sizeof(*s));
	uint8_t text[TEXT];

	if (s == NULL)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		uint32_t member = i / (count / 4);

		text_make(text, TEXT, i % (count / 4));
		memset(text + (size_t)500 * member, 'A' + (int)member, 100);
		sketch_of(text, TEXT, &s[i]);
	}
	return s;
}

static bool edge_before(const struct edge *x, const struct edge *y)
{
	if (x->alike != y->alike)
		return x->alike > y->alike;
	return x->b != y->b ? x->b < y->b : x->a > y->a;
}

static void test_near_edges_sorted_and_each_pair_once(void)
{
	enum { COUNT = 400 };
	struct sketch *s = families(COUNT);
	struct buf one = { 0 }, two = { 0 };
	const struct edge *e;
	size_t n;
	uint32_t with[COUNT] = { 0 };

	CHECK(near_edges(s, COUNT, 1, &one, NULL) == SHEAF_OK);
	CHECK(near_edges(s, COUNT, 3, &two, NULL) == SHEAF_OK);
	CHECK(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	e = (const struct edge *)(const void *)one.p;
	n = one.len / sizeof(*e);
	CHECK(n >= COUNT / 4 * 6); /* all pairs of each family */
	for (size_t i = 0; i < n; i++) {
		CHECK(e[i].a < e[i].b && e[i].b < COUNT);
		CHECK(e[i].alike > 0 && e[i].alike <= SKETCH_BINS);
		/* strictly, so no pair is there twice */
		CHECK(i == 0 || edge_before(&e[i - 1], &e[i]));
		with[e[i].b]++;
	}
	for (size_t i = 0; i < COUNT; i++)
		CHECK(with[i] <= NEAR_MOST);
	for (size_t i = 0; i < n && i < COUNT / 4 * 6; i++)
		CHECK(e[i].a % (COUNT / 4) == e[i].b % (COUNT / 4));
	buf_done(&one);
	buf_done(&two);
	free(s);
}

static void test_near_few_or_common_have_no_edges(void)
{
	enum { COUNT = NEAR_COMMON + 1 };
	struct sketch *s = calloc(COUNT, sizeof(*s));
	struct buf out = { 0 };

	if (!CHECK(s != NULL))
		return;
	for (uint32_t i = 0; i < COUNT; i++)
		s[i] = sketch_text(1);
	CHECK(near_edges(s, 0, 1, &out, NULL) == SHEAF_OK && out.len == 0);
	CHECK(near_edges(s, 1, 1, &out, NULL) == SHEAF_OK && out.len == 0);
	CHECK(near_edges(s, 2, 1, &out, NULL) == SHEAF_OK &&
	      out.len == sizeof(struct edge));
	CHECK(near_edges(s, COUNT, 1, &out, NULL) == SHEAF_OK && out.len == 0);
	CHECK(near_edges(s, COUNT - 1, 1, &out, NULL) == SHEAF_OK &&
	      out.len != 0);
	buf_done(&out);
	free(s);
}

/* every article once, and no block larger than may be */
static void order_check(const struct order *o, const uint32_t *lens,
			uint32_t count, size_t block)
{
	uint8_t *seen = calloc(count + 1, 1);
	uint32_t from = 0;

	if (!CHECK(seen != NULL && o->count == count))
		return;
	for (uint32_t i = 0; i < count; i++) {
		CHECK(o->articles[i] < count && !seen[o->articles[i]]);
		seen[o->articles[i] % count] = 1;
	}
	for (uint32_t k = 0; k < o->blocks; k++) {
		uint64_t bytes = 0;

		CHECK(o->ends[k] > from);
		for (uint32_t i = from; i < o->ends[k]; i++)
			bytes += lens[o->articles[i]];
		CHECK(bytes <= block + block / 4 || o->ends[k] - from == 1);
		from = o->ends[k];
	}
	CHECK(from == count);
	free(seen);
}

static void test_order_has_every_article_once_in_bounded_blocks(void)
{
	enum { COUNT = 400 };
	struct sketch *s = families(COUNT);
	uint32_t lens[COUNT];
	uint64_t state = 5;
	struct order o;

	for (uint32_t i = 0; i < COUNT; i++)
		lens[i] = (uint32_t)(hostile_random(&state) % (2 * TEXT));
	lens[17] = 0;
	lens[18] = 5 * BLOCK; /* larger than a block */
	lens[118] = 2 * BLOCK;
	for (size_t block = 1024; block <= 64 * BLOCK; block *= 4) {
		if (!CHECK(order_articles(s, lens, COUNT,
					  &(struct order_options){ block, 1 },
					  &o, NULL) == SHEAF_OK))
			continue;
		order_check(&o, lens, COUNT, block);
		order_done(&o);
	}
	CHECK(o.articles == NULL && o.ends == NULL && o.count == 0);
	free(s);
}

/* where a block may be as large as the format has them */
static void test_order_no_block_beyond_the_formats_limit(void)
{
	enum { COUNT = 400 };
	struct sketch *s = families(COUNT);
	uint32_t lens[COUNT], from = 0;
	struct order o;

	for (uint32_t i = 0; i < COUNT; i++)
		lens[i] = 3000000 + i;
	lens[7] = (uint32_t)BLOCK_MAX;
	CHECK(order_articles(s, lens, COUNT,
			     &(struct order_options){ BLOCK_MAX, 1 }, &o,
			     NULL) == SHEAF_OK);
	CHECK(o.count == COUNT);
	for (uint32_t k = 0; k < o.blocks; k++) {
		uint64_t bytes = 0;

		for (; from < o.ends[k]; from++)
			bytes += lens[o.articles[from]];
		CHECK(bytes <= BLOCK_MAX);
	}
	order_done(&o);
	free(s);
}

static void test_order_likes_lie_together(void)
{
	enum { COUNT = 400, FAMILIES = COUNT / 4 };
	struct sketch *s = families(COUNT);
	uint32_t lens[COUNT], block_of[COUNT], together = 0, adjacent = 0;
	struct order o, again;

	for (uint32_t i = 0; i < COUNT; i++)
		lens[i] = 1000;
	CHECK(order_articles(s, lens, COUNT, &one_thread, &o, NULL) ==
	      SHEAF_OK);
	CHECK(order_articles(s, lens, COUNT,
			     &(struct order_options){ BLOCK, 3 }, &again,
			     NULL) == SHEAF_OK);
	order_check(&o, lens, COUNT, BLOCK);
	CHECK(o.blocks == again.blocks &&
	      memcmp(o.articles, again.articles, sizeof(lens)) == 0 &&
	      memcmp(o.ends, again.ends, o.blocks * sizeof(*o.ends)) == 0);
	for (uint32_t k = 0, i = 0; k < o.blocks; k++)
		for (; i < o.ends[k]; i++)
			block_of[o.articles[i]] = k;
	for (uint32_t i = 0; i < FAMILIES; i++)
		together += block_of[i] == block_of[i + FAMILIES] &&
			    block_of[i] == block_of[i + 2 * FAMILIES] &&
			    block_of[i] == block_of[i + 3 * FAMILIES];
	for (uint32_t i = 1; i < COUNT; i++)
		adjacent += o.articles[i] % FAMILIES ==
			    o.articles[i - 1] % FAMILIES;
	CHECK(together == FAMILIES);
	/* of 3 each; a likeness by chance may lead the walk astray */
	CHECK(adjacent >= 2 * FAMILIES);
	order_done(&o);
	order_done(&again);
	free(s);
}

static void test_order_few_articles(void)
{
	struct sketch s[3] = { sketch_text(1), sketch_text(2), sketch_text(1) };
	uint32_t lens[3] = { 100, 0, 100 };
	struct order o;

	CHECK(order_articles(s, lens, 0, &one_thread, &o, NULL) == SHEAF_OK);
	CHECK(o.count == 0 && o.blocks == 0);
	order_done(&o);
	CHECK(order_articles(s, lens, 1, &one_thread, &o, NULL) == SHEAF_OK);
	CHECK(o.count == 1 && o.blocks == 1 && o.ends[0] == 1);
	order_done(&o);
	/* a single empty one, too */
	CHECK(order_articles(s + 1, lens + 1, 1, &one_thread, &o, NULL) ==
	      SHEAF_OK);
	CHECK(o.count == 1 && o.blocks == 1 && o.ends[0] == 1);
	order_done(&o);
	CHECK(order_articles(s, lens, 3, &one_thread, &o, NULL) == SHEAF_OK);
	order_check(&o, lens, 3, BLOCK);
	CHECK(o.blocks == 1 && o.articles[0] == 0 && o.articles[1] == 2);
	order_done(&o);
}

static void test_order_many_equal_articles(void)
{
	enum { MANY = 3000 };
	struct sketch *s = calloc(MANY, sizeof(*s));
	uint32_t *lens = calloc(MANY, sizeof(*lens));
	struct order o;

	if (!CHECK(s != NULL && lens != NULL))
		return;
	for (uint32_t n = 100; n <= MANY; n *= 2) {
		for (uint32_t i = 0; i < n; i++) {
			s[i] = sketch_text(3);
			lens[i] = 700;
		}
		CHECK(order_articles(s, lens, n, &one_thread, &o, NULL) ==
		      SHEAF_OK);
		order_check(&o, lens, n, BLOCK);
		CHECK(o.blocks <= n * 700 / BLOCK * 2);
		order_done(&o);
	}
	free(s);
	free(lens);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_sketch_same_bytes_same_sketch) },
		{ HARNESS_TEST(test_sketch_disjoint_texts_share_nothing) },
		{ HARNESS_TEST(
			test_sketch_shortened_copy_is_far_above_chance) },
		{ HARNESS_TEST(test_sketch_shorter_than_a_shingle_is_empty) },
		{ HARNESS_TEST(test_near_edges_sorted_and_each_pair_once) },
		{ HARNESS_TEST(test_near_few_or_common_have_no_edges) },
		{ HARNESS_TEST(
			test_order_has_every_article_once_in_bounded_blocks) },
		{ HARNESS_TEST(test_order_no_block_beyond_the_formats_limit) },
		{ HARNESS_TEST(test_order_likes_lie_together) },
		{ HARNESS_TEST(test_order_few_articles) },
		{ HARNESS_TEST(test_order_many_equal_articles) },
	};

	return harness_main(argc, argv, tests, HARNESS_COUNT(tests));
}
