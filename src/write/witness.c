/*
 * witness.c - an index page that no reader looks up: who lies in the last
 * blocks of a segment
 *
 * In flow 1 among the late blocks (late.h).
 */
#include "write/witness.h"

#include <stdlib.h>

#include "formats/sheaf/limits.h"
#include "read/tail.h"

/* what else goes easily */
#define FIRST_PAGE 4096

enum sheaf_status witness_add(struct witness *w, const struct entry *e,
			      struct sheaf_error *err)
{
	const struct index_entry entry = { .key = index_key_of_id(e->id),
					   .offset = e->record.place.block,
					   .slot = e->record.place.slot };

	if (w->from == 0 || !e->is_new ||
	    (entry.offset < w->from && entry.offset >= FIRST_PAGE))
		return SHEAF_OK;
	buf_bytes(&w->entries, &entry, sizeof(entry));
	return w->entries.bad ? fail_nomem(err) : SHEAF_OK;
}

enum sheaf_status witness_write(struct witness *w, struct segment *s,
				struct sheaf_error *err)
{
	const struct index_where where = { .which = INDEX_IDS };
	struct index_entry *e = (struct index_entry *)(void *)w->entries.p;
	size_t n = w->entries.len / sizeof(*e);
	struct buf frame = { 0 };
	enum sheaf_status st;

	if (n == 0)
		return SHEAF_OK;
	if (n > ENTRIES_MAX) /* of a byte each: others name them */
		n = ENTRIES_MAX;
	qsort(e, n, sizeof(*e), index_entry_compare);
	st = index_page_put(&frame, &where, e, n, s->at, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &frame, err);
	buf_done(&frame);
	return st;
}

void witness_done(struct witness *w)
{
	buf_done(&w->entries);
}
