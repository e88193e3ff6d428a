/*
 * world.h - the system calls that change a file, and how they go wrong
 *
 * The library's calls come here first (see CMakeLists.txt); the tests' own
 * files are made by other calls.  Belongs to one thread.
 */
#ifndef SHEAF_TESTS_WORLD_H
#define SHEAF_TESTS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

enum world_fate {
	WORLD_WELL,	   /* as it is */
	WORLD_KILL_BEFORE, /* SIGKILL instead of the call */
	WORLD_KILL_AFTER,
	WORLD_KILL_WITHIN, /* a write: when part of it is done */
	WORLD_POWER_CUT, /* the same, and what was not synced is lost in part */
	WORLD_FAIL,	 /* the call fails */
	WORLD_FAIL_ON,	 /* it and all others from then on */
	WORLD_SHORT,	 /* a write takes half */
	WORLD_SHORT_FAIL, /* and the next one fails */
};

/* set before the run, all zero is a world that is well */
struct world {
	enum world_fate fate;
	int error;	 /* the errno of a failure */
	uint64_t at;	 /* which call, from 0 */
	uint64_t part;	 /* of WORLD_KILL_WITHIN: sixteenths of the write */
	uint64_t chance; /* of WORLD_POWER_CUT: seed, not 0 */
	/* counts the calls, may be shared with a parent; NULL: nothing is
	 * counted or goes wrong */
	uint64_t *called;
	bool no_tmpfile; /* nameless files are not to be had */
};

extern struct world world;

#endif
