/*
 * fuzz_csv.c - any bytes as CSV
 *
 * The rows that formats/csv/ends.c sees are those that libcsv does: as many
 * with something in them, and each of them one row to libcsv.
 */
#include <csv.h>

#include "container_check.h"
#include "formats/csv/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void on_cell(void *p, size_t len, void *arg)
{
	(void)p;
	(void)len;
	(void)arg;
}

static void on_row(int end, void *arg)
{
	size_t *rows = arg;

	(void)end;
	(*rows)++;
}

static size_t rows_of_libcsv(const uint8_t *p, size_t len, uint8_t separator)
{
	struct csv_parser parser;
	size_t rows = 0;

	need(csv_init(&parser, 0) == 0);
	csv_set_delim(&parser, separator);
	need(csv_parse(&parser, p, len, on_cell, on_row, &rows) == len);
	need(csv_fini(&parser, on_cell, on_row, &rows) == 0);
	csv_free(&parser);
	return rows;
}

static void rows_check(const uint8_t *p, size_t len, uint8_t separator)
{
	struct csv_ends ends = { .separator = separator };
	size_t all = rows_of_libcsv(p, len, separator), rows = 0;

	while (len > 0) {
		bool whole;
		size_t n = csv_ends_find(&ends, p, len, &whole);
		size_t one = rows_of_libcsv(p, n, separator);

		need(n > 0 && n <= len && one <= 1);
		rows += one;
		p += n;
		len -= n;
	}
	need(rows == all);
}

static void body_check(const char *format, const uint8_t *p, size_t len)
{
	struct sheaf_str name = { format, strlen(format) }, text;
	struct buf buf = { 0 };

	need(format_body(name, p, len, &buf, &text, NULL) == SHEAF_OK);
	need(text.len <= len);
	buf_done(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct container_seen seen;
	char format[300] = "csv:";

	rows_check(p, len, ',');
	rows_check(p, len, '\t');
	parse_check("csv:id,title,date,url,text", p, len);
	body_check("csv:text,body,content", p, len);
	if (len > 0 && len < 200 && !memchr(p, '\0', len)) {
		memcpy(format + 4, p, len);
		parse_check(format, p, len);
	}
	seen = container_check(&container_csv, NULL, p, len);
	need(seen.bytes <= len);
	container_check(&container_csv, "title=a,name=b", p, len);
	return 0;
}
