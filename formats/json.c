/*
 * json.c - one JSON object as values by key
 *
 * jansson builds a tree of all that it is given, so that what comes from
 * outside is looked over first: brackets, commas and colons outside of strings
 * are counted, and where there are too many nothing is built.  Depth jansson
 * bounds itself, at 2,048.
 */
#include "formats/json.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "article/utf8.h"

/* U+FDD0, no character for ever: a value that holds one is not read */
#define DIRT "\xef\xb7\x90"
#define DIRT_LEN 3

/* is there no more in it than may be built */
static bool is_bounded(const uint8_t *p, size_t len)
{
	size_t parts = 0;
	bool string = false;

	for (size_t i = 0; i < len && parts <= JSON_PARTS_MAX; i++) {
		uint8_t c = p[i];

		if (c == '"')
			string = !string;
		else if (string)
			i += c == '\\';
		else
			parts += c == ',' || c == ':' || c == '[' || c == '{';
	}
	return parts <= JSON_PARTS_MAX;
}

static enum sheaf_status load(json_t **out, const void *p, size_t len,
			      struct json_trouble *trouble)
{
	size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	enum json_error_code code;
	json_error_t e;

	*out = json_loadb(p, len, flags, &e);
	if (!*out && json_error_code(&e) == json_error_numeric_overflow)
		*out = json_loadb(p, len, flags | JSON_DECODE_INT_AS_REAL, &e);
	if (*out)
		return SHEAF_OK;
	code = json_error_code(&e);
	/* where jansson itself got no memory it says nothing */
	if (code == json_error_out_of_memory || e.text[0] == '\0')
		return SHEAF_NOMEM;
	trouble->line = e.line > 0 ? (size_t)e.line : 0;
	snprintf(trouble->text, sizeof(trouble->text), "%s%.140s",
		 code == json_error_invalid_utf8 ? "" : "not JSON: ",
		 code == json_error_invalid_utf8 ? "not UTF-8" : e.text);
	return SHEAF_OK;
}

enum sheaf_status json_read_any(struct json_t **out, const void *p, size_t len,
				struct json_trouble *trouble)
{
	struct buf cleaned = { 0 };
	enum sheaf_status st;

	*out = NULL;
	*trouble = (struct json_trouble){ 0 };
	if (!is_bounded(p, len)) {
		snprintf(trouble->text, sizeof(trouble->text),
			 "more than 65,536 values");
		return SHEAF_OK;
	}
	if (len == 0 || utf8_valid(p, len))
		return load(out, p, len, trouble);
	utf8_mend(&cleaned, p, len, DIRT);
	st = cleaned.bad ? SHEAF_NOMEM : SHEAF_OK;
	if (st == SHEAF_OK)
		st = load(out, cleaned.p, cleaned.len, trouble);
	if (st == SHEAF_OK && *out)
		snprintf(trouble->text, sizeof(trouble->text), "not UTF-8");
	buf_done(&cleaned);
	return st;
}

enum sheaf_status json_read(struct json_t **out, const void *p, size_t len,
			    struct json_trouble *trouble)
{
	static const char *const kinds[] = { "an object", "a list",
					     "a string",  "a number",
					     "a number",  "true",
					     "false",	  "null" };
	enum sheaf_status st = json_read_any(out, p, len, trouble);

	if (!*out || json_is_object(*out))
		return st;
	snprintf(trouble->text, sizeof(trouble->text), "no JSON object but %s",
		 kinds[json_typeof(*out)]);
	json_free(*out);
	*out = NULL;
	return SHEAF_OK;
}

void json_free(struct json_t *json)
{
	json_decref(json);
}

struct sheaf_str json_text(const struct json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return (struct sheaf_str){ json_string_value(v),
				   json_string_length(v) };
}

bool json_find(const struct json_t *object, const struct key *keys,
	       unsigned int says, struct sheaf_str *out)
{
	int best = VALUES_KEY_COUNT;
	const char *name;
	json_t *v;

	/* jansson's macro wants what it may change, and changes nothing */
	json_object_foreach((json_t *)(uintptr_t)object, name, v)
	{
		int key = key_find(keys, name, strlen(name));

		if (key < 0 || key >= best || !(keys[key].says & says) ||
		    !json_is_string(v))
			continue;
		best = key;
		*out = (struct sheaf_str){ json_string_value(v),
					   json_string_length(v) };
	}
	return best < VALUES_KEY_COUNT;
}

bool json_says(const struct json_t *object, const char *key, int64_t number)
{
	const json_t *v = json_object_get(object, key);

	return json_is_integer(v) && json_integer_value(v) == number;
}

/* a walk over one object's members */
struct walk {
	struct values *values;
	int key;
	bool fresh; /* none of its values was added yet */
	bool nomem;
};

static void add(struct walk *w, const void *p, size_t len, bool in_list)
{
	if (len == 0 || memmem(p, len, DIRT, DIRT_LEN))
		return;
	/* of equal keys the last wins, if it has a value */
	if (w->fresh)
		values_restart(w->values, w->key);
	w->fresh = false;
	if (!values_add(w->values, w->key, p, len, 0, in_list))
		w->nomem = true;
}

static void add_scalar(struct walk *w, const json_t *v, bool in_list)
{
	char text[64];
	int n = 0;

	if (json_is_string(v)) {
		add(w, json_string_value(v), json_string_length(v), in_list);
		return;
	}
	if (json_is_integer(v))
		n = snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT,
			     json_integer_value(v));
	else if (json_is_real(v))
		n = snprintf(text, sizeof(text), "%.15g", json_real_value(v));
	else if (json_is_boolean(v))
		n = snprintf(text, sizeof(text), "%s",
			     json_is_true(v) ? "true" : "false");
	add(w, text, (size_t)n, in_list);
}

/* a scalar, or an object of a dataset, which stands for its name */
static void add_one(struct walk *w, const json_t *v, bool in_list)
{
	if (json_is_object(v) && w->values->loose)
		v = json_object_get(v, "name");
	if (v && !json_is_object(v) && !json_is_array(v))
		add_scalar(w, v, in_list);
}

static void add_value(struct walk *w, const json_t *v)
{
	if (!json_is_array(v)) {
		add_one(w, v, false);
		return;
	}
	for (size_t i = 0; i < json_array_size(v); i++)
		add_one(w, json_array_get(v, i), true);
}

/* what "a.b.c" leads to, or NULL */
static const json_t *follow(const json_t *object, const char *path)
{
	while (object) {
		size_t n = strcspn(path, ".");

		object = json_object_getn(object, path, n);
		if (path[n] == '\0')
			return object;
		path += n + 1;
	}
	return NULL;
}

enum sheaf_status json_values(const struct json_t *object,
			      struct values *values)
{
	struct walk w = { .values = values };
	const char *name;
	size_t len;
	json_t *v;

	/* jansson's iteration takes no const, and changes nothing */
	json_object_keylen_foreach((json_t *)(uintptr_t)object, name, len, v)
	{
		w.key = key_find(values->keys, name, len);
		w.fresh = true;
		if (w.key >= 0)
			add_value(&w, v);
	}
	for (int i = 0; values->keys[i].name; i++) {
		if (!(values->keys[i].says & KEY_EXACT) ||
		    values->key[i].count > 0)
			continue;
		w.key = i;
		w.fresh = true;
		add_value(&w, follow(object, values->keys[i].name));
	}
	return w.nomem ? SHEAF_NOMEM : SHEAF_OK;
}
