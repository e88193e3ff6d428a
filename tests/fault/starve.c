/*
 * starve.c - an operation with each of its allocations failing in turn
 *
 * Each failure is a process of its own (spread.h), twice: only the n-th
 * allocation fails, and all from the n-th on.
 */
#include "fault/starve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault/posts.h"
#include "fault/spread.h"
#include "scratch.h"

/* clang-format off */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);
/* clang-format on */

#define NEVER UINT64_MAX

/* which allocation fails, counted from 0; the pool's threads take part */
static atomic_uint_least64_t taken;
static uint64_t fail_at = NEVER;
static bool fail_from; /* and all behind it */

static bool fails(void)
{
	uint64_t n;

	if (fail_at == NEVER)
		return false;
	n = atomic_fetch_add(&taken, 1);
	if (n != fail_at && !(fail_from && n > fail_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t len)
{
	return fails() ? NULL : __real_strndup(s, len);
}

struct starved starved;

static bool file_is(const struct image *wanted)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len == wanted->len &&
		    (now.len == 0 || memcmp(now.p, wanted->p, now.len) == 0);

	image_done(&now);
	return same;
}

struct play {
	starve_fn *work;
	enum starve_kind kind;
	bool from_on; /* not only one fails */
};

enum { OUT_OF_MEMORY, DONE_WITHOUT };

/* the corpus that the work left is one that it may leave */
static bool left_well(enum starve_kind kind, enum sheaf_status st)
{
	switch (kind) {
	case STARVE_CREATES:
		return st == SHEAF_OK || access("corpus", F_OK) != 0;
	case STARVE_CHANGES:
		return file_is(st == SHEAF_OK ? &starved.after :
						&starved.before);
	case STARVE_KEEPS:
		return file_is(&starved.before);
	default:
		return true;
	}
}

static bool fail_ith(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct play *p = arg;
	enum sheaf_status st;
	char folder[32];
	bool ok;

	snprintf(folder, sizeof(folder), "w-%ld", (long)getpid());
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return false;
	if (chdir(folder) != 0 ||
	    !scratch_write("corpus", starved.before.p, starved.before.len))
		return false;
	if (symlink("../in", "in") != 0 && errno != EEXIST)
		return false;
	atomic_store(&taken, 0);
	fail_from = p->from_on;
	fail_at = i;
	st = p->work();
	fail_at = NEVER;
	sheaf_bytes_done(&starved.bytes);
	count[st == SHEAF_OK ? DONE_WITHOUT : OUT_OF_MEMORY]++;
	ok = (st == SHEAF_NOMEM || st == SHEAF_OK) && left_well(p->kind, st);
	if (!ok)
		printf("  allocation %" PRIu64 ": %s\n", i,
		       sheaf_status_name(st));
	return chdir("..") == 0 && ok;
}

/* how many allocations the work takes when none fails */
static uint64_t allocations(starve_fn *work)
{
	CHECK(scratch_write("corpus", starved.before.p, starved.before.len));
	atomic_store(&taken, 0);
	fail_at = NEVER - 1;
	CHECK(work() == SHEAF_OK);
	fail_at = NEVER;
	sheaf_bytes_done(&starved.bytes);
	return atomic_load(&taken);
}

void starve(const char *what, starve_fn *work, enum starve_kind kind)
{
	uint64_t n = allocations(work);

	CHECK(n > 10);
	for (int from_on = 0; from_on < 2; from_on++) {
		struct play p = { work, kind, from_on != 0 };
		uint64_t step = n / (spread_is_slow() ? 400 : 3000) + 1;
		struct spread sum;

		CHECK(spread_run(n + 2, step, 60, fail_ith, &p, &sum));
		printf("%s: %" PRIu64 " allocations, %" PRIu64
		       " failed%s: %" PRIu64 " out of memory, %" PRIu64
		       " done without; %" PRIu64 " died\n",
		       what, n, sum.done, from_on ? " with all after" : "",
		       sum.count[OUT_OF_MEMORY], sum.count[DONE_WITHOUT],
		       sum.died);
	}
}

void starve_from(const char *what, starve_fn *work, enum starve_kind kind,
		 struct image is, struct image becomes)
{
	struct image before = starved.before, after = starved.after;

	starved.before = is;
	starved.after = becomes;
	starve(what, work, kind);
	starved.before = before;
	starved.after = after;
}

/* a corpus of one commit and what the second makes of it */
static bool subject_make(void)
{
	struct facts *f = &starved.facts;

	posts_small(f);
	return facts_write_all(f, "corpus", 1, 1, &posts_small_options) &&
	       image_load(&starved.before, "corpus") &&
	       facts_write_all(f, "corpus", 2, 2, &posts_small_options) &&
	       image_load(&starved.after, "corpus");
}

int starve_main(int argc, char **argv, const struct harness_test *tests,
		size_t count, bool (*make)(void))
{
	int rc = 1;

	if (!scratch_enter())
		return 1;
	if (subject_make() && (!make || make()))
		rc = harness_main(argc, argv, tests, count);
	facts_done(&starved.facts);
	image_done(&starved.before);
	image_done(&starved.after);
	scratch_leave();
	return rc;
}
