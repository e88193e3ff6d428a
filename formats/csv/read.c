/*
 * read.c - CSV: a row is an article
 *
 * Called through the lists in formats/container.c and formats/format.c.  A
 * row is stored byte for byte, without its end.  The header rides in the format
 * of each record, so that a row's fields are found again when it is read.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fail.h"
#include "formats/container.h"
#include "formats/csv/table.h"
#include "formats/rows.h"

/* --- one row --- */

/* "MAP\nHEADER", or a header in one line */
static void param_cut(struct sheaf_str param, struct sheaf_str *map,
		      struct sheaf_str *header)
{
	const char *nl = param.len ? memchr(param.p, '\n', param.len) : NULL;
	size_t n = nl ? (size_t)(nl - param.p) : 0;

	*map = (struct sheaf_str){ param.p, n };
	n += nl ? 1 : 0;
	*header = (struct sheaf_str){ param.p + n, param.len - n };
}

static enum sheaf_status csv_parse_row(struct sheaf_str param,
				       const void *bytes, size_t len,
				       struct fields *fields,
				       struct format_warning *warning,
				       struct sheaf_error *err)
{
	const struct sheaf_str row = { bytes, len };
	struct sheaf_str map, header;
	struct sheaf_error why;
	struct csv_table t;
	enum sheaf_status st;

	if (param.len == 0) {
		format_warn(warning, "its format has no header");
		return SHEAF_OK;
	}
	param_cut(param, &map, &header);
	st = csv_table_init(&t, map, header, &why);
	if (st == SHEAF_MISUSE) {
		format_warn(warning, "its format's fields: %s", why.text);
		return SHEAF_OK;
	}
	if (st == SHEAF_OK) {
		st = csv_table_row(&t, row, fields, warning);
		csv_table_done(&t);
	}
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* what the row has under one of the columns for the text; a row without such a
 * column is all that there is */
static enum sheaf_status csv_body(struct sheaf_str param, const void *bytes,
				  size_t len, struct buf *buf,
				  struct sheaf_str *out,
				  struct sheaf_error *err)
{
	const struct sheaf_str row = { bytes, len };
	struct sheaf_str map, header;
	enum sheaf_status st;
	struct csv_table t;
	bool found = false;

	if (param.len == 0)
		return SHEAF_OK;
	param_cut(param, &map, &header);
	st = csv_table_init(&t, map, header, NULL);
	if (st == SHEAF_MISUSE)
		return SHEAF_OK;
	if (st == SHEAF_OK) {
		st = csv_table_text(&t, row, buf, &found);
		csv_table_done(&t);
	}
	if (found)
		*out = (struct sheaf_str){ (const char *)buf->p, buf->len };
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* a row alone is not told from other text */
static bool csv_guess_row(struct sheaf_str name, const void *bytes, size_t len)
{
	(void)name;
	(void)bytes;
	(void)len;
	return false;
}

/* --- a file --- */

struct reader {
	const struct container_options *options;
	const struct container_sink *sink;
	struct csv_ends ends;
	struct csv_table table;
	bool has_header, judged;
	uint64_t above; /* rows up to the header */
	struct dataset_names names;
	struct fields *fields;
	struct buf format; /* of the records, with a NUL */
};

static size_t row_max(void *arg, const uint8_t *p, size_t len)
{
	const struct reader *r = arg;

	(void)p;
	(void)len;
	return (r->has_header ? (size_t)r->options->max_article :
				SHEAF_FIELD_MAX) +
	       2; /* with its end */
}

static size_t row_end(void *arg, const uint8_t *p, size_t len, bool *whole)
{
	struct reader *r = arg;

	return csv_ends_find(&r->ends, p, len, whole);
}

/* without its end, and the file's byte order mark */
static struct sheaf_str row_text(const struct row *row)
{
	struct sheaf_str s = { (const char *)row->p, row->len };
	bool lf = row->whole && s.len > 0 && s.p[s.len - 1] == '\n';

	s.len -= lf;
	if (s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	if (row->number == 1 && s.len >= 3 &&
	    memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = (struct sheaf_str){ s.p + 3, s.len - 3 };
	return s;
}

static bool is_blank(struct sheaf_str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct sheaf_str){ s.p + 1, s.len - 1 };
	return s.len == 0;
}

static const char *header_refuse(const struct row *row, struct sheaf_str text,
				 const struct csv_ends *ends)
{
	if (row->too_long)
		return "its header line is longer than 65,000 bytes, so that "
		       "rows can't be read by it: leave out columns";
	if (text.len >= 2 && (memcmp(text.p, "\xff\xfe", 2) == 0 ||
			      memcmp(text.p, "\xfe\xff", 2) == 0))
		return "it is UTF-16: make UTF-8 of it first, as with iconv";
	if (memchr(text.p, '\0', text.len))
		return "its header line holds a NUL: it is no CSV";
	if (!row->whole && csv_ends_in_quotes(ends))
		return "a quote in its header line is not closed";
	return NULL;
}

static enum sheaf_status header_read(struct reader *r, const struct row *row,
				     struct sheaf_error *err)
{
	const char *map = r->options->field_map ? r->options->field_map : "";
	struct sheaf_str text = row_text(row);
	const char *why = header_refuse(row, text, &r->ends);
	enum sheaf_status st;

