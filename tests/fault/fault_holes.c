/*
 * fault_holes.c - holes, cuts and flipped bits in corpora: verify tells what is
 * lost and nothing else, salvage brings back all the rest
 *
 * fault_holes FILE [STEP [HOLE [EACH [all]]]]: the same of a corpus that is
 * given, with a hole of HOLE bytes (64 KiB) at every STEP bytes (64 KiB), then
 * the last megabyte gone too, then the first 4 KiB; one in EACH is salvaged.
 * all: verify must name every lost article, as it can where no whole commit is
 * lost.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fault/facts.h"
#include "fault/holes.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"
#include "write/late.h"

#define SECONDS 60 /* for one case */

enum { LOST, REPORTED, WHOLE, SALVAGED };

/* how a case spoils the corpus */
enum spoiling {
	HOLE,	       /* zeroes */
	NOISE,	       /* a hole of other bytes */
	HOLE_AND_HEAD, /* and the first 4 KiB */
	HOLE_AND_TAIL, /* and a twentieth cut off */
	CUT,	       /* the end gone */
	ZEROED,	       /* the end zeroed */
	FLIP,
	HOLES, /* four of them */
	SPOILINGS,
};

struct subject {
	struct truth *truth;
	size_t hole;
	uint64_t positions; /* of each way to spoil it */
};

static void zero(uint8_t *p, size_t len, size_t at, size_t n)
{
	if (at < len)
		memset(p + at, 0, n < len - at ? n : len - at);
}

/* case @i of the @len bytes at @p; the new length */
static size_t spoil(const struct subject *s, uint8_t *p, size_t len, uint64_t i)
{
	uint64_t state = i * 7919 + 1;
	size_t step = len / s->positions + 1;
	size_t at = (size_t)(i / SPOILINGS) * step, end = len - len / 20;

	/* half of them where sectors begin */
	at = i / SPOILINGS % 2 == 0 ? at / 512 * 512 : at;
	at = at < len ? at : len;
	switch (i % SPOILINGS) {
	case HOLE:
	case HOLE_AND_HEAD:
	case HOLE_AND_TAIL:
		zero(p, len, at, s->hole);
		if (i % SPOILINGS == HOLE_AND_HEAD)
			zero(p, len, 0, 4096);
		return i % SPOILINGS == HOLE_AND_TAIL ? end : len;
	case NOISE:
		for (size_t k = at; k < at + s->hole / 4 && k < len; k++)
			p[k] = (uint8_t)posts_random(&state);
		return len;
	case CUT:
		return len - at;
	case ZEROED:
		zero(p, len, len - at, at);
		return len;
	case FLIP:
		at = (size_t)posts_below(&state, len * 8);
		p[at / 8] ^= (uint8_t)(1u << at % 8);
		return len;
	default:
		for (int k = 0; k < 4; k++)
			zero(p, len, (size_t)posts_below(&state, len),
			     s->hole / 2);
		return len;
	}
}

static bool counted(bool ok, const struct holes_count *c,
		    uint64_t count[SPREAD_COUNTS])
{
	count[LOST] += c->lost;
	count[REPORTED] += c->reported;
	count[WHOLE] += c->whole;
	count[SALVAGED] += c->salvaged;
	return ok;
}

static bool spoilt_case(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct subject *s = arg;
	const struct image *m = &s->truth->image;
	struct holes_count c = { 0 };
	uint8_t *p = malloc(m->len + 1);
	size_t len;
	bool ok;

	if (p == NULL)
		return false;
	memcpy(p, m->p, m->len);
	len = spoil(s, p, m->len, i);
	ok = holes_check(s->truth, p, len, true, &c);
	if (!ok)
		printf("  case %" PRIu64 ": way %" PRIu64 "\n", i,
		       i % SPOILINGS);
	free(p);
	return counted(ok, &c, count);
}

