/*
 * container.c - the readers of containers, one line each
 *
 * The order counts: the first whose guess says yes reads the file.
 */
#include "formats/container.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct container *const containers[] = {
	/* by the first bytes, by lines, by the name */
	&container_warc,
	&container_archive,
	&container_jsonl,
	&container_csv,
	NULL, /* the end */
};

const char *container_large(const struct container_options *options,
			    char text[CONTAINER_LARGE_LEN])
{
	if (options->max_article == SHEAF_ARTICLE_MAX)
		return "larger than 64 MiB";
	snprintf(text, CONTAINER_LARGE_LEN, "larger than %" PRIu64 " bytes",
		 options->max_article);
	return text;
}

enum sheaf_status container_too_much(const struct container_options *options,
				     struct sheaf_error *err)
{
	return fail(err, SHEAF_LIMIT,
		    "holds more than %" PRIu64
		    " bytes of articles, which is --max-total",
		    options->max_total);
}

const struct container *container_guess(struct sheaf_str name, const void *head,
					size_t len)
{
	for (size_t i = 0; containers[i]; i++) {
		if (containers[i]->guess(name, head, len))
			return containers[i];
	}
	return NULL;
}

const struct container *container_find(struct sheaf_str name)
{
	for (size_t i = 0; containers[i]; i++) {
		if (name.len == strlen(containers[i]->name) &&
		    memcmp(name.p, containers[i]->name, name.len) == 0)
			return containers[i];
	}
	return NULL;
}
