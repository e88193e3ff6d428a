/*
 * fault_lock.c - a file system without locks, and waiting for another writer
 *
 * Where there are no locks nothing is written, rather than without one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "harness.h"
#include "scratch.h"

static int refuse_with; /* the errno of each asking for a lock; 0: as it is */
static int refusals;	/* so many, then as it is */

int __real_fcntl(int fd, int what, ...);
int __wrap_fcntl(int fd, int what, ...);

int __wrap_fcntl(int fd, int what, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, what);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (what == F_OFD_SETLK && refuse_with != 0 && refusals != 0) {
		refusals--;
		errno = refuse_with;
		return -1;
	}
	return __real_fcntl(fd, what, arg);
}

/* so many askings for a lock fail with @error */
static void refuse(int error, int count)
{
	refuse_with = error;
	refusals = count;
}

static const struct sheaf_write_options plain = { .threads = 1 };

static void test_no_locks_is_refused(void)
{
	static const int errors[] = { ENOLCK, EOPNOTSUPP, EINVAL, ENOSYS };
	struct image before = { 0 }, after = { 0 };
	struct sheaf_error err;
	struct facts f = { 0 };

	posts_small(&f);
	for (size_t i = 0; i < HARNESS_COUNT(errors); i++) {
		refuse(0, 0);
		unlink("corpus");
		CHECK(facts_write(&f, "corpus", 1, &plain, NULL) == SHEAF_OK);
		CHECK(image_load(&before, "corpus"));
		refuse(errors[i], INT32_MAX);
		CHECK(facts_write(&f, "corpus", 2, &plain, &err) ==
		      SHEAF_UNSUPPORTED);
		CHECK(strstr(err.text, "corpus: ") == err.text &&
		      strstr(err.text, "no locks") != NULL);
		CHECK(sheaf_compact("corpus", NULL, NULL, &err) ==
		      SHEAF_UNSUPPORTED);
		CHECK(facts_write(&f, "new", 1, &plain, &err) ==
		      SHEAF_UNSUPPORTED);
		CHECK(access("new", F_OK) != 0);
		CHECK(facts_whole(&f, "corpus", 1)); /* readers need none */
		CHECK(image_load(&after, "corpus") && after.len == before.len &&
		      memcmp(after.p, before.p, after.len) == 0);
		image_done(&before);
		image_done(&after);
	}
	refuse(0, 0);
	facts_done(&f);
}

static int count_to_two(void *arg)
{
	return ++*(int *)arg == 2;
}

static int count_on(void *arg)
{
	++*(int *)arg;
	return 0;
}

static void test_wait_asks_until_it_gets_it(void)
{
	struct sheaf_write_options o = plain;
	struct facts f = { 0 };
	int asked = 0;

	posts_small(&f);
	unlink("corpus");
	CHECK(facts_write(&f, "corpus", 1, &plain, NULL) == SHEAF_OK);
	refuse(EAGAIN, 3);
	o.wait = (struct sheaf_wait){ 60, count_on, &asked };
	CHECK(facts_write(&f, "corpus", 2, &o, NULL) == SHEAF_OK);
	CHECK(asked == 3 && refusals == 0);
	CHECK(facts_whole(&f, "corpus", 2));
	/* not at all, as is the default */
	refuse(EACCES, 1);
	CHECK(facts_write(&f, "corpus", 3, &plain, NULL) == SHEAF_BUSY);
	CHECK(refusals == 0);
	refuse(0, 0);
	facts_done(&f);
}

static void test_wait_ends(void)
{
	struct sheaf_write_options o = plain;
	struct sheaf_compact_options c = { 0 };
	struct facts f = { 0 };
	int asked = 0;

	posts_small(&f);
	unlink("corpus");
	CHECK(facts_write(&f, "corpus", 1, &plain, NULL) == SHEAF_OK);
	refuse(EAGAIN, INT32_MAX);
	o.wait =
		(struct sheaf_wait){ SHEAF_WAIT_FOREVER, count_to_two, &asked };
	CHECK(facts_write(&f, "corpus", 2, &o, NULL) == SHEAF_CANCELLED);
	CHECK(asked == 2);
	c.wait = o.wait;
	asked = 0;
	CHECK(sheaf_compact("corpus", &c, NULL, NULL) == SHEAF_CANCELLED);
	o.wait = (struct sheaf_wait){ 1, count_on, &asked };
	asked = 0;
	CHECK(facts_write(&f, "corpus", 2, &o, NULL) == SHEAF_BUSY);
	CHECK(asked > 0 && asked <= 11);
	/* what is no matter of waiting ends it at once */
	refuse(ENOLCK, INT32_MAX);
	asked = 0;
	CHECK(facts_write(&f, "corpus", 2, &o, NULL) == SHEAF_UNSUPPORTED);
	CHECK(asked == 0);
	refuse(0, 0);
	CHECK(facts_whole(&f, "corpus", 1));
	facts_done(&f);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_no_locks_is_refused) },
	{ HARNESS_TEST(test_wait_asks_until_it_gets_it) },
	{ HARNESS_TEST(test_wait_ends) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
