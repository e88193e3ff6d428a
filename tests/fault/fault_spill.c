/*
 * fault_spill.c - a commit that sorts in the scratch file, and fails there
 *
 * Every allocation and every call on a file fails, one after the other: the
 * writer says so in one line, and the corpus is what it was.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <sheaf/sheaf.h>

#include "harness.h"
#include "pack/pack.h"
#include "scratch.h"

/* clang-format off */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
ssize_t __real_pwrite(int fd, const void *p, size_t len, off_t at);
ssize_t __real_pread(int fd, void *p, size_t len, off_t at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
ssize_t __wrap_pwrite(int fd, const void *p, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *p, size_t len, off_t at);
/* clang-format on */

enum {
	BUDGET = 3000,	/* bytes */
	RECORDS = 2100, /* beyond what a tail keeps: there is a layer */
	TEXT = 48,
};

/* which call fails: of allocations, or of reads and writes */
enum kind { ALLOCATIONS, FILE_CALLS, NOTHING };
static enum kind failing = NOTHING;
static unsigned long taken, failing_call;

static bool fails(enum kind kind, int sys_errno)
{
	if (kind != failing || taken++ != failing_call)
		return false;
	errno = sys_errno;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails(ALLOCATIONS, ENOMEM) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails(ALLOCATIONS, ENOMEM) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails(ALLOCATIONS, ENOMEM) ? NULL : __real_realloc(p, size);
}

ssize_t __wrap_pwrite(int fd, const void *p, size_t len, off_t at)
{
	return fails(FILE_CALLS, ENOSPC) ? -1 : __real_pwrite(fd, p, len, at);
}

ssize_t __wrap_pread(int fd, void *p, size_t len, off_t at)
{
	return fails(FILE_CALLS, EIO) ? -1 : __real_pread(fd, p, len, at);
}

static enum sheaf_status add_one(struct sheaf_writer *w, unsigned int i,
				 struct sheaf_error *err)
{
	char name[TEXT], text[TEXT];
	struct sheaf_article a = { .name = { name, 0 }, .bytes = text };

	/* every name comes again, when its first record is long written out */
	a.name.len = (size_t)snprintf(name, TEXT, "name-%u",
				      i * 7919 % (RECORDS / 2));
	a.len = (size_t)snprintf(text, TEXT, "text %u\n", i);
	return sheaf_writer_add(w, &a, NULL, err);
}

static enum sheaf_status commit_make(unsigned int from, unsigned int count,
				     struct sheaf_error *err)
{
	const struct sheaf_write_options o = { .level = 1,
					       .threads = 1,
					       .no_dictionary = true };
	struct sheaf_writer *w;
	enum sheaf_status st = sheaf_writer_open(&w, "corpus", &o, err);

	if (st != SHEAF_OK)
		return st;
	entries_free(w->entries);
	w->sort_budget = BUDGET;
	st = entries_new(&w->entries, w->scratch, BUDGET, err);
	for (unsigned int i = from; st == SHEAF_OK && i < from + count; i++)
		st = add_one(w, i, err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, err);
	sheaf_writer_free(w);
	return st;
}

static uint64_t commits_of(void)
{
	struct sheaf_verify_result r;

	if (!CHECK(sheaf_verify("corpus", NULL, &r, NULL) == SHEAF_OK))
		return 0;
	CHECK(r.damages == 0);
	return r.commits;
}

/* the n-th call fails; true: it was made, and the commit ended there */
static bool fails_cleanly(enum kind kind, unsigned long n)
{
	struct sheaf_error err = { .status = SHEAF_OK };
	enum sheaf_status st;

	taken = 0;
	failing_call = n;
	failing = kind;
	st = commit_make(5000, RECORDS, &err);
	failing = NOTHING;
	if (st == SHEAF_OK) {
		CHECK(commits_of() == 2);
		return false;
	}
	CHECK(err.status == st && err.text[0] != '\0' &&
	      strchr(err.text, '\n') == NULL);
	CHECK(kind != ALLOCATIONS || st == SHEAF_NOMEM);
	CHECK(kind != FILE_CALLS || st == SHEAF_IO);
	CHECK(commits_of() == 1);
	return true;
}

/* a first commit, then a second one that fails at every @step-th call */
static void spill_fails(enum kind kind, unsigned long step)
{
	unsigned long n = 0;

	unlink("corpus");
	if (!CHECK(commit_make(0, 10, NULL) == SHEAF_OK))
		return;
	while (fails_cleanly(kind, n))
		n += step;
	/* far more than without a scratch file */
	CHECK(n > 400);
}

static void test_spill_allocation_fails_corpus_as_before(void)
{
	spill_fails(ALLOCATIONS, 7);
}

static void test_spill_disk_full_corpus_as_before(void)
{
	spill_fails(FILE_CALLS, 3);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_spill_allocation_fails_corpus_as_before) },
	{ HARNESS_TEST(test_spill_disk_full_corpus_as_before) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
