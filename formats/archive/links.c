/*
 * links.c - the names of a cpio archive's hard links
 *
 * The newer cpio formats store a file that has several names once, with the
 * last of them; the names before come with no bytes.  They wait here.
 */
#include "formats/archive/archive.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

bool arc_links_add(struct arc_links *l, const struct container_item *item,
		   int64_t dev, int64_t ino)
{
	struct arc_waiting *w;

	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;

		w = cap < SIZE_MAX / sizeof(*w) ?
			    realloc(l->list, cap * sizeof(*w)) :
			    NULL;
		if (!w)
			return false;
		l->list = w;
		l->cap = cap;
	}
	w = &l->list[l->count];
	*w = (struct arc_waiting){ .name = malloc(item->name.len + 1),
				   .name_len = item->name.len,
				   .mtime = item->mtime,
				   .has_mtime = item->has_mtime,
				   .dev = dev,
				   .ino = ino };
	if (!w->name)
		return false;
	memcpy(w->name, item->name.p, item->name.len);
	l->count++;
	return true;
}

static struct container_item item_of(const struct arc_waiting *w)
{
	return (struct container_item){
		.name = { w->name, w->name_len },
		.has_mtime = w->has_mtime,
		.mtime = w->mtime,
		.bytes = "",
	};
}

enum sheaf_status arc_links_give(struct arc_links *l, int64_t dev, int64_t ino,
				 struct sheaf_str name,
				 const struct container_sink *sink,
				 struct sheaf_error *err)
{
	uint8_t id[SHEAF_ID_SIZE];
	enum sheaf_status st = SHEAF_OK;
	bool known = false;

	for (size_t i = 0; st == SHEAF_OK && i < l->count; i++) {
		struct arc_waiting *w = &l->list[i];
		struct container_item item = item_of(w);

		if (w->done || w->dev != dev || w->ino != ino)
			continue;
		if (!known)
			st = sink->known(name, id, sink->arg, err);
		known = true;
		if (st == SHEAF_OK)
			st = sink->again(&item, id, sink->arg, err);
		w->done = true;
	}
	return st;
}

enum sheaf_status arc_links_rest(struct arc_links *l,
				 const struct container_sink *sink,
				 struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < l->count; i++) {
		struct container_item item = item_of(&l->list[i]);

		if (!l->list[i].done)
			st = sink->give(&item, sink->arg, err);
	}
	return st;
}

void arc_links_done(struct arc_links *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->list[i].name);
	free(l->list);
	*l = (struct arc_links){ 0 };
}
