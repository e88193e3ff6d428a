/*
 * warc_sink.h - what a container's reader gives, kept for a look
 */
#ifndef SHEAF_TESTS_WARC_SINK_H
#define SHEAF_TESTS_WARC_SINK_H

#include <stdlib.h>
#include <string.h>

#include "formats/container.h"

enum { KEPT_MAX = 64 };

struct kept {
	char *name, *bytes, *format, *lang, *outlet;
	size_t len;
	struct sheaf_time mtime;
	bool has_mtime, is_again;
	uint8_t id[SHEAF_ID_SIZE];
};

static struct kept kept[KEPT_MAX];
static size_t kept_count, failed_count;
static char last_failed[300], all_skipped[2000];

static char *copy(const void *p, size_t len)
{
	char *s = malloc(len + 1);

	if (!s)
		abort();
	if (len)
		memcpy(s, p, len);
	s[len] = '\0';
	return s;
}

static void kept_clear(void)
{
	for (size_t i = 0; i < kept_count; i++) {
		free(kept[i].name);
		free(kept[i].bytes);
		free(kept[i].format);
		free(kept[i].lang);
		free(kept[i].outlet);
	}
	kept_count = failed_count = 0;
	last_failed[0] = all_skipped[0] = '\0';
}

static struct kept *kept_add(const struct container_item *item)
{
	struct kept *k = &kept[kept_count];

	if (kept_count == KEPT_MAX)
		abort();
	kept_count++;
	*k = (struct kept){ .name = copy(item->name.p, item->name.len),
			    .bytes = copy(item->bytes, item->len),
			    .len = item->len,
			    .mtime = item->mtime,
			    .has_mtime = item->has_mtime };
	if (item->format)
		k->format = copy(item->format, strlen(item->format));
	if (item->fields) {
		k->lang = copy(item->fields->lang.p, item->fields->lang.len);
		k->outlet =
			copy(item->fields->outlet.p, item->fields->outlet.len);
	}
	return k;
}

static enum sheaf_status sink_give(const struct container_item *item, void *arg,
				   struct sheaf_error *err)
{
	struct kept *k = kept_add(item);

	(void)arg;
	(void)err;
	sheaf_id_of(item->bytes, item->len, k->id);
	return SHEAF_OK;
}

static void sink_failed(struct sheaf_str name, const char *why, void *arg)
{
	(void)arg;
	failed_count++;
	snprintf(last_failed, sizeof(last_failed), "%.*s: %s", (int)name.len,
		 name.p, why);
}

static void sink_skipped(struct sheaf_str name, const char *why, void *arg)
{
	size_t n = strlen(all_skipped);

	(void)arg;
	(void)name;
	snprintf(all_skipped + n, sizeof(all_skipped) - n, "%s\n", why);
}

static enum sheaf_status sink_known(struct sheaf_str name,
				    uint8_t id[SHEAF_ID_SIZE], void *arg,
				    struct sheaf_error *err)
{
	(void)arg;
	(void)err;
	for (size_t i = kept_count; i > 0; i--) {
		if (strlen(kept[i - 1].name) != name.len ||
		    memcmp(kept[i - 1].name, name.p, name.len) != 0)
			continue;
		memcpy(id, kept[i - 1].id, SHEAF_ID_SIZE);
		return SHEAF_OK;
	}
	return SHEAF_NOT_FOUND;
}

static enum sheaf_status sink_again(const struct container_item *item,
				    const uint8_t id[SHEAF_ID_SIZE], void *arg,
				    struct sheaf_error *err)
{
	struct kept *k = kept_add(item);

	(void)arg;
	(void)err;
	k->is_again = true;
	memcpy(k->id, id, SHEAF_ID_SIZE);
	return SHEAF_OK;
}

/* reads @p, compressed or not, into kept[] */
static enum sheaf_status kept_read(const struct container *container,
				   const void *p, size_t len,
				   uint64_t max_article,
				   struct sheaf_error *err)
{
	const struct container_options options = {
		.name = { "a.warc", 6 },
		.max_article = max_article,
		.max_total = UINT64_MAX,
	};
	const struct container_sink sink = { .give = sink_give,
					     .failed = sink_failed,
					     .skipped = sink_skipped,
					     .known = sink_known,
					     .again = sink_again };
	struct stream *in;
	enum sheaf_status st;

	kept_clear();
	st = stream_open_memory(&in, p, len, false, err);
	if (st != SHEAF_OK)
		return st;
	st = container->read(in, &options, &sink, err);
	stream_close(in);
	return st;
}

#endif
