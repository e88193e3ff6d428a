/*
 * format.c - the readers of articles, one line each, behind the public calls
 *
 * Who adds articles asks here what format one has and what its fields are.  A
 * new format is a folder beside this file and a line in the list below; the
 * first whose guess says yes reads the article, and text takes what is left.
 */
#include "formats/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

static const struct format *const formats[] = {
	&format_hugo, &format_html, &format_jsonl,
	&format_csv,  &format_text, /* last: it takes anything */
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

struct sheaf_parsed {
	struct fields *fields;
	const struct sheaf_fields *view;
	struct format_warning warning;
};

struct sheaf_parsed *sheaf_parsed_new(void)
{
	struct sheaf_parsed *parsed = calloc(1, sizeof(*parsed));

	if (!parsed)
		return NULL;
	parsed->fields = fields_new();
	if (!parsed->fields) {
		free(parsed);
		return NULL;
	}
	parsed->view = fields_view(parsed->fields);
	return parsed;
}

void sheaf_parsed_free(struct sheaf_parsed *parsed)
{
	if (!parsed)
		return;
	fields_free(parsed->fields);
	free(parsed);
}

const struct sheaf_fields *
sheaf_parsed_fields(const struct sheaf_parsed *parsed)
{
	return parsed->view;
}

const char *sheaf_parsed_warning(const struct sheaf_parsed *parsed)
{
	return parsed->warning.text[0] ? parsed->warning.text : NULL;
}

void format_warn(struct format_warning *warning, const char *fmt, ...)
{
	char raw[2 * sizeof(warning->text)];
	struct sheaf_error line;
	va_list ap;

	if (warning->text[0])
		return;
	va_start(ap, fmt);
	if (vsnprintf(raw, sizeof(raw), fmt, ap) < 0)
		strcpy(raw, "its fields can't all be read");
	va_end(ap);
	/* cut and cleaned as every line that ends on a terminal */
	fail(&line, SHEAF_CORRUPT, "%s", raw);
	snprintf(warning->text, sizeof(warning->text), "%s", line.text);
}

const char *sheaf_format_guess(struct sheaf_str name, const void *bytes,
			       size_t len)
{
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (formats[i]->guess(name, bytes, len))
			return formats[i]->name;
	}
	return format_text.name;
}

bool sheaf_format_hides(struct sheaf_str format)
{
	return format.len != 0 && format.p[0] == '.';
}

/* what @format names, without its parameter; NULL if there is none */
static const struct format *format_named(struct sheaf_str format)
{
	const char *colon =
		format.len != 0 ? memchr(format.p, ':', format.len) : NULL;
	size_t len = colon ? (size_t)(colon - format.p) : format.len;

	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (len == strlen(formats[i]->name) &&
		    memcmp(format.p, formats[i]->name, len) == 0)
			return formats[i];
	}
	return NULL;
}

const char *sheaf_format_find(struct sheaf_str format)
{
	const struct format *f = format_named(format);

	return f ? f->name : NULL;
}

/* @format's reader, text where there is none, and its parameter */
static const struct format *format_of(struct sheaf_str format,
				      struct sheaf_str *param)
{
	const struct format *f = format_named(format);

	*param = (struct sheaf_str){ 0 };
	if (!f)
		return &format_text;
	if (format.len > strlen(f->name))
		*param = (struct sheaf_str){ format.p + strlen(f->name) + 1,
					     format.len - strlen(f->name) - 1 };
	return f;
}

enum sheaf_status format_body(struct sheaf_str format, const void *bytes,
			      size_t len, struct buf *buf,
			      struct sheaf_str *out, struct sheaf_error *err)
{
	struct sheaf_str param;
	const struct format *f = format_of(format, &param);

	buf_clear(buf);
	*out = (struct sheaf_str){ bytes, len };
	return f->body && len > 0 ? f->body(param, bytes, len, buf, out, err) :
				    SHEAF_OK;
}

enum sheaf_status sheaf_format_parse(struct sheaf_str format, const void *bytes,
				     size_t len, struct sheaf_parsed *parsed,
				     struct sheaf_error *err)
{
	struct sheaf_str param;
	const struct format *f = format_of(format, &param);
	enum sheaf_status st;

	fields_clear(parsed->fields);
	parsed->warning.text[0] = '\0';
	st = f->parse(param, bytes, len, parsed->fields, &parsed->warning, err);
	parsed->view = fields_view(parsed->fields);
	return st;
}
