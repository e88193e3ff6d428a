/*
 * harness.h - the unit tests' few lines of scaffolding
 *
 * A test program is a set of functions test_<what>_<expected>(void), a table
 * of them, and a main() that hands the table to harness_main().  A failed
 * CHECK is printed and counted, and the test goes on: where the rest would
 * make no sense, write "if (!CHECK(expr)) return;".
 */
#ifndef SHEAF_TESTS_HARNESS_H
#define SHEAF_TESTS_HARNESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct harness_test {
	const char *name;
	void (*fn)(void);
};

/* failed CHECKs of the test that runs; a test's threads may CHECK too */
static atomic_uint harness_failures;

static inline bool harness_check(bool ok, const char *expr, const char *file,
				 int line)
{
	if (!ok) {
		atomic_fetch_add(&harness_failures, 1);
		printf("%s:%d: CHECK(%s) failed\n", file, line, expr);
		fflush(stdout);
	}
	return ok;
}

/* true if @expr holds, else counts a failure; evaluates @expr once */
#define CHECK(expr) harness_check((expr), #expr, __FILE__, __LINE__)

/*
 * run all tests, or those whose name contains argv[1]; prints
 * "N passed, M failed" last; 0 if all that ran passed and at least one did
 */
static inline int harness_main(int argc, char **argv,
			       const struct harness_test *tests, size_t count)
{
	const char *only = argc > 1 ? argv[1] : "";
	unsigned int passed = 0, failed = 0;

	for (size_t i = 0; i < count; i++) {
		if (!strstr(tests[i].name, only))
			continue;
		atomic_store(&harness_failures, 0);
		tests[i].fn();
		if (atomic_load(&harness_failures) == 0) {
			passed++;
			continue;
		}
		failed++;
		printf("FAILED %s\n", tests[i].name);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed == 0 && passed > 0 ? 0 : 1;
}

/* the inside of a line of the table: { HARNESS_TEST(test_pool_frees) }, */
#define HARNESS_TEST(fn) #fn, fn
/* the lines of the table */
#define HARNESS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