static void sum_print(const char *what, const struct spread *sum)
{
	printf("%s: %" PRIu64 " spoilt; articles lost %" PRIu64
	       ", told one by one %" PRIu64 "; whole %" PRIu64
	       ", brought back %" PRIu64 "; %" PRIu64 " wrong, %" PRIu64
	       " died\n",
	       what, sum->done, sum->count[LOST], sum->count[REPORTED],
	       sum->count[WHOLE], sum->count[SALVAGED], sum->failed, sum->died);
}

static void subject_spoil(const char *path, size_t hole, uint64_t positions)
{
	struct subject s = { .truth = truth_new(path),
			     .hole = hole,
			     .positions = spread_is_slow() ? positions / 8 + 2 :
							     positions };
	struct spread sum;

	if (!CHECK(s.truth != NULL))
		return;
	CHECK(spread_run(s.positions * SPOILINGS, 1, SECONDS, spoilt_case, &s,
			 &sum));
	sum_print(path, &sum);
	CHECK(sum.count[LOST] > 0 && sum.count[WHOLE] > 0 &&
	      sum.count[SALVAGED] == sum.count[WHOLE]);
	truth_free(s.truth);
}

static void test_holes_in_three_commits(void)
{
	struct facts f = { 0 };

	posts_small(&f);
	if (CHECK(facts_write_all(&f, "small", 1, 3, &posts_small_options)))
		subject_spoil("small", 700, 400);
	facts_done(&f);
}

/* small commits behind a large one: layers, a tail, older names */
static void test_holes_in_corpus_with_layers(void)
{
	struct facts f = { 0 };

	posts_many(&f, 1, 0, 2060);
	for (uint64_t k = 2; k < 12; k++)
		posts_many(&f, k, 2060 + 7 * k, 20);
	late_shift = 8; /* small commits have late blocks */
	if (CHECK(facts_write_all(&f, "layers", 1, 11, NULL)))
		subject_spoil("layers", 4000, 60);
	late_shift = 0;
	facts_done(&f);
}

static void test_holes_in_compacted_corpus(void)
{
	const struct sheaf_compact_options o = {
		.output = "compact", .level = 3, .threads = 1, .has_time = true
	};
	struct facts f = { 0 };

	posts_many(&f, 1, 0, 900);
	posts_many(&f, 2, 850, 300);
	if (CHECK(facts_write_all(&f, "old", 1, 2, NULL)) &&
	    CHECK(sheaf_compact("old", &o, NULL, NULL) == SHEAF_OK))
		subject_spoil("compact", 2000, 60);
	facts_done(&f);
}

/* --- a corpus that is given --- */

struct given {
	struct truth *truth;
	size_t step, hole;
	uint64_t salvage_each;
	bool all; /* lost articles are told one by one */
	enum spoiling how;
};

static bool given_case(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct given *g = arg;
	const struct image *m = &g->truth->image;
	struct holes_count c = { 0 };
	size_t len = m->len;
	uint8_t *p = malloc(len + 1);
	bool ok;

	if (p == NULL)
		return false;
	memcpy(p, m->p, len);
	zero(p, len, (size_t)i * g->step, g->hole);
	if (g->how == HOLE_AND_HEAD)
		zero(p, len, 0, 4096);
	if (g->how == HOLE_AND_TAIL)
		len = len > 1 << 20 ? len - (1 << 20) : 0;
	ok = holes_check(g->truth, p, len, i % g->salvage_each == 0, &c);
	if (g->all && c.reported != c.lost) {
		printf("  %" PRIu64 " lost, %" PRIu64 " told\n", c.lost,
		       c.reported);
		ok = false;
	}
	free(p);
	return counted(ok, &c, count);
}

/* the number of ways that went well, of GIVEN_WAYS */
enum { GIVEN_WAYS = 3 };
static int given_spoil(struct given *g)
{
	static const char *const names[GIVEN_WAYS] = {
		"a hole", "and the first 4 KiB", "and the last megabyte"
	};
	static const enum spoiling hows[GIVEN_WAYS] = { HOLE, HOLE_AND_HEAD,
							HOLE_AND_TAIL };
	uint64_t cases = g->truth->image.len / g->step + 1;
	struct spread sum;
	int passed = 0;

	for (int i = 0; i < GIVEN_WAYS; i++) {
		g->how = hows[i];
		passed +=
			spread_run(cases, 1, 10 * SECONDS, given_case, g, &sum);
		sum_print(names[i], &sum);
	}
	return passed;
}

