/*
 * row.c - the cells of one row, by libcsv, and the fields that they are
 *
 * The only file that includes csv.h.
 */
#include "formats/csv/table.h"

#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "base/fail.h"

struct cells {
	csv_cell_fn *fn;
	void *arg;
	size_t column;
	bool ended; /* all cells of the first row came */
	bool stopped;
};

static void on_cell(void *p, size_t len, void *arg)
{
	struct cells *c = arg;

	if (c->ended || c->stopped)
		return;
	c->stopped = !c->fn(c->arg, c->column++, (struct sheaf_str){ p, len });
}

static void on_row(int end, void *arg)
{
	struct cells *c = arg;

	(void)end;
	c->ended = true;
}

enum sheaf_status csv_row(struct sheaf_str row, uint8_t separator,
			  csv_cell_fn *cell, void *arg, size_t *columns)
{
	struct cells c = { .fn = cell, .arg = arg };
	struct csv_parser parser;
	bool ok;

	if (csv_init(&parser, 0) != 0)
		return SHEAF_NOMEM;
	csv_set_delim(&parser, separator);
	/* one allocation for the longest cell that there can be */
	csv_set_blk_size(&parser, row.len + 1);
	ok = csv_parse(&parser, row.p, row.len, on_cell, on_row, &c) ==
		     row.len &&
	     csv_fini(&parser, on_cell, on_row, &c) == 0;
	csv_free(&parser);
	*columns = c.column;
	return ok && !c.stopped ? SHEAF_OK : SHEAF_NOMEM;
}

static bool header_cell(void *arg, size_t column, struct sheaf_str cell)
{
	struct csv_table *t = arg;

	if (column == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 32;
		int *p = realloc(t->key, cap * sizeof(*p));

		if (!p)
			return false;
		t->key = p;
		t->cap = cap;
	}
	t->key[column] = key_find(t->dataset.keys, cell.p, cell.len);
	t->has_key |= t->key[column] >= 0;
	return true;
}

enum sheaf_status csv_table_init(struct csv_table *t, struct sheaf_str map,
				 struct sheaf_str header,
				 struct sheaf_error *err)
{
	enum sheaf_status st;

	memset(t, 0, sizeof(*t));
	st = dataset_init(&t->dataset, map, err);
	if (st != SHEAF_OK)
		return st;
	t->values.keys = t->dataset.keys;
	t->values.loose = true;
	t->separator = csv_separator(header);
	st = csv_row(header, t->separator, header_cell, t, &t->columns);
	if (st == SHEAF_OK)
		return st;
	csv_table_done(t);
	return fail_nomem(err);
}

void csv_table_done(struct csv_table *t)
{
	values_done(&t->values);
	dataset_done(&t->dataset);
	free(t->key);
	t->key = NULL;
}

static bool row_cell(void *arg, size_t column, struct sheaf_str cell)
{
	struct csv_table *t = arg;
	int key = column < t->columns ? t->key[column] : -1;

	if (key < 0 || cell.len == 0)
		return true;
	/* of equal keys the last wins, if it has a value */
	values_restart(&t->values, key);
	return values_add(&t->values, key, cell.p, cell.len, 0, false);
}

enum sheaf_status csv_table_row(struct csv_table *t, struct sheaf_str row,
				struct fields *fields,
				struct format_warning *warning)
{
	enum sheaf_status st;
	size_t columns;

	values_done(&t->values);
	st = csv_row(row, t->separator, row_cell, t, &columns);
	if (st != SHEAF_OK)
		return st;
	if (columns != t->columns) {
		/* which of them is missing nobody knows: no field, not a
		 * wrong one */
		values_done(&t->values);
		format_warn(warning, "%zu column%s, the header has %zu",
			    columns, columns == 1 ? "" : "s", t->columns);
		return SHEAF_OK;
	}
	st = values_put(&t->values, fields, warning);
	return st == SHEAF_OK ? values_put_host(fields) : st;
}

struct text_cell {
	const struct csv_table *t;
	struct buf *out;
	int key; /* of what is there: the first of the table counts */
};

static bool text_cell(void *arg, size_t column, struct sheaf_str cell)
{
	struct text_cell *c = arg;
	int key = column < c->t->columns ? c->t->key[column] : -1;

	if (key < 0 || cell.len == 0 ||
	    !(c->t->dataset.keys[key].says & KEY_TEXT) ||
	    (c->key >= 0 && key > c->key))
		return true;
	c->key = key;
	buf_clear(c->out);
	buf_bytes(c->out, cell.p, cell.len);
	return !c->out->bad;
}

enum sheaf_status csv_table_text(struct csv_table *t, struct sheaf_str row,
				 struct buf *out, bool *found)
{
	struct text_cell c = { .t = t, .out = out, .key = -1 };
	enum sheaf_status st;
	size_t columns;

	st = csv_row(row, t->separator, text_cell, &c, &columns);
	*found = st == SHEAF_OK && c.key >= 0 && columns == t->columns;
	return st;
}
