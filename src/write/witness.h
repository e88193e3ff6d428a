/*
 * witness.h - an index page that no reader looks up: who lies in the last
 * blocks of a segment
 *
 * Only for when the file's end is lost, and the indexes with it.
 */
#ifndef SHEAF_WRITE_WITNESS_H
#define SHEAF_WRITE_WITNESS_H

#include "write/entry.h"
#include "write/late.h"

struct witness {
	uint64_t from; /* articles in blocks from here on, and in those that
			  begin in the file's first page; 0: none */
	struct buf entries; /* struct index_entry */
};

/* before it, what is lost with the record pages behind it */
#define WITNESS_BEFORE LATE_GAP
/*
 * It takes some 7 bytes for each of those articles, the 1.3 MB that a segment
 * ends with: 0.06 % of one of 21 MB, 0.02 % of one of 8.5 MB whose articles are
 * long.  Of less than this it would be 1 % and more, where articles are short.
 */
#define WITNESS_LEAST (3 * LATE_FAR)

/* an entry of the commit, whose article has its place */
enum sheaf_status witness_add(struct witness *w, const struct entry *e,
			      struct sheaf_error *err);
/* the page, if there are any */
enum sheaf_status witness_write(struct witness *w, struct segment *s,
				struct sheaf_error *err);
void witness_done(struct witness *w); /* takes an all-zero one */

#endif
