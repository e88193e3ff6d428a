/*
 * row.h - one record, column by column, as lines or JSON show it
 */
#ifndef SHEAF_TOOL_ROW_H
#define SHEAF_TOOL_ROW_H

#include <stdio.h>

#include <sheaf/corpus.h>
#include <sheaf/format.h>

#include "json.h"

enum column {
	COLUMN_ID, /* this one, title and url cost a read of the article */
	COLUMN_PREFIX,
	COLUMN_DATE,
	COLUMN_MTIME,
	COLUMN_SIZE,
	COLUMN_NAME,
	COLUMN_OUTLET,
	COLUMN_LANG,
	COLUMN_CATEGORIES,
	COLUMN_TAGS,
	COLUMN_TITLE,
	COLUMN_URL,
	COLUMN_COMMIT,
	COLUMN_FORMAT,
	COLUMN_LATEST,
	COLUMN_COUNT,
};

/* columns in the order that they are shown in */
struct column_list {
	enum column items[2 * COLUMN_COUNT];
	size_t count;
};

/* from "id,name,title"; the exit status, after a message if not STATUS_YES */
int column_list_read(struct column_list *out, const char *text);

/* the record at hand, and its article once a column wants it */
struct row {
	struct sheaf_corpus *corpus;
	const struct sheaf_record *record;
	struct sheaf_bytes bytes;
	struct sheaf_parsed *parsed;
	uint8_t id[SHEAF_ID_SIZE];
	bool has_article;
};

/* the exit status, after a message if it is not STATUS_YES */
int row_init(struct row *row, struct sheaf_corpus *corpus);
void row_done(struct row *row);

/*
 * row_set() - show @record, which must live as long as it is shown
 *
 * Reads the article if one of @columns needs it; without it their values are
 * absent.  Returns the exit status, after a message if it is not STATUS_YES.
 */
int row_set(struct row *row, const struct sheaf_record *record,
	    const struct column_list *columns);

/* nothing where the value is absent; @raw: bytes as they are, else escaped */
void row_write(const struct row *row, enum column column, FILE *f, bool raw);
/* the same padded with blanks to @width characters, "-" for absent */
void row_write_padded(const struct row *row, enum column column, FILE *f,
		      size_t width);
/* "name": value; null where it is absent */
void row_json(const struct row *row, enum column column, struct json *j);

/* twelve digits and a NUL */
void row_prefix(const struct sheaf_record *record, char out[13]);
/* of the article, else of its file */
int64_t row_date(const struct sheaf_record *record);

#endif
