/*
 * container_check.h - what holds for any bytes in any container
 *
 * Each article is within the bounds, has a name, and, where the container gave
 * fields, has those that its format's reader finds in it.
 */
#ifndef SHEAF_TESTS_CONTAINER_CHECK_H
#define SHEAF_TESTS_CONTAINER_CHECK_H

#include "fields_check.h"
#include "formats/container.h"

struct container_seen {
	size_t articles, bytes;
};

static inline enum sheaf_status check_give(const struct container_item *item,
					   void *arg, struct sheaf_error *err)
{
	struct container_seen *seen = arg;
	struct sheaf_str format;
	struct sheaf_parsed *parsed;

	(void)err;
	seen->articles++;
	seen->bytes += item->len;
	need(item->name.len > 0);
	if (!item->fields)
		return SHEAF_OK;
	fields_check(item->fields);
	format = (struct sheaf_str){ item->format, strlen(item->format) };
	parsed = sheaf_parsed_new();
	need(parsed && sheaf_format_parse(format, item->bytes, item->len,
					  parsed, NULL) == SHEAF_OK);
	need(fields_size(item->fields) ==
	     fields_size(sheaf_parsed_fields(parsed)));
	need(!sheaf_parsed_warning(parsed));
	sheaf_parsed_free(parsed);
	return SHEAF_OK;
}

static inline void check_failed(struct sheaf_str name, const char *why,
				void *arg)
{
	(void)arg;
	need(name.len > 0 && *why);
}

/* @p as a file of @container; how many articles it has */
static inline struct container_seen
container_check(const struct container *container, const char *map,
		const void *p, size_t len)
{
	struct container_seen seen = { 0, 0 };
	struct container_options options = { .name = { "f", 1 },
					     .field_map = map,
					     .max_article = 1 << 20,
					     .max_total = UINT64_MAX };
	struct container_sink sink = { .give = check_give,
				       .failed = check_failed,
				       .skipped = check_failed,
				       .arg = &seen };
	enum sheaf_status st;
	struct stream *in;

	container->guess((struct sheaf_str){ "f", 1 }, p, len);
	need(stream_open_memory(&in, p, len, true, NULL) == SHEAF_OK);
	st = container->read(in, &options, &sink, NULL);
	need(st == SHEAF_OK || st == SHEAF_CORRUPT || st == SHEAF_LIMIT);
	stream_close(in);
	return seen;
}

#endif
