/*
 * rows.c - a stream cut into its rows: lines of JSON, rows of CSV
 */
#include "formats/rows.h"

void rows_done(struct rows *rows)
{
	buf_done(&rows->kept);
}

/* behind what is kept; a row that is too long is not held any more */
static enum sheaf_status keep(struct rows *rows, struct row *row,
			      const uint8_t *p, size_t len)
{
	if (row->too_long)
		return SHEAF_OK;
	buf_bytes(&rows->kept, p, len);
	if (rows->kept.bad)
		return SHEAF_NOMEM;
	if (rows->kept.len >
	    rows->max(rows->arg, rows->kept.p, rows->kept.len)) {
		row->too_long = true;
		buf_done(&rows->kept);
	}
	return SHEAF_OK;
}

enum sheaf_status rows_next(struct rows *rows, struct row *row,
			    struct sheaf_error *err)
{
	bool begun = false;

	*row = (struct row){ .number = rows->count + 1 };
	buf_clear(&rows->kept);
	while (!row->whole) {
		const uint8_t *p;
		size_t len, n;
		enum sheaf_status st = stream_next(rows->in, &p, &len, err);

		if (st != SHEAF_OK)
			return st;
		if (len == 0)
			break;
		n = rows->end(rows->arg, p, len, &row->whole);
		stream_unread(rows->in, len - n);
		if (!begun && row->whole && n <= rows->max(rows->arg, p, n)) {
			row->p = p;
			row->len = n;
			rows->count++;
			return SHEAF_OK;
		}
		begun = true;
		if (keep(rows, row, p, n) != SHEAF_OK)
			return fail_nomem(err);
	}
	if (!begun)
		return SHEAF_NOT_FOUND;
	rows->count++;
	row->p = rows->kept.p;
	row->len = rows->kept.len;
	return SHEAF_OK;
}
