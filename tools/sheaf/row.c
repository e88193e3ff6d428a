/*
 * row.c - one record, column by column, as lines or JSON show it
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "row.h"
#include "say.h"
#include "text.h"

static const char *const names[COLUMN_COUNT] = {
	[COLUMN_ID] = "id",
	[COLUMN_PREFIX] = "prefix",
	[COLUMN_DATE] = "date",
	[COLUMN_MTIME] = "mtime",
	[COLUMN_SIZE] = "size",
	[COLUMN_NAME] = "name",
	[COLUMN_OUTLET] = "outlet",
	[COLUMN_LANG] = "lang",
	[COLUMN_CATEGORIES] = "categories",
	[COLUMN_TAGS] = "tags",
	[COLUMN_TITLE] = "title",
	[COLUMN_URL] = "url",
	[COLUMN_COMMIT] = "commit",
	[COLUMN_FORMAT] = "format",
	[COLUMN_LATEST] = "latest",
};

static enum column column_find(const char *name, size_t len)
{
	size_t i = 0;

	while (i < COLUMN_COUNT &&
	       (strlen(names[i]) != len || strncmp(names[i], name, len) != 0))
		i++;
	return (enum column)i;
}

int column_list_read(struct column_list *out, const char *text)
{
	const size_t room = sizeof(out->items) / sizeof(*out->items);

	out->count = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		enum column column = column_find(text, len);

		if (column == COLUMN_COUNT)
			return say_usage("--fields: there is no '%.*s'",
					 (int)len, text);
		if (out->count == room)
			return say_usage("--fields: more than %zu of them",
					 room);
		out->items[out->count++] = column;
		if (text[len] == '\0')
			return STATUS_YES;
		text += len + 1;
	}
}

int row_init(struct row *row, struct sheaf_corpus *corpus)
{
	*row = (struct row){ .corpus = corpus, .parsed = sheaf_parsed_new() };
	return row->parsed ? STATUS_YES : say_nomem();
}

void row_done(struct row *row)
{
	sheaf_bytes_done(&row->bytes);
	sheaf_parsed_free(row->parsed);
}

static bool needs_article(const struct column_list *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		if (columns->items[i] == COLUMN_ID ||
		    columns->items[i] == COLUMN_TITLE ||
		    columns->items[i] == COLUMN_URL)
			return true;
	return false;
}

static int unreadable(const struct sheaf_record *record, enum sheaf_status st,
		      const struct sheaf_error *err)
{
	char *name = strndup(record->name.p, record->name.len);
	int status = name ? say_error(name, st, err) : say_nomem();

	free(name);
	return status;
}

int row_set(struct row *row, const struct sheaf_record *record,
	    const struct column_list *columns)
{
	struct sheaf_error err = { 0 };
	enum sheaf_status st;

	row->record = record;
	row->has_article = false;
	if (!needs_article(columns))
		return STATUS_YES;
	st = sheaf_read(row->corpus, record->place, &row->bytes, row->id, &err);
	if (st == SHEAF_OK)
		st = sheaf_format_parse(record->format, row->bytes.p,
					row->bytes.len, row->parsed, &err);
	row->has_article = st == SHEAF_OK;
	return st == SHEAF_OK ? STATUS_YES : unreadable(record, st, &err);
}

void row_prefix(const struct sheaf_record *record, char out[13])
{
	snprintf(out, 13, "%012" PRIx64,
		 record->id_prefix & UINT64_C(0xffffffffffff));
}

int64_t row_date(const struct sheaf_record *record)
{
	return record->fields.has_date ? record->fields.date :
					 record->mtime.sec;
}

/* of the article; a page of a web archive has its address as its name */
static struct sheaf_str row_url(const struct row *row)
{
	struct sheaf_str url = sheaf_parsed_fields(row->parsed)->url;
	struct sheaf_str name = row->record->name;

	if (url.len == 0 && name.len > 8 &&
	    (!memcmp(name.p, "http://", 7) || !memcmp(name.p, "https://", 8)))
		return name;
	return url;
}