	if (why)
		return fail(err, SHEAF_CORRUPT, "%s", why);
	buf_bytes(&r->format, "csv:", 4);
	buf_bytes(&r->format, map, strlen(map));
	if (*map || memchr(text.p, '\n', text.len))
		buf_u8(&r->format, '\n');
	buf_bytes(&r->format, text.p, text.len);
	buf_u8(&r->format, 0);
	if (r->format.bad)
		return fail_nomem(err);
	if (r->format.len - 1 > SHEAF_FIELD_MAX)
		return fail(err, SHEAF_CORRUPT,
			    "its header line is longer than 65,000 bytes, so "
			    "that rows can't be read by it: leave out columns");
	st = csv_table_init(&r->table, (struct sheaf_str){ map, strlen(map) },
			    text, err);
	r->has_header = st == SHEAF_OK;
	r->ends.separator = r->table.separator;
	r->above = row->number;
	return st;
}

/* at the first row: perhaps the header is none */
static void header_judge(struct reader *r)
{
	if (!r->table.has_key && !r->judged)
		r->sink->skipped((struct sheaf_str){ "header", 6 },
				 "no column in it has a name that is known, so "
				 "rows have no fields: --field says which is "
				 "which",
				 r->sink->arg);
	r->judged = true;
}

/* one that is not stored */
static enum sheaf_status row_failed(const struct reader *r,
				    const struct row *row, const char *why)
{
	char name[40];
	int n = snprintf(name, sizeof(name), "row %llu",
			 (unsigned long long)(row->number - r->above));

	r->sink->failed((struct sheaf_str){ name, (size_t)n }, why,
			r->sink->arg);
	return SHEAF_OK;
}

static enum sheaf_status row_give(struct reader *r, const struct row *row,
				  struct sheaf_str text,
				  struct sheaf_error *err)
{
	struct format_warning warning = { { 0 } };
	struct container_item item = { .bytes = text.p,
				       .len = text.len,
				       .format = (const char *)r->format.p };
	struct sheaf_str id;
	enum sheaf_status st;

	fields_clear(r->fields);
	st = csv_table_row(&r->table, text, r->fields, &warning);
	if (st != SHEAF_OK)
		return fail_nomem(err);
	if (!row->whole && warning.text[0] && r->table.values.count == 0)
		return row_failed(r, row,
				  "cut short: the file ends in this row");
	id = values_first(&r->table.values, KEY_NAME);
	if (id.len == 0)
		id = fields_view(r->fields)->url;
	if (dataset_name(&r->names, r->options->name, id, "row",
			 row->number - r->above, &item.name) != SHEAF_OK)
		return fail_nomem(err);
	/* what there is to warn of is told when its format reads it again */
	if (!warning.text[0])
		item.fields = fields_view(r->fields);
	return r->sink->give(&item, r->sink->arg, err);
}

static enum sheaf_status row_read(struct reader *r, const struct row *row,
				  struct sheaf_error *err)
{
	struct sheaf_str text = row_text(row);

	if (!row->too_long && is_blank(text))
		return SHEAF_OK;
	if (!r->has_header)
		return header_read(r, row, err);
	header_judge(r);
	if (row->too_long)
		return row_failed(r, row,
				  csv_ends_in_quotes(&r->ends) && !row->whole ?
					  "larger than an article may be: a "
					  "quote in it is not closed" :
					  "larger than an article may be");
	if (!row->whole && csv_ends_in_quotes(&r->ends))
		return row_failed(r, row,
				  "cut short: a quote in it is not closed");
	return row_give(r, row, text, err);
}

static enum sheaf_status csv_read(struct stream *in,
				  const struct container_options *options,
				  const struct container_sink *sink,
				  struct sheaf_error *err)
{
	struct reader r = { .options = options,
			    .sink = sink,
			    .fields = fields_new() };
	struct rows rows = {
		.in = in, .end = row_end, .max = row_max, .arg = &r
	};
	enum sheaf_status st = r.fields ? SHEAF_OK : fail_nomem(err);
	struct row row;

	while (st == SHEAF_OK) {
		st = rows_next(&rows, &row, err);
		if (st == SHEAF_OK)
			st = row_read(&r, &row, err);
		else if (st == SHEAF_NOT_FOUND)
			break;
	}
	rows_done(&rows);
	fields_free(r.fields);
	csv_table_done(&r.table);
	dataset_names_done(&r.names);
	buf_done(&r.format);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

/* --- is it one --- */

/* by its name alone: most texts have commas in their first line */
static bool csv_guess(struct sheaf_str name, const void *head, size_t len)
{
	static const char *const endings[] = { ".csv", ".tsv" };

	(void)head;
	(void)len;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t n = strlen(endings[i]);

		if (name.len >= n &&
		    strncasecmp(name.p + name.len - n, endings[i], n) == 0)
			return true;
	}
	return false;
}

const struct container container_csv = {
	.name = "csv",
	.guess = csv_guess,
	.read = csv_read,
};

const struct format format_csv = {
	.name = "csv",
	.guess = csv_guess_row,
	.parse = csv_parse_row,
	.body = csv_body,
};