/* a commit of @count articles of 11 KB that don't compress */
static void noise_add(struct facts *f, uint64_t commit, unsigned int count)
{
	enum { ARTICLE = 11000 };
	static char text[ARTICLE];
	char name[48];

	for (unsigned int i = 0; i < count; i++) {
		struct sheaf_str s = { name, 0 };

		s.len = (size_t)snprintf(name, sizeof(name),
					 "%u/%" PRIu64 "-%u.txt", i % 7, commit,
					 i);
		posts_noise(commit << 32 | (i + 1), text, sizeof(text));
		facts_add(f, commit, s, text, sizeof(text) - i % 100);
	}
}

/*
 * A thousand articles whose tables are shorter than the hole, and of which the
 * last megabyte has a tenth: whatever is lost, something names it.
 */
static void test_holes_in_a_large_commit(void)
{
	struct given g = { .hole = 65536, .salvage_each = 6, .all = true };
	struct facts f = { 0 };

	noise_add(&f, 1, 1000);
	if (CHECK(facts_write_all(&f, "large", 1, 1, NULL)))
		g.truth = truth_new("large");
	if (CHECK(g.truth != NULL)) {
		/* an odd number, so that holes meet seams in all ways */
		g.step = spread_is_slow() ? 1200007 : 60013;
		CHECK(given_spoil(&g) == GIVEN_WAYS);
	}
	truth_free(g.truth);
	facts_done(&f);
}

/* it opens as the commit before, and its records tell what is missing */
static void test_last_megabyte_of_a_second_commit(void)
{
	struct holes_count c = { 0 };
	struct truth *t = NULL;
	struct facts f = { 0 };

	noise_add(&f, 1, 20);
	noise_add(&f, 2, 300);
	if (CHECK(facts_write_all(&f, "second", 1, 2, NULL)))
		t = truth_new("second");
	if (CHECK(t != NULL)) {
		CHECK(holes_check(t, t->image.p, t->image.len - (1 << 20), true,
				  &c));
		CHECK(c.lost > 80 && c.reported == c.lost);
		CHECK(c.salvaged == c.whole && c.whole + c.lost == 320);
	}
	truth_free(t);
	facts_done(&f);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_holes_in_three_commits) },
	{ HARNESS_TEST(test_holes_in_corpus_with_layers) },
	{ HARNESS_TEST(test_holes_in_compacted_corpus) },
	{ HARNESS_TEST(test_holes_in_a_large_commit) },
	{ HARNESS_TEST(test_last_megabyte_of_a_second_commit) },
};

static bool given_run(int argc, char **argv)
{
	struct given g = { .truth = truth_new(argv[1]),
			   .step = 65536,
			   .hole = 65536,
			   .salvage_each = 1 };
	int passed;

	if (g.truth == NULL)
		return false;
	if (argc > 2)
		g.step = (size_t)strtoull(argv[2], NULL, 10);
	if (argc > 3)
		g.hole = (size_t)strtoull(argv[3], NULL, 10);
	if (argc > 4)
		g.salvage_each = strtoull(argv[4], NULL, 10);
	g.all = argc > 5 && strcmp(argv[5], "all") == 0;
	if (g.step == 0 || g.salvage_each == 0)
		return false;
	if (!scratch_enter())
		return false;
	passed = given_spoil(&g);
	scratch_leave();
	truth_free(g.truth);
	printf("%d passed, %d failed\n", passed, GIVEN_WAYS - passed);
	return passed == GIVEN_WAYS;
}

int main(int argc, char **argv)
{
	int rc;

	if (argc > 1 && strchr(argv[1], '/') != NULL)
		return given_run(argc, argv) ? 0 : 1;
	if (!scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
