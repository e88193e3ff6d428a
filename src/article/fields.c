/*
 * fields.c - the fields of one article, while a format's reader fills them
 *
 * All values lie end to end in one buffer that moves when it grows, so they
 * are kept as spans of it, and fields_view() makes pointers of them.  This is
 * the one door to struct sheaf_fields: whatever format a value came from, what
 * is no text or too long stops here.
 */
#include "article/fields.h"

#include <stdlib.h>
#include <string.h>

#include "article/utf8.h"
#include "base/buf.h"

struct span {
	size_t at, len;
};

struct list {
	struct span span[SHEAF_LIST_MAX];
	struct sheaf_str view[SHEAF_LIST_MAX];
	size_t count;
};

struct fields {
	struct buf text; /* the values */
	struct span single[FIELD_SINGLE_COUNT];
	struct list categories, tags;
	bool has_date;
	int64_t date;
	struct sheaf_fields view;
};

struct fields *fields_new(void)
{
	return calloc(1, sizeof(struct fields));
}

void fields_free(struct fields *f)
{
	if (!f)
		return;
	buf_done(&f->text);
	free(f);
}

void fields_clear(struct fields *f)
{
	buf_clear(&f->text);
	memset(f->single, 0, sizeof(f->single));
	f->categories.count = 0;
	f->tags.count = 0;
	f->has_date = false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* @value without the white space around it */
static struct sheaf_str trim(const void *value, size_t len)
{
	struct sheaf_str s = { value, len };

	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

static struct list *list_of(struct fields *f, enum field which)
{
	return which == FIELD_CATEGORY ? &f->categories : &f->tags;
}

static bool list_has(const struct fields *f, const struct list *list,
		     struct sheaf_str s)
{
	for (size_t i = 0; i < list->count; i++) {
		struct span span = list->span[i];

		if (span.len == s.len &&
		    memcmp(&f->text.p[span.at], s.p, s.len) == 0)
			return true;
	}
	return false;
}

/* copies @s, sets *out; a value that it replaces is overwritten if it fits */
static enum sheaf_status text_keep(struct fields *f, struct sheaf_str s,
				   struct span *out)
{
	size_t at = f->text.len;

	if (s.len <= out->len) {
		memmove(&f->text.p[out->at], s.p, s.len);
		out->len = s.len;
		return SHEAF_OK;
	}
	buf_bytes(&f->text, s.p, s.len);
	if (f->text.bad)
		return SHEAF_NOMEM;
	*out = (struct span){ at, s.len };
	return SHEAF_OK;
}

enum sheaf_status fields_put(struct fields *f, enum field which,
			     const void *value, size_t len)
{
	struct sheaf_str s = trim(value, len);
	struct span span = { 0, 0 };
	enum sheaf_status st;
	struct list *list;

	if (s.len == 0)
		return SHEAF_OK;
	if (s.len > SHEAF_FIELD_MAX)
		return SHEAF_LIMIT;
	if (memchr(s.p, '\0', s.len) || !utf8_valid(s.p, s.len))
		return SHEAF_CORRUPT;
	if (which < FIELD_SINGLE_COUNT)
		return text_keep(f, s, &f->single[which]);
	list = list_of(f, which);
	if (list_has(f, list, s))
		return SHEAF_OK;
	if (list->count == SHEAF_LIST_MAX)
		return SHEAF_LIMIT;
	st = text_keep(f, s, &span);
	if (st == SHEAF_OK)
		list->span[list->count++] = span;
	return st;
}

void fields_put_date(struct fields *f, int64_t sec)
{
	f->has_date = true;
	f->date = sec;
}

bool fields_has(const struct fields *f, enum field which)
{
	if (which < FIELD_SINGLE_COUNT)
		return f->single[which].len > 0;
	return (which == FIELD_CATEGORY ? f->categories : f->tags).count > 0;
}

static struct sheaf_str span_view(const struct fields *f, struct span span)
{
	if (span.len == 0)
		return (struct sheaf_str){ NULL, 0 };
	return (struct sheaf_str){ (const char *)&f->text.p[span.at],
				   span.len };
}

static const struct sheaf_str *list_view(const struct fields *f,
					 struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		list->view[i] = span_view(f, list->span[i]);
	return list->view;
}

const struct sheaf_fields *fields_view(struct fields *f)
{
	f->view = (struct sheaf_fields){
		.title = span_view(f, f->single[FIELD_TITLE]),
		.outlet = span_view(f, f->single[FIELD_OUTLET]),
		.url = span_view(f, f->single[FIELD_URL]),
		.lang = span_view(f, f->single[FIELD_LANG]),
		.categories = list_view(f, &f->categories),
		.category_count = f->categories.count,
		.tags = list_view(f, &f->tags),
		.tag_count = f->tags.count,
		.date = f->has_date ? f->date : 0,
		.has_date = f->has_date,
	};
	return &f->view;
}
