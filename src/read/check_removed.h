/*
 * check_removed.h - what removals take off each commit's live records
 */
#ifndef SHEAF_READ_CHECK_REMOVED_H
#define SHEAF_READ_CHECK_REMOVED_H

#include "read/check.h"

/* an id that some commit's table has */
struct removed_sum {
	uint8_t id[SHEAF_ID_SIZE];
	bool gone;	  /* as of the commit at hand */
	uint64_t records; /* so far */
	unsigned __int128 sum;
};

/* all zero is empty */
struct check_removed {
	struct buf ids;	       /* struct removed_sum, ascending */
	uint64_t table;	       /* of the commit at hand; 0: none */
	uint64_t records;      /* of what is gone */
	unsigned __int128 sum; /* the same in the set fingerprint */
	bool unknown;	       /* a table could not be read */
};

/* the ids of all tables in the file */
enum sheaf_status check_removed_load(struct check_removed *r, struct check *c);
void check_removed_done(struct check_removed *r);

/* go on to the commit of @f */
enum sheaf_status check_removed_commit(struct check_removed *r, struct check *c,
				       const struct footer *f);
/* a record of the commit at hand; @pair is its part of the set fingerprint */
void check_removed_record(struct check_removed *r,
			  const uint8_t id[SHEAF_ID_SIZE],
			  unsigned __int128 pair);

#endif
