/*
 * front.c - takes the values that count out of YAML front matter
 *
 * read.c hands over the front matter and gets a list of scalars by key.  The
 * only file that includes yaml.h, and of it only the event parser: events come
 * one by one, so depth is bounded while reading, and an alias is an event like
 * any other, so nothing is ever expanded.  Values are kept only under keys of
 * the table; whatever else the document holds is passed over.
 *
 * A mistake in the YAML costs the value that it stands in: reading goes on with
 * the next line at column 0 that looks like a key.
 */
#include "formats/hugo/hugo.h"

#include <string.h>

#include <yaml.h>

#include "article/utf8.h"

/* one run of the parser, from some line to the end or to a mistake */
struct run {
	const uint8_t *p; /* all of the front matter */
	size_t len, at;	  /* the run begins at byte @at of it */
	yaml_parser_t yaml;
	yaml_event_t event; /* the latest; empty between runs */
	struct values *front;
	struct format_warning *warning;
	size_t line;	   /* in the file, of the run's first line */
	size_t key_index;  /* of the latest top-level key, characters */
	int key;	   /* its place in the table, or -1 */
	bool fresh;	   /* none of its values was kept yet */
	bool in_value;	   /* a mistake now is in this key's value */
	size_t value_line; /* the last line of its value, in this run */
	bool dirty;	   /* the text was cleaned */
	bool nomem;
};

/* the value that a mistake stands in, or right behind, is none */
static void mistake(struct run *r, const char *what, size_t line)
{
	format_warn(r->warning, "front matter, line %zu: %s", r->line + line,
		    what);
	if (r->key >= 0 && (r->in_value || line == r->value_line))
		values_restart(r->front, r->key);
}

/* the next event into r->event; false where there is none to be had */
static bool next(struct run *r)
{
	const char *what;

	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->yaml, &r->event))
		return true;
	memset(&r->event, 0, sizeof(r->event));
	if (r->yaml.error == YAML_MEMORY_ERROR) {
		r->nomem = true;
		return false;
	}
	what = r->yaml.problem ? r->yaml.problem : "not YAML";
	mistake(r, what, r->yaml.problem_mark.line);
	return false;
}

static bool is_start(const yaml_event_t *e)
{
	return e->type == YAML_SEQUENCE_START_EVENT ||
	       e->type == YAML_MAPPING_START_EVENT;
}

static bool is_end(const yaml_event_t *e)
{
	return e->type == YAML_SEQUENCE_END_EVENT ||
	       e->type == YAML_MAPPING_END_EVENT;
}

/* the node that begins with the latest event, up to its last event */
static bool skip_node(struct run *r)
{
	int depth = is_start(&r->event);

	while (depth > 0) {
		if (!next(r))
			return false;
		depth += is_start(&r->event) - is_end(&r->event);
		if (depth > HUGO_DEPTH_MAX) {
			mistake(r, "too many levels", r->event.start_mark.line);
			return false;
		}
	}
	return true;
}

static bool is_null(const yaml_event_t *e)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return e->data.scalar.length == 0;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
		if (strlen(nulls[i]) == e->data.scalar.length &&
		    memcmp(nulls[i], e->data.scalar.value,
			   e->data.scalar.length) == 0)
			return true;
	}
	return false;
}

/* the latest event is a scalar: keep it under the latest key */
static bool keep(struct run *r, bool in_list)
{
	const yaml_event_t *e = &r->event;

	r->value_line = e->end_mark.line;
	if (is_null(e))
		return true;
	if (r->dirty && memmem(e->data.scalar.value, e->data.scalar.length,
			       HUGO_DIRT, HUGO_DIRT_LEN))
		return true;
	if (r->front->count == VALUES_MAX) {
		format_warn(r->warning,
			    "front matter, line %zu: too many values",
			    r->line + e->start_mark.line);
		return true;
	}
	/* of equal keys the last wins, if it has a value */
	if (r->fresh)
		values_restart(r->front, r->key);
	r->fresh = false;
	r->nomem = !values_add(r->front, r->key, e->data.scalar.value,
			       e->data.scalar.length,
			       r->line + e->start_mark.line, in_list);
	return !r->nomem;
}

/* the latest event opened a list: keep its scalars */
static bool list(struct run *r)
{
	while (next(r)) {
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			return true;
		if (r->event.type == YAML_SCALAR_EVENT ? !keep(r, true) :
							 !skip_node(r))
			return false;
	}
	return false;
}