/* a column that is a string of bytes; empty where it is absent */
static struct sheaf_str row_str(const struct row *row, enum column column)
{
	const struct sheaf_record *record = row->record;

	switch (column) {
	case COLUMN_NAME:
		return record->name;
	case COLUMN_OUTLET:
		return record->fields.outlet;
	case COLUMN_LANG:
		return record->fields.lang;
	case COLUMN_FORMAT:
		return record->format;
	case COLUMN_TITLE:
		if (row->has_article)
			return sheaf_parsed_fields(row->parsed)->title;
		break;
	case COLUMN_URL:
		if (row->has_article)
			return row_url(row);
		break;
	default:
		break;
	}
	return (struct sheaf_str){ 0 };
}

/* false where it is no column of printable ASCII, or absent */
static bool row_text(const struct row *row, enum column column,
		     char out[TEXT_SIZE])
{
	const struct sheaf_record *record = row->record;

	switch (column) {
	case COLUMN_ID:
		if (row->has_article)
			sheaf_id_hex(row->id, out);
		return row->has_article;
	case COLUMN_PREFIX:
		row_prefix(record, out);
		return true;
	case COLUMN_DATE:
		if (record->fields.has_date)
			text_time(out, record->fields.date);
		return record->fields.has_date;
	case COLUMN_MTIME:
		text_time_exact(out, record->mtime);
		return true;
	case COLUMN_SIZE:
		snprintf(out, TEXT_SIZE, "%" PRIu64, record->size);
		return true;
	case COLUMN_COMMIT:
		snprintf(out, TEXT_SIZE, "%" PRIu64, record->commit);
		return true;
	case COLUMN_LATEST:
		snprintf(out, TEXT_SIZE, "%s",
			 record->is_latest ? "yes" : "no");
		return true;
	default:
		return false;
	}
}

static void write_str(FILE *f, struct sheaf_str s, bool raw)
{
	if (!raw)
		text_write(f, s, TEXT_EXACT);
	else if (s.len > 0)
		fwrite(s.p, 1, s.len, f);
}

static void write_list(FILE *f, const struct sheaf_str *values, size_t count,
		       bool raw)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', f);
		write_str(f, values[i], raw);
	}
}

void row_write(const struct row *row, enum column column, FILE *f, bool raw)
{
	const struct sheaf_fields *fields = &row->record->fields;
	char text[TEXT_SIZE];

	if (row_text(row, column, text))
		fputs(text, f);
	else if (column == COLUMN_CATEGORIES)
		write_list(f, fields->categories, fields->category_count, raw);
	else if (column == COLUMN_TAGS)
		write_list(f, fields->tags, fields->tag_count, raw);
	else
		write_str(f, row_str(row, column), raw);
}

/* characters, each taken as one place wide */
static size_t width_of(struct sheaf_str s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return width;
}

void row_write_padded(const struct row *row, enum column column, FILE *f,
		      size_t width)
{
	struct sheaf_str s = row_str(row, column);
	size_t have;

	if (s.len == 0)
		s = text_str("-");
	text_write(f, s, TEXT_EXACT);
	have = width_of(s);
	if (have < width)
		fprintf(f, "%*s", (int)(width - have), "");
}

void row_json(const struct row *row, enum column column, struct json *j)
{
	const struct sheaf_fields *fields = &row->record->fields;
	const char *key = names[column];
	struct sheaf_str s = row_str(row, column);
	char text[TEXT_SIZE];

	if (column == COLUMN_SIZE)
		json_number(j, key, row->record->size);
	else if (column == COLUMN_COMMIT)
		json_number(j, key, row->record->commit);
	else if (column == COLUMN_LATEST)
		json_bool(j, key, row->record->is_latest);
	else if (column == COLUMN_CATEGORIES)
		json_list(j, key, fields->categories, fields->category_count);
	else if (column == COLUMN_TAGS)
		json_list(j, key, fields->tags, fields->tag_count);
	else if (row_text(row, column, text))
		json_text(j, key, text);
	else if (s.len > 0)
		json_str(j, key, s);
	else
		json_null(j, key);
}
