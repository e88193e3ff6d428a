/*
 * json.c - write JSON, a value at a time
 */
#include <inttypes.h>

#include "json.h"
#include "text.h"

/* a comma where one is due, then the key; keys are our own and plain */
static void begin(struct json *j, const char *key, const char *ending)
{
	if (j->comma)
		fputc(',', j->f);
	if (key)
		fprintf(j->f, "\"%s%s\":", key, ending);
	j->comma = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key, "");
	fputc(bracket, j->f);
	j->comma = false;
}

void json_close(struct json *j, char bracket)
{
	fputc(bracket, j->f);
	j->comma = true;
}

void json_end(struct json *j)
{
	json_close(j, '}');
	fputc('\n', j->f);
	j->comma = false;
}

static void put_rune(FILE *f, const char *p, size_t len, uint32_t point)
{
	if (point == '"' || point == '\\')
		fprintf(f, "\\%c", *p);
	else if (point == '\n')
		fputs("\\n", f);
	else if (point == '\t')
		fputs("\\t", f);
	else if (text_is_unsafe(point))
		fprintf(f, "\\u%04x", (unsigned int)point);
	else
		fwrite(p, 1, len, f);
}

static void put_str(FILE *f, struct sheaf_str s)
{
	uint32_t point = 0;

	fputc('"', f);
	while (s.len > 0) {
		size_t len = text_rune(s, &point);

		if (len > 0) {
			put_rune(f, s.p, len, point);
		} else {
			fputs("\xef\xbf\xbd", f);
			len = 1;
		}
		s.p += len;
		s.len -= len;
	}
	fputc('"', f);
}

static void put_hex(FILE *f, const void *p, size_t len)
{
	const uint8_t *bytes = p;

	fputc('"', f);
	for (size_t i = 0; i < len; i++)
		fprintf(f, "%02x", (unsigned int)bytes[i]);
	fputc('"', f);
}

void json_str(struct json *j, const char *key, struct sheaf_str value)
{
	begin(j, key, "");
	put_str(j->f, value);
	if (key && !text_is_utf8(value)) {
		begin(j, key, "_hex");
		put_hex(j->f, value.p, value.len);
	}
}

void json_text(struct json *j, const char *key, const char *value)
{
	json_str(j, key, text_str(value));
}

void json_list(struct json *j, const char *key, const struct sheaf_str *values,
	       size_t count)
{
	bool utf8 = true;

	json_open(j, key, '[');
	for (size_t i = 0; i < count; i++) {
		json_str(j, NULL, values[i]);
		utf8 = utf8 && text_is_utf8(values[i]);
	}
	json_close(j, ']');
	if (utf8)
		return;
	begin(j, key, "_hex");
	fputc('[', j->f);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', j->f);
		put_hex(j->f, values[i].p, values[i].len);
	}
	fputc(']', j->f);
}

void json_hex(struct json *j, const char *key, const void *p, size_t len)
{
	begin(j, key, "");
	put_hex(j->f, p, len);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	begin(j, key, "");
	fprintf(j->f, "%" PRIu64, value);
}

void json_real(struct json *j, const char *key, double value)
{
	begin(j, key, "");
	fprintf(j->f, "%.4f", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key, "");
	fputs(value ? "true" : "false", j->f);
}

void json_null(struct json *j, const char *key)
{
	begin(j, key, "");
	fputs("null", j->f);
}