/* the latest event is a key that counts or not; its value follows */
static bool value(struct run *r)
{
	bool ok;

	if (!next(r))
		return false;
	r->fresh = true;
	if (r->key < 0)
		return skip_node(r);
	if (r->event.type == YAML_SCALAR_EVENT)
		return keep(r, false);
	if (r->event.type == YAML_ALIAS_EVENT)
		format_warn(r->warning,
			    "front matter, line %zu: alias not followed",
			    r->line + r->event.start_mark.line);
	if (r->event.type != YAML_SEQUENCE_START_EVENT)
		return skip_node(r);
	r->in_value = true;
	ok = list(r);
	r->in_value = false;
	return ok;
}

/* the key that begins with the latest event */
static bool key(struct run *r)
{
	const yaml_event_t *e = &r->event;

	r->key = -1;
	r->key_index = e->start_mark.index;
	if (e->type != YAML_SCALAR_EVENT)
		return skip_node(r);
	if (e->data.scalar.length == 2 &&
	    memcmp(e->data.scalar.value, "<<", 2) == 0)
		format_warn(r->warning,
			    "front matter, line %zu: merge not followed",
			    r->line + e->start_mark.line);
	r->key = key_find(hugo_keys, e->data.scalar.value,
			  e->data.scalar.length);
	return true;
}

/* the byte that character @index of the run begins at */
static size_t byte_at(const struct run *r, size_t index)
{
	size_t at = r->at;
	uint32_t cp;

	for (; index > 0 && at < r->len; index--)
		at += utf8_get(&r->p[at], r->len - at, &cp);
	return at;
}

/*
 * behind the mapping nothing may follow; false for a mistake.  Looked at by
 * hand: libyaml would hold each %TAG of a second document against all others.
 */
static bool at_end(struct run *r)
{
	if (!next(r)) /* the document's end, where the next token begins */
		return false;
	if (byte_at(r, r->event.end_mark.index) == r->len)
		return true;
	mistake(r, "text behind the mapping", r->event.end_mark.line);
	return false;
}

/* the document's one mapping; false at a mistake */
static bool document(struct run *r)
{
	if (!next(r) || !next(r)) /* the stream's start, the document's */
		return false;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return true;
	if (!next(r))
		return false;
	if (r->event.type == YAML_SCALAR_EVENT && is_null(&r->event))
		return true;
	if (r->event.type != YAML_MAPPING_START_EVENT) {
		format_warn(r->warning, "front matter, line %zu: not a mapping",
			    r->line + r->event.start_mark.line);
		return true;
	}
	for (;;) {
		if (!next(r))
			return false;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			break;
		if (!key(r) || !value(r))
			return false;
	}
	return at_end(r);
}

/* reads from r->at on, sets it to where to go on after a mistake, or the end */
static enum sheaf_status run_once(struct run *r)
{
	bool whole;

	if (!yaml_parser_initialize(&r->yaml))
		return SHEAF_NOMEM;
	yaml_parser_set_encoding(&r->yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->yaml, &r->p[r->at], r->len - r->at);
	whole = document(r);
	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->yaml);
	if (r->nomem)
		return SHEAF_NOMEM;
	r->at = whole ? r->len :
			hugo_key_line(r->p, r->len, byte_at(r, r->key_index),
				      ':');
	return SHEAF_OK;
}

enum sheaf_status hugo_front_read(struct values *front, const uint8_t *p,
				  size_t len, struct format_warning *warning)
{
	struct buf clean = { 0 };
	enum sheaf_status st = hugo_clean(&clean, p, len, warning);
	struct run r = { .p = p,
			 .len = len,
			 .front = front,
			 .warning = warning,
			 .line = 1 };
	size_t start = 0;

	if (clean.len > 0) {
		r.p = clean.p;
		r.len = clean.len;
		r.dirty = true;
	}
	for (int i = 0; st == SHEAF_OK && r.at < r.len && i < HUGO_RESUME_MAX;
	     i++) {
		for (; start < r.at; start++)
			r.line += r.p[start] == '\n';
		r.key = -1;
		r.key_index = 0;
		r.in_value = false;
		r.value_line = SIZE_MAX;
		st = run_once(&r);
	}
	buf_done(&clean);
	return st;
}
