/*
 * values.c - what an article's metadata says, by key, on its way to the fields
 *
 * Shared by all formats whose articles name their fields: hugo's front matter,
 * JSON Lines, CSV.  What can't be told as a field is absent, and the first
 * trouble is told.
 */
#include "formats/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "article/date.h"
#include "base/fail.h"
#include "formats/link.h"
#include "formats/when.h"

enum { KEY_LEN_MAX = 32 }; /* longer keys than ours are not looked at */

/* Go's zero time, which Hugo's templates leave where there is no date */
static const int64_t go_zero = -62135596800;

/* a key as tables have it; false for one too long to be in any */
static bool key_plain(const char *p, size_t len, char name[KEY_LEN_MAX + 1])
{
	size_t n = 0;

	if (len > KEY_LEN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = p[i];

		if (c == '_' || c == '-' || c == ' ')
			continue;
		name[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	name[n] = '\0';
	return true;
}

int key_find(const struct key *keys, const void *key, size_t len)
{
	char name[KEY_LEN_MAX + 1];
	bool plain = key_plain(key, len, name);

	for (int i = 0; keys[i].name; i++) {
		if (keys[i].says & KEY_EXACT) {
			if (strlen(keys[i].name) == len &&
			    memcmp(keys[i].name, key, len) == 0)
				return i;
		} else if (plain && keys[i].says &&
			   strcmp(keys[i].name, name) == 0) {
			return i;
		}
	}
	return -1;
}

void values_done(struct values *values)
{
	buf_done(&values->text);
	free(values->value);
	values->value = NULL;
	values->count = values->cap = 0;
	memset(values->key, 0, sizeof(values->key));
}

static bool value_room(struct values *values)
{
	size_t cap = values->cap ? 2 * values->cap : 32;
	struct value *p;

	if (values->count < values->cap)
		return true;
	p = realloc(values->value, cap * sizeof(*p));
	if (!p)
		return false;
	values->value = p;
	values->cap = cap;
	return true;
}

bool values_add(struct values *values, int key, const void *p, size_t len,
		size_t line, bool in_list)
{
	size_t at = values->text.len;
	struct sheaf_str s = { p, len };

	if (values->keys[key].says & KEY_TEXT)
		s = link_last_line(p, len);
	if (s.len == 0 || values->count == VALUES_MAX)
		return true;
	buf_bytes(&values->text, s.p, s.len);
	if (values->text.bad || !value_room(values))
		return false;
	values->value[values->count] = (struct value){
		.at = at, .len = s.len, .line = line, .in_list = in_list
	};
	if (values->key[key].count++ == 0)
		values->key[key].first = values->count;
	else
		values->value[values->key[key].last].next = values->count;
	values->key[key].last = values->count++;
	return true;
}

void values_restart(struct values *values, int key)
{
	values->key[key].count = 0;
}

struct sheaf_str values_text(const struct values *values, const struct value *v)
{
	return (struct sheaf_str){ (const char *)&values->text.p[v->at],
				   v->len };
}

struct sheaf_str values_first(const struct values *values, unsigned int says)
{
	for (int i = 0; values->keys[i].name; i++) {
		if ((values->keys[i].says & says) && values->key[i].count > 0)
			return values_text(
				values, &values->value[values->key[i].first]);
	}
	return (struct sheaf_str){ NULL, 0 };
}

/* one walk over the table */
struct put {
	const struct values *values;
	struct fields *fields;
	struct format_warning *warning;
	const struct key *key;
	const struct value *value; /* the first of the key */
};

static void tell(const struct put *put, const struct value *v, const char *what,
		 struct sheaf_str shown)
{
	const char *where = put->values->where;
	char text[64] = "", name[64], at[128];

	if (shown.len > 0)
		text_escape(text, sizeof(text), shown.p, shown.len);
	text_escape(name, sizeof(name), put->key->name, strlen(put->key->name));
	if (where && v->line != 0)
		snprintf(at, sizeof(at), "%s, line %zu", where, v->line);
	else
		snprintf(at, sizeof(at), "%s%s%s", where ? where : "",
			 where ? ", " : "", name);
	format_warn(put->warning, "%s: %s%s%s", at, what, *text ? ": " : "",
		    text);
}

/* fields_put(), where a value that is refused is told */
static enum sheaf_status put_one(const struct put *put, enum field which,
				 struct sheaf_str s, const struct value *v)
{
	const struct sheaf_str nothing = { NULL, 0 };
	enum sheaf_status st = fields_put(put->fields, which, s.p, s.len);

	if (st == SHEAF_LIMIT)
		tell(put, v,
		     s.len > SHEAF_FIELD_MAX ? "value too long" :
					       "list too long",
		     nothing);
	else if (st == SHEAF_CORRUPT)
		tell(put, v, "not text", nothing);
	return st == SHEAF_NOMEM ? SHEAF_NOMEM : SHEAF_OK;
}

/* the outlet of an address is its host */
static enum sheaf_status put_host(struct fields *f, struct sheaf_str url)
{
	char host[LINK_HOST_MAX];
	size_t len = link_host(url, host);

	return len ? fields_put(f, FIELD_OUTLET, host, len) : SHEAF_OK;
}

/* without a digit it was never meant as one: Jekyll has "published: true" */
static bool has_digit(struct sheaf_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	}
	return false;
}

static void put_date(const struct put *put, struct sheaf_str s)
{
	int64_t sec;

	if (sheaf_date_parse(s, &sec) ||
	    (put->values->loose && when_parse(s, &sec))) {
		if (sec != go_zero)
			fields_put_date(put->fields, sec);
	} else if (has_digit(s)) {
		tell(put, put->value, "not a date", s);
	}
}

/* "a, b" under keys that people write so, where it is no list already */
static enum sheaf_status put_split(const struct put *put, enum field which,
				   struct sheaf_str s, const struct value *v)
{
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && s.len > 0) {
		const char *comma = memchr(s.p, ',', s.len);
		size_t n = comma ? (size_t)(comma - s.p) : s.len;

		st = put_one(put, which, (struct sheaf_str){ s.p, n }, v);
		n += comma ? 1 : 0;
		s = (struct sheaf_str){ s.p + n, s.len - n };
	}
	return st;
}

