/*
 * table.h - what the files of the CSV reader share
 *
 * read.c goes through a file row by row and reads the fields of one row; ends.c
 * tells where rows end; row.c takes one apart, by libcsv.  mapping.md is the
 * document to all of it.
 */
#ifndef FORMATS_CSV_TABLE_H
#define FORMATS_CSV_TABLE_H

#include "formats/dataset.h"

/* --- ends.c --- */

enum csv_place {
	CSV_FIELD_START,
	CSV_IN_FIELD,
	CSV_IN_QUOTES,
	CSV_BEHIND_QUOTE, /* the field's end, or the first of two quotes */
	CSV_BEHIND_BLANK, /* blanks behind that one */
	CSV_BEHIND_CR,	  /* the row's end, unless a LF follows */
};

/* where in a row one is; all zero at its start, but for the separator */
struct csv_ends {
	uint8_t separator; /* 0: any of the three, as in a header */
	enum csv_place place;
};

/*
 * csv_ends_find() - how many of the @len bytes at @p belong to the row
 * @whole: it ends there; then what follows is a new row
 *
 * Sees rows as libcsv does: a quote counts only where a field begins.
 */
size_t csv_ends_find(struct csv_ends *ends, const uint8_t *p, size_t len,
		     bool *whole);
/* is a quote open at the end of what was seen */
bool csv_ends_in_quotes(const struct csv_ends *ends);
/* what stands most often between the columns of a header: ',' ';' or a tab */
uint8_t csv_separator(struct sheaf_str header);

/* --- row.c --- */

/* takes a cell, borrowed; false to stop: out of memory */
typedef bool csv_cell_fn(void *arg, size_t column, struct sheaf_str cell);

/*
 * csv_row() - each cell of one row, its quotes taken off
 * @columns: how many there are
 *
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status csv_row(struct sheaf_str row, uint8_t separator,
			  csv_cell_fn *cell, void *arg, size_t *columns);

/* --- a header, and the fields of the rows below it --- */

struct csv_table {
	struct dataset dataset;
	struct values values; /* of the latest row */
	uint8_t separator;
	int *key; /* of each column, or -1 */
	bool has_key;
	size_t columns, cap;
};

/*
 * csv_table_init() - what a header says
 * Returns SHEAF_OK, SHEAF_MISUSE (the map is none) or SHEAF_NOMEM
 */
enum sheaf_status csv_table_init(struct csv_table *t, struct sheaf_str map,
				 struct sheaf_str header,
				 struct sheaf_error *err);
void csv_table_done(struct csv_table *t);
/* the fields of one row, and t->values; SHEAF_OK or SHEAF_NOMEM */
enum sheaf_status csv_table_row(struct csv_table *t, struct sheaf_str row,
				struct fields *fields,
				struct format_warning *warning);
/*
 * csv_table_text() - the text that a row has
 * @out:   the cell in place of what is in there
 * @found: false: no column is one, its cell is empty, or the row has more
 *	   columns than the header, or fewer
 *
 * Returns SHEAF_OK or SHEAF_NOMEM.
 */
enum sheaf_status csv_table_text(struct csv_table *t, struct sheaf_str row,
				 struct buf *out, bool *found);

#endif
