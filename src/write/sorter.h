/*
 * sorter.h - more records than memory holds, in order
 *
 * An external merge sort.  Records are bytes; as long as they fit into the
 * budget they are held and sorted there, and nothing is written.  What does
 * not fit goes to the scratch file as sorted runs, which are merged at the end.
 * What comes out is the same in either case.
 */
#ifndef SHEAF_WRITE_SORTER_H
#define SHEAF_WRITE_SORTER_H

#include <stdint.h>

#include "base/buf.h"
#include "io/scratch.h"

struct sorter;

/* for qsort(3), over two records as they were added; a total order */
typedef int sorter_compare_fn(const void *a, const void *b);

struct sorter_options {
	sorter_compare_fn *compare;
	struct scratch *scratch; /* borrowed; several sorters may share one */
	size_t budget;		 /* bytes of records and their bookkeeping */
	size_t width;  /* of each record; 0: they have different lengths */
	bool numbered; /* sorter_read() is wanted: 4 bytes of memory for each
			  record that was written out */
};

enum sheaf_status sorter_new(struct sorter **out,
			     const struct sorter_options *options,
			     struct sheaf_error *err);
void sorter_free(struct sorter *s); /* takes NULL */

/* records have numbers from 0; SHEAF_LIMIT after 2^32 - 2 */
enum sheaf_status sorter_add(struct sorter *s, const void *p, size_t len,
			     struct sheaf_error *err);
uint32_t sorter_count(const struct sorter *s);
/* record @number as it was added, good until the next call; before
 * sorter_start() */
enum sheaf_status sorter_read(struct sorter *s, uint32_t number,
			      const uint8_t **p, size_t *len,
			      struct sheaf_error *err);

/* then they come out in order, up to SHEAF_NOT_FOUND; each is good until the
 * next call. Once started, it may be started again. */
enum sheaf_status sorter_start(struct sorter *s, struct sheaf_error *err);
enum sheaf_status sorter_next(struct sorter *s, const uint8_t **p, size_t *len,
			      struct sheaf_error *err);

#endif
