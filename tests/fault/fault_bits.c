/*
 * fault_bits.c - every single bit of a corpus flipped, one at a time
 *
 * Each flip must be noticed by a deep verify; and no reader may crash, hang, or
 * tell an untruth, whatever it is asked.
 */
#include <inttypes.h>
#include <string.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

#define SECONDS 20 /* for one flip */

enum { NOTICED, REFUSED, OPENED, LIES, READ };

struct subject {
	struct facts facts;
	struct image image;
};

static bool verify_notices(const struct subject *s)
{
	enum sheaf_status st;
	uint64_t damages =
		verify_damages(image_file(s->image.p, s->image.len), &st);

	if (st == SHEAF_OK)
		return damages != 0;
	return st == SHEAF_CORRUPT || st == SHEAF_UNSUPPORTED;
}

/* what opens is asked everything */
static uint64_t lies_told(const struct subject *s, unsigned int how,
			  uint64_t count[SPREAD_COUNTS])
{
	struct sheaf_corpus *c;
	struct answers a;

	if (sheaf_open_memory(&c, s->image.p, s->image.len, NULL, NULL) !=
	    SHEAF_OK) {
		count[REFUSED]++;
		return 0;
	}
	facts_ask(&s->facts, c, how, &a);
	sheaf_close(c);
	count[OPENED]++;
	count[LIES] += a.lies;
	count[READ] += a.read;
	return a.lies;
}

static bool flip(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	struct subject *s = arg;
	uint8_t bit = (uint8_t)(1u << i % 8);
	bool noticed;
	uint64_t lies;

	s->image.p[i / 8] ^= bit;
	noticed = verify_notices(s);
	/* one bit of each byte the long way */
	lies = lies_told(s, i % 8 == i / 8 % 8 ? 0 : ASK_QUICK, count);
	s->image.p[i / 8] ^= bit;
	count[NOTICED] += noticed;
	if (!noticed || lies != 0)
		printf("  byte %" PRIu64 " bit %" PRIu64 ": %s, %" PRIu64
		       " lies\n",
		       i / 8, i % 8, noticed ? "noticed" : "NOT noticed", lies);
	return noticed && lies == 0;
}

/* it has what the test wants it to have */
static bool has_parts(uint64_t dictionaries, uint32_t layers)
{
	struct sheaf_info info = { 0 };
	struct sheaf_corpus *c;

	if (sheaf_open(&c, "corpus", NULL, NULL) != SHEAF_OK)
		return false;
	if (sheaf_info_read(c, &info, NULL) != SHEAF_OK)
		info.layers = 0;
	sheaf_close(c);
	return info.dictionary_count >= dictionaries && info.layers >= layers;
}

static void subject_flip(struct subject *s, uint64_t step)
{
	struct spread sum;
	bool ok;

	/* unspoilt, it is whole and all true */
	if (!CHECK(image_load(&s->image, "corpus")) ||
	    !CHECK(facts_whole(&s->facts, "corpus", 0)))
		return;
	ok = spread_run(s->image.len * 8, step, SECONDS, flip, s, &sum);
	CHECK(ok);
	printf("%" PRIu64 " bits of %zu bytes flipped, %" PRIu64
	       " noticed; %" PRIu64 " opened all the same, %" PRIu64
	       " articles read, %" PRIu64 " lies, %" PRIu64 " died\n",
	       sum.done, s->image.len, sum.count[NOTICED], sum.count[OPENED],
	       sum.count[READ], sum.count[LIES], sum.died);
	CHECK(sum.count[NOTICED] == sum.done);
}

static void subject_done(struct subject *s)
{
	facts_done(&s->facts);
	image_done(&s->image);
	unlink("corpus");
}

static void test_flip_of_each_bit_is_noticed(void)
{
	struct subject s = { 0 };

	posts_small(&s.facts);
	if (CHECK(facts_write_all(&s.facts, "corpus", 1, 3,
				  &posts_small_options)) &&
	    CHECK(has_parts(1, 1)))
		subject_flip(&s, spread_is_slow() ? 29 : 1);
	subject_done(&s);
}

static void test_flip_in_corpus_with_layers_is_noticed(void)
{
	struct subject s = { 0 };

	posts_many(&s.facts, 1, 0, 2060);
	posts_many(&s.facts, 2, 2060, 20);
	if (CHECK(facts_write_all(&s.facts, "corpus", 1, 2, NULL)) &&
	    CHECK(has_parts(1, 2)))
		subject_flip(&s, spread_is_slow() ? 20011 : 8009);
	subject_done(&s);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_flip_of_each_bit_is_noticed) },
	{ HARNESS_TEST(test_flip_in_corpus_with_layers_is_noticed) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