/* all values of the key into the list @which */
static enum sheaf_status put_list(const struct put *put, enum field which)
{
	size_t count = put->values->key[put->key - put->values->keys].count;
	const struct value *v = put->value;
	enum sheaf_status st = SHEAF_OK;

	for (; st == SHEAF_OK && count > 0; count--) {
		struct sheaf_str s = values_text(put->values, v);

		if ((put->key->says & KEY_SPLIT) && !v->in_list)
			st = put_split(put, which, s, v);
		else
			st = put_one(put, which, s, v);
		v = &put->values->value[v->next];
	}
	return st;
}

/* what the first value of one key says, where nothing better said it before */
static enum sheaf_status put_key(const struct put *put)
{
	unsigned int says = put->key->says;
	const struct value *v = put->value;
	struct sheaf_str s = values_text(put->values, v);
	struct sheaf_str url = link_url(s);
	struct fields *f = put->fields;
	enum sheaf_status st = SHEAF_OK;

	if ((says & KEY_TITLE) && !fields_has(f, FIELD_TITLE))
		st = put_one(put, FIELD_TITLE, s, v);
	if ((says & KEY_DATE) && !fields_view(f)->has_date)
		put_date(put, s);
	if ((says & KEY_LANG) && !fields_has(f, FIELD_LANG))
		st = put_one(put, FIELD_LANG, s, v);
	if ((says & KEY_CATEGORIES) && !fields_has(f, FIELD_CATEGORY))
		st = put_list(put, FIELD_CATEGORY);
	if ((says & KEY_TAGS) && !fields_has(f, FIELD_TAG))
		st = put_list(put, FIELD_TAG);
	if ((says & KEY_OUTLET) && !fields_has(f, FIELD_OUTLET))
		st = url.len ? put_host(f, url) :
			       put_one(put, FIELD_OUTLET, s, v);
	if (st == SHEAF_OK && (says & (KEY_URL | KEY_TEXT)) && url.len > 0 &&
	    !fields_has(f, FIELD_URL) &&
	    (!(says & KEY_ORIGIN) || link_has_path(url)))
		st = put_one(put, FIELD_URL, url, v);
	return st;
}

enum sheaf_status values_put(const struct values *values, struct fields *fields,
			     struct format_warning *warning)
{
	struct put put = { .values = values,
			   .fields = fields,
			   .warning = warning };
	enum sheaf_status st = SHEAF_OK;

	for (int i = 0; st == SHEAF_OK && values->keys[i].name; i++) {
		if (values->key[i].count == 0)
			continue;
		put.key = &values->keys[i];
		put.value = &values->value[values->key[i].first];
		st = put_key(&put);
	}
	return st;
}

enum sheaf_status values_put_host(struct fields *fields)
{
	struct sheaf_str url = fields_view(fields)->url;

	if (url.len == 0 || fields_has(fields, FIELD_OUTLET))
		return SHEAF_OK;
	return put_host(fields, url);
}
