/*
 * spread.h - many independent cases, over the processors, each allowed to die
 *
 * A case that crashes or hangs is counted and named, and the others go on.
 */
#ifndef SHEAF_TESTS_SPREAD_H
#define SHEAF_TESTS_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#define SPREAD_COUNTS 8

struct spread {
	uint64_t done;		       /* cases that came to an end */
	uint64_t failed;	       /* of these, those that returned false */
	uint64_t died;		       /* crashed, or took too long */
	uint64_t count[SPREAD_COUNTS]; /* what the cases counted */
};

/* case number @i in a process of its own; adds to @count */
typedef bool spread_fn(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg);

/*
 * cases 0, @step, 2 * @step, ... below @end; a case may take @seconds.  Prints
 * a line for each of the first that fail; false if any did.
 */
bool spread_run(uint64_t end, uint64_t step, unsigned int seconds,
		spread_fn *fn, void *arg, struct spread *out);

/* built with a sanitizer, which makes all ten times slower: samples do */
bool spread_is_slow(void);

#endif
