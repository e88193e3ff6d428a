/*
 * rows.h - a stream cut into its rows: lines of JSON, rows of CSV
 *
 * A row that lies within what the stream gave is not copied.  One that is
 * longer than it may be is passed over without being held.
 */
#ifndef FORMATS_ROWS_H
#define FORMATS_ROWS_H

#include "formats/stream.h"

/* where the row ends that goes on at @p: how many bytes of it belong to it,
 * with what ends it; *whole: it ends there */
typedef size_t rows_end_fn(void *arg, const uint8_t *p, size_t len,
			   bool *whole);

struct rows {
	struct stream *in;
	rows_end_fn *end;
	/* how long a row may be that begins like this; at least 64 bytes are
	 * there, if it has as many */
	size_t (*max)(void *arg, const uint8_t *p, size_t len);
	void *arg;
	struct buf kept; /* of a row that came in several pieces */
	uint64_t count;	 /* of rows so far */
};

struct row {
	const uint8_t *p; /* with what ends it; borrowed until the next call */
	size_t len;
	uint64_t number; /* from 1 */
	bool whole;	 /* false: the stream ended in it */
	bool too_long;	 /* and its bytes are gone */
};

void rows_done(struct rows *rows); /* not the stream */
/* SHEAF_OK, SHEAF_NOT_FOUND (no more), SHEAF_NOMEM, or what the stream says */
enum sheaf_status rows_next(struct rows *rows, struct row *row,
			    struct sheaf_error *err);

#endif
