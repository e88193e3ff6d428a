/*
 * fault_cut.c - a corpus cut at every length, and tails that are no commit
 *
 * What is left opens as the newest commit that is whole in it, all of it, or is
 * refused; verify finds nothing wrong, and the next add goes on from there.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

#define COMMITS 3
#define SECONDS 20 /* for one cut */
#define SECTOR 512 /* what a disk writes whole */
#define FOOTER_LEAST 144

enum { OPENED, REFUSED, APPENDED };

struct subject {
	struct facts facts;
	struct image image;
	uint64_t ends[COMMITS + 1]; /* of the commits, by number; [0] is 0 */
};

static int end_take(const struct sheaf_commit *commit, void *arg)
{
	struct subject *s = arg;

	if (commit->number <= COMMITS)
		s->ends[commit->number] = commit->end;
	return 0;
}

/* "corpus", its facts and where its commits end */
static bool subject_make(struct subject *s)
{
	struct sheaf_corpus *c;
	bool ok;

	memset(s, 0, sizeof(*s));
	posts_small(&s->facts);
	ok = facts_write_all(&s->facts, "corpus", 1, COMMITS,
			     &posts_small_options) &&
	     image_load(&s->image, "corpus") &&
	     sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK;
	if (!ok)
		return false;
	ok = sheaf_log(c, end_take, s, NULL) == SHEAF_OK;
	sheaf_close(c);
	return ok && s->ends[COMMITS] == s->image.len;
}

static void subject_done(struct subject *s)
{
	facts_done(&s->facts);
	image_done(&s->image);
	unlink("corpus");
}

/* the newest commit that is whole in the first @len bytes; 0: none */
static uint64_t commit_at(const struct subject *s, uint64_t len)
{
	uint64_t k = COMMITS;

	while (s->ends[k] > len)
		k--;
	return k;
}

/* what must be true of a file that holds @commit and something behind it */
static bool file_holds(const struct subject *s, const uint8_t *p, size_t len,
		       uint64_t commit)
{
	struct sheaf_corpus *c;
	struct answers a;
	enum sheaf_status st;
	bool ok;

	st = sheaf_open_memory(&c, p, len, NULL, NULL);
	if (commit == 0) {
		sheaf_close(c);
		if (st != SHEAF_CORRUPT)
			return false;
		/* of a part of a corpus it tells what is lost */
		return verify_damages(image_file(p, len), &st) != 0 &&
		       (st == SHEAF_OK || st == SHEAF_CORRUPT);
	}
	if (st != SHEAF_OK)
		return false;
	facts_ask(&s->facts, c, 0, &a);
	ok = facts_complete(&s->facts, &a, commit) &&
	     sheaf_corpus_commit(c)->number == commit &&
	     sheaf_torn_bytes(c) == len - s->ends[commit];
	sheaf_close(c);
	return ok && verify_damages(image_file(p, len), &st) == 0;
}

/* the rest is added to the file at @path, which then is what it was uncut */
static bool append_rest(const struct subject *s, const char *path,
			uint64_t commit)
{
	struct image now = { 0 };
	bool same;

	if (!facts_write_all(&s->facts, path, commit + 1, COMMITS,
			     &posts_small_options))
		return false;
	same = image_load(&now, path) && now.len == s->image.len &&
	       memcmp(now.p, s->image.p, now.len) == 0;
	image_done(&now);
	return same;
}

/* a writer refuses what no reader opens, and leaves it as it is */
static bool append_refused(const struct subject *s, const char *path)
{
	struct sheaf_error err;

	return facts_write(&s->facts, path, 1, &posts_small_options, &err) ==
	       SHEAF_CORRUPT;
}

static bool cut(uint64_t len, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct subject *s = arg;
	uint64_t commit = commit_at(s, len);
	uint8_t *p = malloc((size_t)len + 1);
	bool ok = p != NULL;

	/* of the exact size, so that a sanitizer sees the first byte past it */
	if (ok)
		memcpy(p, s->image.p, (size_t)len);
	ok = ok && file_holds(s, p, (size_t)len, commit);
	count[commit != 0 ? OPENED : REFUSED]++;
	/* an add takes longest: at every eighth length, and around commits */
	if (ok && (len % 8 == 0 || len - s->ends[commit] < 16)) {
		const char *path = image_file(p, (size_t)len);

		ok = commit != 0 ? append_rest(s, path, commit) :
				   append_refused(s, path);
		count[APPENDED]++;
	}
	free(p);
	if (!ok)
		printf("  cut at %" PRIu64 ", in commit %" PRIu64 "\n", len,
		       commit + 1);
	return ok;
}

