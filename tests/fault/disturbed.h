/*
 * disturbed.h - a change of a corpus that dies, or is refused, at each system
 * call in turn
 *
 * The corpus is the file "corpus" of the current folder.
 */
#ifndef SHEAF_TESTS_DISTURBED_H
#define SHEAF_TESTS_DISTURBED_H

#include <sheaf/sheaf.h>

#include "fault/image.h"
#include "fault/spread.h"
#include "fault/world.h"

#define DISTURBED_SECONDS 60 /* for one case */

/* what the cases count; a test's own counts follow */
enum { DISTURBED_KILLED, DISTURBED_REFUSED, DISTURBED_WELL, DISTURBED_COUNTS };

/* what the process came to */
struct disturbed_end {
	bool killed;
	enum sheaf_status status; /* of one that was not killed */
	uint64_t calls;		  /* that change the file */
};

struct disturbed {
	const struct image *before; /* the corpus that it finds; len 0: none */
	bool no_tmpfile;	    /* nameless files are not to be had */
	enum sheaf_status (*change)(const void *arg);
	/* says which of the demands is not met, NULL: none; adds to @count */
	const char *(*outcome)(const void *arg, const struct world *how,
			       const struct disturbed_end *end,
			       uint64_t count[SPREAD_COUNTS]);
	const void *arg;
	uint64_t calls;	     /* of an undisturbed change */
	unsigned int number; /* set here: of the cases' folders */
};

/* the change in a process of its own; false: it crashed */
bool disturbed_run(const struct disturbed *d, const struct world *how,
		   struct disturbed_end *end);

/*
 * each fate at each call of the change, and after the last; a case has a
 * folder of its own.  false if a demand was not met, which is printed.
 */
bool disturbed_everywhere(struct disturbed *d, struct spread *sum);

/* prints what became of the cases, without an end of line */
void disturbed_tell(const char *what, const struct disturbed *d,
		    const struct spread *sum);

/* the commit that the file shows; 0: there is no file, or no corpus */
uint64_t disturbed_commit(void);

/* the file begins with the first @len bytes of @wanted */
bool disturbed_begins(const struct image *wanted, size_t len);
bool disturbed_is(const struct image *wanted);

#endif
