/*
 * read.c - JSON Lines: a line is an article
 *
 * Called through the lists in formats/container.c and formats/format.c.  A
 * line is stored byte for byte, without its end, whatever can be read of it;
 * only one that is too long, or that the file ends in, is not.
 */
#include "formats/jsonl/jsonl.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/fail.h"
#include "formats/dataset.h"
#include "formats/json.h"
#include "formats/rows.h"

enum {
	/* a byte of an article takes up to six of an export's line, "\u0000",
	 * and the names and fields beside it some more */
	OWN_GROWTH = 6,
	OWN_REST = 1 << 20,
};

/* --- one line --- */

static void warn(struct format_warning *warning,
		 const struct json_trouble *trouble)
{
	if (trouble->text[0])
		format_warn(warning, "%s", trouble->text);
}

static enum sheaf_status fields_fill(const struct values *values,
				     struct fields *fields,
				     struct format_warning *warning)
{
	enum sheaf_status st = values_put(values, fields, warning);

	return st == SHEAF_OK ? values_put_host(fields) : st;
}

static enum sheaf_status jsonl_parse(struct sheaf_str param, const void *bytes,
				     size_t len, struct fields *fields,
				     struct format_warning *warning,
				     struct sheaf_error *err)
{
	struct json_trouble trouble;
	struct dataset dataset;
	struct values values = { .keys = dataset.keys, .loose = true };
	struct json_t *object = NULL;
	struct sheaf_error why;
	enum sheaf_status st = dataset_init(&dataset, param, &why);

	if (st == SHEAF_MISUSE) { /* a record's format says so: no field map */
		format_warn(warning, "its format's fields: %s", why.text);
		return SHEAF_OK;
	}
	if (st == SHEAF_OK)
		st = json_read(&object, bytes, len, &trouble);
	if (st == SHEAF_OK)
		warn(warning, &trouble);
	if (st == SHEAF_OK && object)
		st = json_values(object, &values);
	if (st == SHEAF_OK)
		st = fields_fill(&values, fields, warning);
	json_free(object);
	values_done(&values);
	dataset_done(&dataset);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* the text that the line has under one of the keys for it; a line without one
 * is all that there is */
static enum sheaf_status jsonl_body(struct sheaf_str param, const void *bytes,
				    size_t len, struct buf *buf,
				    struct sheaf_str *out,
				    struct sheaf_error *err)
{
	struct sheaf_str text = { 0 };
	struct json_trouble trouble;
	struct json_t *object = NULL;
	struct dataset dataset;
	enum sheaf_status st = dataset_init(&dataset, param, NULL);

	if (st == SHEAF_MISUSE)
		return SHEAF_OK;
	if (st == SHEAF_OK)
		st = json_read(&object, bytes, len, &trouble);
	if (st == SHEAF_OK && object &&
	    json_find(object, dataset.keys, KEY_TEXT, &text)) {
		buf_bytes(buf, text.p, text.len);
		if (buf->bad)
			st = SHEAF_NOMEM;
		else
			*out = (struct sheaf_str){ (const char *)buf->p,
						   text.len };
	}
	json_free(object);
	dataset_done(&dataset);
	return st == SHEAF_OK ? SHEAF_OK : fail_nomem(err);
}

/* a line alone is not told from other text */
static bool jsonl_guess_line(struct sheaf_str name, const void *bytes,
			     size_t len)
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
	struct dataset dataset;
	struct dataset_names names;
	struct values values;
	struct fields *fields;
	struct jsonl_own own;
	struct buf format; /* of the records, with a NUL */
	bool begun;	   /* a line that is not blank was seen */
};

static size_t line_max(void *arg, const uint8_t *p, size_t len)
{
	const struct reader *r = arg;
	size_t max = (size_t)r->options->max_article;

	return jsonl_own_begins(p, len) ? OWN_GROWTH * max + OWN_REST :
					  max + 2; /* with its end */
}

