/*
 * contained.h - what a container's reader gives, as lines of text
 *
 * A line for each call of the sink:
 *     NAME [FORMAT] BYTES {TITLE|URL}     an article; no {} without fields
 *     NAME failed: WHY
 */
#ifndef SHEAF_TESTS_CONTAINED_H
#define SHEAF_TESTS_CONTAINED_H

#include <stdlib.h>

#include "formats/container.h"
#include "harness.h"

struct contained {
	struct buf text;
	uint64_t given, failed, bytes;
	bool quiet; /* count only */
	uint64_t max_article;
	const char *map;
	struct sheaf_error error;
};

static inline void contained_str(struct contained *c, struct sheaf_str s)
{
	buf_bytes(&c->text, s.p, s.len);
}

static inline void contained_text(struct contained *c, const char *s)
{
	contained_str(c, (struct sheaf_str){ s, strlen(s) });
}

static inline enum sheaf_status
contained_give(const struct container_item *item, void *arg,
	       struct sheaf_error *err)
{
	struct contained *c = arg;

	(void)err;
	c->given++;
	c->bytes += item->len;
	if (c->quiet)
		return SHEAF_OK;
	contained_str(c, item->name);
	contained_text(c, " [");
	contained_text(c, item->format ? item->format : "");
	contained_text(c, "] ");
	contained_str(c, (struct sheaf_str){ item->bytes, item->len });
	if (item->fields) {
		contained_text(c, " {");
		contained_str(c, item->fields->title);
		contained_text(c, "|");
		contained_str(c, item->fields->url);
		contained_text(c, "}");
	}
	contained_text(c, "\n");
	return SHEAF_OK;
}

static inline void contained_failed(struct sheaf_str name, const char *why,
				    void *arg)
{
	struct contained *c = arg;

	c->failed++;
	contained_str(c, name);
	contained_text(c, " failed: ");
	contained_text(c, why);
	contained_text(c, "\n");
}

/* reads @len bytes as the file @name; c->text has what came of it */
static inline enum sheaf_status
contained_read(struct contained *c, const struct container *container,
	       const char *name, const void *p, size_t len)
{
	struct container_options options = {
		.name = { name, strlen(name) },
		.field_map = c->map,
		.max_article =
			c->max_article ? c->max_article : SHEAF_ARTICLE_MAX,
		.max_total = UINT64_MAX,
	};
	struct container_sink sink = { .give = contained_give,
				       .failed = contained_failed,
				       .skipped = contained_failed,
				       .arg = c };
	struct stream *in;
	enum sheaf_status st;

	buf_clear(&c->text);
	c->given = c->failed = c->bytes = 0;
	st = stream_open_memory(&in, p, len, true, &c->error);
	if (st == SHEAF_OK)
		st = container->read(in, &options, &sink, &c->error);
	stream_close(in);
	return st;
}

/* reads @text, and holds what came of it against @expected */
static inline bool contained_is(struct contained *c,
				const struct container *container,
				const char *text, const char *expected)
{
	enum sheaf_status st =
		contained_read(c, container, "f", text, strlen(text));
	bool same = st == SHEAF_OK && c->text.len == strlen(expected) &&
		    memcmp(c->text.p ? c->text.p : (const uint8_t *)"",
			   expected, c->text.len) == 0;

	if (!same)
		printf("  status %d, got:\n%.*s  expected:\n%s", (int)st,
		       (int)c->text.len, (const char *)c->text.p, expected);
	return same;
}

#endif
