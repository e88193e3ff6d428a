/*
 * starve.h - an operation with each of its allocations failing in turn
 *
 * For programs that are linked with malloc() and its kin wrapped.  It then ends
 * in SHEAF_NOMEM, or in success where it could do without; nothing crashes or
 * leaks (the sanitizers see to that), and the corpus is what it was or what it
 * should become.
 */
#ifndef SHEAF_TESTS_STARVE_H
#define SHEAF_TESTS_STARVE_H

#include "fault/facts.h"
#include "fault/image.h"
#include "harness.h"

/* in a folder whose file "corpus" is starved.before; "in" is what the program
 * made under that name */
typedef enum sheaf_status starve_fn(void);

/* what becomes of the corpus */
enum starve_kind {
	STARVE_KEEPS,	/* nothing */
	STARVE_CHANGES, /* starved.after */
	STARVE_ADDS,	/* nobody knows */
	STARVE_CREATES, /* there was none */
};

/* the facts are the test's own: their allocations don't fail */
extern struct starved {
	struct facts facts;
	struct image before, after; /* with one commit of them, and with two */
	struct sheaf_bytes bytes; /* for an operation to use; emptied behind */
} starved;

void starve(const char *what, starve_fn *work, enum starve_kind kind);
/* the same with @is and @becomes in place of before and after */
void starve_from(const char *what, starve_fn *work, enum starve_kind kind,
		 struct image is, struct image becomes);

/* the program: fills starved, calls make() unless it is NULL, runs @tests */
int starve_main(int argc, char **argv, const struct harness_test *tests,
		size_t count, bool (*make)(void));

#endif