static size_t line_end(void *arg, const uint8_t *p, size_t len, bool *whole)
{
	const uint8_t *nl = memchr(p, '\n', len);

	(void)arg;
	*whole = nl;
	return nl ? (size_t)(nl - p) + 1 : len;
}

/* without its end, and the file's byte order mark */
static struct sheaf_str line_text(const struct row *row)
{
	struct sheaf_str s = { (const char *)row->p, row->len };

	if (row->whole && s.len > 0)
		s.len--;
	if (row->whole && s.len > 0 && s.p[s.len - 1] == '\r')
		s.len--;
	if (row->number == 1 && s.len >= 3 &&
	    memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
		s = (struct sheaf_str){ s.p + 3, s.len - 3 };
	return s;
}

static struct sheaf_str blanks_skip(struct sheaf_str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\r'))
		s = (struct sheaf_str){ s.p + 1, s.len - 1 };
	return s;
}

/* what the first line, of which @s is the start without its blanks, shows the
 * whole file to be, if that is no JSON Lines; NULL: it may be */
static const char *file_refuse(struct sheaf_str s)
{
	if (s.len >= 2 && (memcmp(s.p, "\xff\xfe", 2) == 0 ||
			   memcmp(s.p, "\xfe\xff", 2) == 0))
		return "it is UTF-16: make UTF-8 of it first, as with iconv";
	if (s.p[0] == '[')
		return "a JSON array, no JSON Lines: make them of it first, as "
		       "with jq -c '.[]'";
	if (s.p[0] != '{')
		return "its first line is no JSON object: no JSON Lines";
	if (blanks_skip((struct sheaf_str){ s.p + 1, s.len - 1 }).len == 0)
		return "an object over several lines, no JSON Lines: make them "
		       "of it first, as with jq -c .";
	return NULL;
}

/* one that is not stored */
static void line_failed(const struct reader *r, const struct row *row,
			const char *why)
{
	char name[40];
	int n = snprintf(name, sizeof(name), "line %llu",
			 (unsigned long long)row->number);

	r->sink->failed((struct sheaf_str){ name, (size_t)n }, why,
			r->sink->arg);
}

/* a line as it stands; @object: what it is, or NULL */
static enum sheaf_status line_give(struct reader *r, const struct row *row,
				   struct sheaf_str text,
				   const struct json_t *object, bool warned,
				   struct sheaf_error *err)
{
	struct format_warning warning = { { 0 } };
	struct container_item item = { .bytes = text.p,
				       .len = text.len,
				       .format = (const char *)r->format.p };
	struct sheaf_str id = { NULL, 0 };
	enum sheaf_status st = SHEAF_OK;

	fields_clear(r->fields);
	values_done(&r->values);
	if (object)
		st = json_values(object, &r->values);
	if (st == SHEAF_OK)
		st = fields_fill(&r->values, r->fields, &warning);
	if (st == SHEAF_OK)
		id = values_first(&r->values, KEY_NAME);
	if (id.len == 0)
		id = fields_view(r->fields)->url;
	if (st == SHEAF_OK)
		st = dataset_name(&r->names, r->options->name, id, "line",
				  row->number, &item.name);
	if (st != SHEAF_OK)
		return fail_nomem(err);
	/* what there is to warn of is told when its format reads it again */
	if (!warned && !warning.text[0])
		item.fields = fields_view(r->fields);
	return r->sink->give(&item, r->sink->arg, err);
}

static enum sheaf_status line_read(struct reader *r, const struct row *row,
				   struct sheaf_error *err)
{
	struct sheaf_str text = line_text(row), start = blanks_skip(text);
	const char *why =
		r->begun || start.len == 0 ? NULL : file_refuse(start);
	struct json_trouble trouble;
	struct json_t *object;
	enum sheaf_status st;
	bool own = false;

