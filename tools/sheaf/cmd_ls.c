/*
 * cmd_ls.c - sheaf ls: the records of a corpus, a line each
 */
#include <inttypes.h>
#include <stdio.h>

#include <sheaf/corpus.h>

#include "command.h"
#include "filter.h"
#include "json.h"
#include "opt.h"
#include "out.h"
#include "reader.h"
#include "row.h"
#include "say.h"
#include "text.h"

enum { OUTLET_WIDTH = 16, LANG_WIDTH = 5 };

static struct {
	const char *fields;
	bool is_long, null, json, count, all_versions;
} args;

static const struct opt options[] = {
	{ .kind = OPT_FLAG,
	  .letter = 'l',
	  .name = "long",
	  .value = &args.is_long,
	  .help = "also outlet, language and title (reads each\n"
		  "article); with --json also id and url" },
	{ .kind = OPT_TEXT,
	  .name = "fields",
	  .value = &args.fields,
	  .arg = "LIST",
	  .help = "these, separated by tabs; from id, prefix, date,\n"
		  "mtime, size, name, outlet, lang, categories, tags,\n"
		  "title, url, commit, format, latest" },
	{ .kind = OPT_FLAG,
	  .letter = 'a',
	  .name = "all-versions",
	  .value = &args.all_versions,
	  .help = "not only the latest version of each name" },
	{ .kind = OPT_FLAG,
	  .letter = 'c',
	  .name = "count",
	  .value = &args.count,
	  .help = "only how many there are" },
	{ .kind = OPT_FLAG,
	  .letter = '0',
	  .name = "null",
	  .value = &args.null,
	  .help = "bytes as they are, and a NUL instead of a newline" },
	{ .kind = OPT_FLAG,
	  .name = "json",
	  .value = &args.json,
	  .help = "a JSON object a line" },
	{ .kind = OPT_TABLE, .table = filter_options },
	{ .kind = OPT_END },
};

static const struct column_list long_columns = {
	.items = { COLUMN_TITLE },
	.count = 1,
};

static const struct column_list json_columns = {
	.items = { COLUMN_PREFIX, COLUMN_NAME, COLUMN_SIZE, COLUMN_DATE,
		   COLUMN_MTIME, COLUMN_COMMIT, COLUMN_LATEST, COLUMN_FORMAT,
		   COLUMN_OUTLET, COLUMN_LANG, COLUMN_CATEGORIES, COLUMN_TAGS },
	.count = 12,
};

static const struct column_list json_long_columns = {
	.items = { COLUMN_ID, COLUMN_PREFIX, COLUMN_NAME, COLUMN_SIZE,
		   COLUMN_DATE, COLUMN_MTIME, COLUMN_COMMIT, COLUMN_LATEST,
		   COLUMN_FORMAT, COLUMN_OUTLET, COLUMN_LANG, COLUMN_CATEGORIES,
		   COLUMN_TAGS, COLUMN_TITLE, COLUMN_URL },
	.count = 15,
};

/* one listing */
struct ls {
	struct row row;
	struct column_list columns;
	uint64_t count;
	int status;
};

/* id, date, size, name: for people */
static void print_line(const struct ls *ls)
{
	const struct row *row = &ls->row;
	const struct sheaf_record *record = row->record;
	char hex[13], day[TEXT_SIZE];

	row_prefix(record, hex);
	printf("%s  %s  %9" PRIu64 "  ", hex, text_day(day, row_date(record)),
	       record->size);
	if (args.is_long) {
		row_write_padded(row, COLUMN_OUTLET, stdout, OUTLET_WIDTH);
		fputs("  ", stdout);
		row_write_padded(row, COLUMN_LANG, stdout, LANG_WIDTH);
		fputs("  ", stdout);
	}
	row_write(row, COLUMN_NAME, stdout, args.null);
	if (args.is_long) {
		fputs("  ", stdout);
		row_write_padded(row, COLUMN_TITLE, stdout, 0);
	}
}

static void print_fields(const struct ls *ls)
{
	for (size_t i = 0; i < ls->columns.count; i++) {
		if (i > 0)
			putchar('\t');
		row_write(&ls->row, ls->columns.items[i], stdout, args.null);
	}
}

static void print_json(const struct ls *ls)
{
	struct json j = { .f = stdout };

	json_open(&j, NULL, '{');
	for (size_t i = 0; i < ls->columns.count; i++)
		row_json(&ls->row, ls->columns.items[i], &j);
	json_end(&j);
}

static int on_record(const struct sheaf_record *record, void *arg)
{
	struct ls *ls = arg;
	int status;

	ls->count++;
	if (args.count)
		return 0;
	status = row_set(&ls->row, record, &ls->columns);
	if (status > ls->status)
		ls->status = status;
	if (args.json) {
		print_json(ls);
		return out_failed();
	}
	if (args.fields)
		print_fields(ls);
	else
		print_line(ls);
	putchar(args.null ? '\0' : '\n');
	return out_failed();
}

static void print_count(uint64_t count)
{
	struct json j = { .f = stdout };

	if (!args.json) {
		printf("%" PRIu64 "\n", count);
		return;
	}
	json_open(&j, NULL, '{');
	json_number(&j, "count", count);
	json_end(&j);
}

/* what the options ask to be shown */
static int choose_columns(struct column_list *out)
{
	*out = (struct column_list){ 0 };
	if (args.fields)
		return column_list_read(out, args.fields);
	if (args.json)
		*out = args.is_long ? json_long_columns : json_columns;
	else if (args.is_long)
		*out = long_columns;
	return STATUS_YES;
}

static int list(const char *path, const struct sheaf_filter *filter,
		struct ls *ls)
{
	struct sheaf_error err = { 0 };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;
	int status = reader_open(&corpus, path);

	if (status != STATUS_YES)
		return status;
	status = row_init(&ls->row, corpus);
	if (status == STATUS_YES) {
		st = sheaf_list(corpus, filter, on_record, ls, &err);
		if (st == SHEAF_OK && args.count)
			print_count(ls->count);
		if (st != SHEAF_OK && st != SHEAF_CANCELLED)
			status = say_error(path, st, &err);
	}
	row_done(&ls->row);
	sheaf_close(corpus);
	return status > ls->status ? status : ls->status;
}

static int run(char **operands, int count)
{
	struct sheaf_filter filter;
	struct ls ls = { .status = STATUS_YES };
	int status;

	(void)count;
	status = choose_columns(&ls.columns);
	if (status == STATUS_YES)
		status = filter_get(&filter);
	if (status == STATUS_YES) {
		filter.all_versions = args.all_versions;
		status = list(operands[0], &filter, &ls);
	}
	filter_done();
	return status;
}

const struct command cmd_ls = {
	.name = "ls",
	.operands = "CORPUS",
	.summary = "List records: short id, date, size, name",
	.notes = "Conditions must all hold; of one that is given several "
		 "times, one value must.\nThe date is the article's; where it "
		 "has none, that of its file.\n",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
