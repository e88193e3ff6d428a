/*
 * write.c - the fields of articles as CSV, RFC 4180
 *
 * A header, then a line an article, ending in CR LF.  A cell is quoted where
 * it holds a quote, a comma, a line's end or a blank at its edge.  Bytes that
 * are no UTF-8, which only a name has, come as they are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "formats/writer.h"

static const char header[] = "id,name,mtime,format,commit,size,date,title,"
			     "outlet,url,lang,categories,tags\r\n";

struct state {
	struct writer_target target;
	struct buf line, list;
};

static bool needs_quotes(struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\n' ||
		    s.p[i] == '\r')
			return true;
	}
	return s.len > 0 && (s.p[0] == ' ' || s.p[s.len - 1] == ' ');
}

static void put_cell(struct buf *b, struct sheaf_str s)
{
	if (b->len > 0)
		buf_u8(b, ',');
	if (!needs_quotes(s)) {
		buf_bytes(b, s.p, s.len);
		return;
	}
	buf_u8(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			buf_u8(b, '"');
		buf_u8(b, (uint8_t)s.p[i]);
	}
	buf_u8(b, '"');
}

static void put_text(struct buf *b, const char *text)
{
	put_cell(b, (struct sheaf_str){ text, strlen(text) });
}

static void put_number(struct buf *b, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	put_text(b, text);
}

/* with ';' between values, and "\;" and "\\" within them */
static void put_list(struct state *s, const struct sheaf_str *values,
		     size_t count)
{
	buf_clear(&s->list);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_u8(&s->list, ';');
		for (size_t j = 0; j < values[i].len; j++) {
			char c = values[i].p[j];

			if (c == ';' || c == '\\')
				buf_u8(&s->list, '\\');
			buf_u8(&s->list, (uint8_t)c);
		}
	}
	if (s->list.bad)
		s->line.bad = true;
	put_cell(&s->line,
		 (struct sheaf_str){ (const char *)s->list.p, s->list.len });
}

static enum sheaf_status csv_put(void *state, const struct writer_item *item,
				 struct sheaf_error *err)
{
	struct state *s = state;
	const struct sheaf_record *record = item->record;
	const struct sheaf_fields *fields = item->fields;
	char hex[SHEAF_ID_HEX + 1], time[WRITER_TIME_SIZE];

	buf_clear(&s->line);
	sheaf_id_hex(item->id, hex);
	put_text(&s->line, hex);
	put_cell(&s->line, record->name);
	writer_time(time, record->mtime);
	put_text(&s->line, time);
	put_cell(&s->line, record->format);
	put_number(&s->line, record->commit);
	put_number(&s->line, item->len);
	time[0] = '\0';
	if (fields->has_date)
		writer_time(time, (struct sheaf_time){ .sec = fields->date });
	put_text(&s->line, time);
	put_cell(&s->line, fields->title);
	put_cell(&s->line, fields->outlet);
	put_cell(&s->line, fields->url);
	put_cell(&s->line, fields->lang);
	put_list(s, fields->categories, fields->category_count);
	put_list(s, fields->tags, fields->tag_count);
	buf_bytes(&s->line, "\r\n", 2);
	if (s->line.bad)
		return fail_nomem(err);
	return s->target.write(s->line.p, s->line.len, s->target.arg, err);
}

static enum sheaf_status csv_finish(void *state, struct sheaf_error *err)
{
	(void)state;
	(void)err;
	return SHEAF_OK;
}

static void csv_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	buf_done(&s->line);
	buf_done(&s->list);
	free(s);
}

static enum sheaf_status csv_open(void **state,
				  const struct writer_target *target,
				  struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	enum sheaf_status st;

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	st = target->write(header, sizeof(header) - 1, target->arg, err);
	if (st == SHEAF_OK)
		*state = s;
	else
		csv_free(s);
	return st;
}

const struct writer_format writer_csv = {
	.name = "csv",
	.open = csv_open,
	.put = csv_put,
	.finish = csv_finish,
	.free = csv_free,
};
