/*
 * fields_check.h - what holds for the fields of any bytes in any format
 *
 * The fields are UTF-8 without a NUL, within their limits and not padded, the
 * warning is one printable line, and parsing the same again gives the same.
 */
#ifndef SHEAF_TESTS_FIELDS_CHECK_H
#define SHEAF_TESTS_FIELDS_CHECK_H

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sheaf/format.h>

#include "article/utf8.h"

static inline void need(int holds)
{
	if (!holds)
		abort();
}

static inline void str_check(struct sheaf_str s)
{
	need(s.len <= SHEAF_FIELD_MAX && utf8_valid(s.p, s.len));
	need(s.len == 0 || !memchr(s.p, '\0', s.len));
	need(s.len == 0 || (s.p[0] != ' ' && s.p[s.len - 1] != '\n'));
}

static inline void list_check(const struct sheaf_str *list, size_t count)
{
	need(count <= SHEAF_LIST_MAX);
	for (size_t i = 0; i < count; i++) {
		need(list[i].len > 0);
		str_check(list[i]);
	}
}

static inline void fields_check(const struct sheaf_fields *f)
{
	str_check(f->title);
	str_check(f->outlet);
	str_check(f->url);
	str_check(f->lang);
	list_check(f->categories, f->category_count);
	list_check(f->tags, f->tag_count);
	need(f->url.len == 0 || strncasecmp(f->url.p, "http", 4) == 0);
}

static inline size_t fields_size(const struct sheaf_fields *f)
{
	size_t n = f->title.len + f->outlet.len + f->url.len + f->lang.len;

	for (size_t i = 0; i < f->category_count; i++)
		n += f->categories[i].len;
	for (size_t i = 0; i < f->tag_count; i++)
		n += f->tags[i].len;
	return n + f->has_date + (size_t)f->date;
}

/* @p as an article of @format */
static inline void parse_check(const char *format, const void *p, size_t len)
{
	struct sheaf_str name = { format, strlen(format) };
	struct sheaf_parsed *parsed = sheaf_parsed_new();
	const char *warning;
	size_t size;

	need(parsed != NULL);
	need(sheaf_format_parse(name, p, len, parsed, NULL) == SHEAF_OK);
	fields_check(sheaf_parsed_fields(parsed));
	size = fields_size(sheaf_parsed_fields(parsed));
	warning = sheaf_parsed_warning(parsed);
	need(!warning || (utf8_valid(warning, strlen(warning)) &&
			  !strpbrk(warning, "\n\r\033")));
	need(sheaf_format_parse(name, p, len, parsed, NULL) == SHEAF_OK);
	need(size == fields_size(sheaf_parsed_fields(parsed)));
	sheaf_parsed_free(parsed);
}

#endif