static void test_cut_at_every_length_holds_a_commit(void)
{
	struct subject s;
	struct spread sum;

	if (CHECK(subject_make(&s))) {
		CHECK(spread_run(s.image.len + 1, spread_is_slow() ? 7 : 1,
				 SECONDS, cut, &s, &sum));
		printf("cut at %" PRIu64 " lengths: %" PRIu64 " open, %" PRIu64
		       " refused, %" PRIu64 " added to; %" PRIu64 " died\n",
		       sum.done, sum.count[OPENED], sum.count[REFUSED],
		       sum.count[APPENDED], sum.died);
	}
	subject_done(&s);
}

/* where the sector begins that @offset lies in, from @base or the start of it
 */
static size_t sector_of(uint64_t offset, uint64_t base)
{
	offset -= offset % SECTOR;
	return offset > base ? (size_t)(offset - base) : 0;
}

/* the kinds of tail that a file may have behind its commit */
static size_t tail_make(const struct subject *s, uint64_t i, uint64_t commit,
			uint8_t *out)
{
	uint64_t end = s->ends[commit], seed = i * 2 + 1;
	uint64_t next = s->ends[commit + 1];
	size_t n = (size_t)posts_below(&seed, 6000) + 1;
	size_t from, to;

	switch (i / COMMITS % 6) {
	case 0: /* blocks that were allocated and never written */
		memset(out, 0, n);
		return n;
	case 1:
		posts_noise(i, out, n);
		return n;
	case 2: /* a whole segment once more, its footer of another place */
		n = (size_t)(end - s->ends[commit - 1]);
		memcpy(out, s->image.p + s->ends[commit - 1], n);
		return n;
	case 3: /* any piece of what stands before */
		from = (size_t)posts_below(&seed, end);
		if (n > end - from)
			n = (size_t)end - from;
		memcpy(out, s->image.p + from, n);
		return n;
	case 4: /* the next segment without one sector of its footer */
		n = (size_t)(next - end);
		memcpy(out, s->image.p + end, n);
		from = next - 1 - posts_below(&seed, FOOTER_LEAST);
		to = sector_of(from + SECTOR, end);
		from = sector_of(from, end);
		memset(out + from, 0, (to < n ? to : n) - from);
		return n;
	default: /* without all sectors from some one on */
		n = (size_t)(next - end);
		memcpy(out, s->image.p + end, n);
		from = sector_of(end + posts_below(&seed, n), end);
		memset(out + from, 0, n - from);
		return n;
	}
}

static bool tail(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct subject *s = arg;
	/* of the last commit there is no next one */
	uint64_t commit = 1 + i % (COMMITS - 1);
	size_t end = (size_t)s->ends[commit];
	uint8_t *p = malloc(end + s->image.len + 8192);
	size_t len;
	bool ok = p != NULL;

	if (!ok)
		return false;
	memcpy(p, s->image.p, end);
	len = end + tail_make(s, i, commit, p + end);
	/* where the lost sector is one of zeros, the commit is there */
	if (len == s->ends[commit + 1] && memcmp(p, s->image.p, len) == 0)
		commit++;
	ok = file_holds(s, p, len, commit) &&
	     append_rest(s, image_file(p, len), commit);
	free(p);
	count[OPENED]++;
	if (!ok)
		printf("  tail of kind %" PRIu64 " behind commit %" PRIu64 "\n",
		       i / COMMITS % 6, commit);
	return ok;
}

static void test_tail_of_any_kind_is_passed_over(void)
{
	struct subject s;
	struct spread sum;

	if (CHECK(subject_make(&s))) {
		CHECK(spread_run(spread_is_slow() ? 720 : 3600, 1, SECONDS,
				 tail, &s, &sum));
		printf("%" PRIu64 " tails: %" PRIu64 " died\n", sum.done,
		       sum.died);
	}
	subject_done(&s);
}

/* the file loses its end while a reader has it open */
static bool cut_open(uint64_t len, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct subject *s = arg;
	const char *path = image_file(s->image.p, s->image.len);
	struct sheaf_corpus *c;
	struct answers a;

	if (sheaf_open(&c, path, NULL, NULL) != SHEAF_OK)
		return false;
	/* half of them have read something before */
	if (len % 2 == 0)
		facts_ask(&s->facts, c, ASK_QUICK, &a);
	if (truncate(path, (off_t)len) != 0)
		return false;
	facts_ask(&s->facts, c, ASK_QUICK, &a);
	sheaf_close(c);
	count[OPENED]++;
	return a.lies == 0;
}

static void test_file_cut_while_open_tells_no_lies(void)
{
	struct subject s;
	struct spread sum;

	if (CHECK(subject_make(&s))) {
		CHECK(spread_run(s.image.len, spread_is_slow() ? 211 : 11,
				 SECONDS, cut_open, &s, &sum));
		printf("cut while open at %" PRIu64 " lengths: %" PRIu64
		       " died\n",
		       sum.done, sum.died);
	}
	subject_done(&s);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_cut_at_every_length_holds_a_commit) },
	{ HARNESS_TEST(test_tail_of_any_kind_is_passed_over) },
	{ HARNESS_TEST(test_file_cut_while_open_tells_no_lies) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