	if (why)
		return fail(err, SHEAF_CORRUPT, "%s", why);
	r->begun |= start.len != 0;
	if (row->too_long) {
		line_failed(r, row, "larger than an article may be");
		return SHEAF_OK;
	}
	if (start.len == 0)
		return SHEAF_OK;
	st = json_read(&object, text.p, text.len, &trouble);
	if (st == SHEAF_OK && !object && !row->whole)
		line_failed(r, row, "cut short: the file ends in this line");
	else if (st == SHEAF_OK && object)
		st = jsonl_own_read(&r->own, object, &own);
	if (st != SHEAF_OK)
		st = fail_nomem(err);
	else if (own)
		st = r->sink->give(&r->own.item, r->sink->arg, err);
	else if (object || row->whole)
		st = line_give(r, row, text, object, trouble.text[0] != '\0',
			       err);
	json_free(object);
	return st;
}

static enum sheaf_status reader_init(struct reader *r, struct sheaf_error *err)
{
	const char *map = r->options->field_map ? r->options->field_map : "";
	enum sheaf_status st = dataset_init(
		&r->dataset, (struct sheaf_str){ map, strlen(map) }, err);

	if (st != SHEAF_OK)
		return st;
	r->values.keys = r->dataset.keys;
	r->values.loose = true;
	r->fields = fields_new();
	buf_bytes(&r->format, "jsonl:", *map ? 6 : 5);
	buf_bytes(&r->format, map, strlen(map) + 1);
	return r->fields && !r->format.bad ? SHEAF_OK : fail_nomem(err);
}

static void reader_done(struct reader *r)
{
	fields_free(r->fields);
	values_done(&r->values);
	dataset_names_done(&r->names);
	dataset_done(&r->dataset);
	jsonl_own_done(&r->own);
	buf_done(&r->format);
}

static enum sheaf_status jsonl_read(struct stream *in,
				    const struct container_options *options,
				    const struct container_sink *sink,
				    struct sheaf_error *err)
{
	struct reader r = { .options = options, .sink = sink };
	struct rows rows = {
		.in = in, .end = line_end, .max = line_max, .arg = &r
	};
	enum sheaf_status st = reader_init(&r, err);
	struct row row;

	while (st == SHEAF_OK) {
		st = rows_next(&rows, &row, err);
		if (st == SHEAF_OK)
			st = line_read(&r, &row, err);
		else if (st == SHEAF_NOT_FOUND)
			break;
	}
	rows_done(&rows);
	reader_done(&r);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

/* --- is it one --- */

static bool ends_in(struct sheaf_str name, const char *ending)
{
	size_t n = strlen(ending);

	return name.len >= n &&
	       strncasecmp(name.p + name.len - n, ending, n) == 0;
}

static bool is_object(struct sheaf_str line)
{
	struct json_trouble trouble;
	struct json_t *object;

	if (line.len < 2 || line.p[0] != '{' ||
	    json_read(&object, line.p, line.len, &trouble) != SHEAF_OK)
		return false;
	json_free(object);
	return object;
}

/* two lines at least that are objects, and none before them that is not */
static bool has_lines(const uint8_t *p, size_t len)
{
	struct row row = { .whole = true };
	int objects = 0;

	while (objects < 2 && len > 0) {
		row.p = p;
		row.len = line_end(NULL, p, len, &row.whole);
		row.number++;
		p += row.len;
		len -= row.len;
		if (blanks_skip(line_text(&row)).len == 0)
			continue;
		if (!is_object(line_text(&row)))
			return false;
		objects++;
	}
	return objects == 2;
}

static bool jsonl_guess(struct sheaf_str name, const void *head, size_t len)
{
	static const char *const endings[] = { ".jsonl", ".ndjson",
					       ".jsonlines", ".ldjson" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (ends_in(name, endings[i]))
			return true;
	}
	if (ends_in(name, ".md") || ends_in(name, ".markdown"))
		return false;
	return jsonl_own_begins(head, len) || has_lines(head, len);
}

const struct container container_jsonl = {
	.name = "jsonl",
	.guess = jsonl_guess,
	.read = jsonl_read,
};

const struct format format_jsonl = {
	.name = "jsonl",
	.guess = jsonl_guess_line,
	.parse = jsonl_parse,
	.body = jsonl_body,
};
