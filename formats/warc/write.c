/*
 * write.c - articles as a WARC: a gzip member a record
 *
 * An article that came from a WARC has companions (companion.c): the records
 * that it came from are written again, byte for byte.  Any other becomes a
 * record of type resource (make.c).
 */
#include "formats/warc/write.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "formats/writer.h"

enum {
	ROOM = 1 << 16,
	LEVEL = 6, /* zlib's; 9 takes twice the time for 1 % less */
};

struct warc_writer {
	struct writer_target target;
	struct warc_make *make;
	struct warc_cdxj *cdxj; /* NULL: nowhere to put it */
	z_stream z;
	bool has_z;
	uint64_t offset;
	struct buf record, name;
	struct sheaf_bytes companion;
	struct warc_digests done; /* names of companions that are written */
};

static void warc_free(void *state)
{
	struct warc_writer *w = state;

	if (!w)
		return;
	if (w->has_z)
		deflateEnd(&w->z);
	warc_make_free(w->make);
	warc_cdxj_free(w->cdxj);
	buf_done(&w->record);
	buf_done(&w->name);
	sheaf_bytes_done(&w->companion);
	warc_digests_done(&w->done);
	free(w);
}

/* --- members --- */

static enum sheaf_status deflate_some(struct warc_writer *w, const void *p,
				      size_t len, int flush,
				      struct sheaf_error *err)
{
	uint8_t room[ROOM];
	enum sheaf_status st = SHEAF_OK;

	w->z.next_in = (uint8_t *)(uintptr_t)p;
	w->z.avail_in = (uInt)len;
	do {
		size_t made;

		w->z.next_out = room;
		w->z.avail_out = sizeof(room);
		deflate(&w->z, flush);
		made = sizeof(room) - w->z.avail_out;
		w->offset += made;
		if (made != 0)
			st = w->target.write(room, made, w->target.arg, err);
	} while (st == SHEAF_OK && w->z.avail_out == 0);
	return st;
}

/* w->record as a member of its own */
static enum sheaf_status member_write(struct warc_writer *w, bool indexed,
				      struct sheaf_error *err)
{
	uint64_t start = w->offset;
	enum sheaf_status st;

	if (deflateReset(&w->z) != Z_OK)
		return fail_nomem(err);
	st = deflate_some(w, w->record.p, w->record.len, Z_NO_FLUSH, err);
	if (st == SHEAF_OK)
		st = deflate_some(w, "\r\n\r\n", 4, Z_FINISH, err);
	if (st == SHEAF_OK && indexed && w->cdxj)
		st = warc_cdxj_put(w->cdxj, &w->record, start,
				   w->offset - start, err);
	return st;
}

static enum sheaf_status writer_open(void **state,
				     const struct writer_target *target,
				     bool old, struct sheaf_error *err)
{
	struct warc_writer *w = calloc(1, sizeof(*w));
	enum sheaf_status st = SHEAF_OK;

	*state = NULL;
	if (!w)
		return fail_nomem(err);
	w->target = *target;
	w->done.max = SIZE_MAX;
	w->make = warc_make_new(target, old);
	w->has_z = deflateInit2(&w->z, LEVEL, Z_DEFLATED, MAX_WBITS + 16, 8,
				Z_DEFAULT_STRATEGY) == Z_OK;
	if (!w->make || !w->has_z)
		st = fail_nomem(err);
	if (st == SHEAF_OK && target->shown && target->shown[0])
		st = warc_cdxj_new(&w->cdxj, target->shown, err);
	if (st == SHEAF_OK)
		st = warc_make_info(w->make, &w->record, target, err);
	if (st == SHEAF_OK)
		st = member_write(w, false, err);
	if (st == SHEAF_OK)
		*state = w;
	else
		warc_free(w);
	return st;
}

static enum sheaf_status warc_open(void **state,
				   const struct writer_target *target,
				   struct sheaf_error *err)
{
	return writer_open(state, target, false, err);
}

static enum sheaf_status warc_open_old(void **state,
				       const struct writer_target *target,
				       struct sheaf_error *err)
{
	return writer_open(state, target, true, err);
}

/* --- companions --- */

/* the places of the companions of one article, newest first */
struct places {
	struct buf list; /* of struct sheaf_place */
};

static int place_take(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct places *found = arg;

	(void)kind;
	if (record->format.len == strlen(WARC_COMPANION_FORMAT) &&
	    memcmp(record->format.p, WARC_COMPANION_FORMAT,
		   record->format.len) == 0)
		buf_bytes(&found->list, &place, sizeof(place));
	return 0;
}

/*
 * An article comes once for each of its records: with all versions maybe again
 * under the same name, after another one.  All its companions are written at
 * the first time; names are kept of those that have several, which are few.
 */
static enum sheaf_status done_note(struct warc_writer *w,
				   const struct writer_item *item, bool *before,
				   struct sheaf_error *err)
{
	struct sheaf_str name = { (const char *)w->name.p, w->name.len };
	uint8_t id[SHEAF_ID_SIZE];

	*before = warc_digests_find(&w->done, name, id);
	if (*before || warc_digests_put(&w->done, name, item->id) == SHEAF_OK)
		return SHEAF_OK;
	return fail_nomem(err);
}

static enum sheaf_status companion_write(struct warc_writer *w,
					 struct sheaf_place place,
					 const struct writer_item *item,
					 struct sheaf_error *err)
{
	enum sheaf_status st =
		sheaf_read(w->target.corpus, place, &w->companion, NULL, err);

	if (st == SHEAF_OK)
		st = warc_companion_get(&w->record, w->companion.p,
					w->companion.len, item->id, item->bytes,
					item->len, err);
	if (st == SHEAF_OK)
		st = member_write(w, true, err);
	/* a damaged one is a matter of this article */
	if (st == SHEAF_CORRUPT && err)
		err->status = SHEAF_MISUSE;
	return st == SHEAF_CORRUPT ? SHEAF_MISUSE : st;
}

/* the records that the article came from; *count 0 if from none */
static enum sheaf_status companions_write(struct warc_writer *w,
					  const struct writer_item *item,
					  size_t *count,
					  struct sheaf_error *err)
{
	struct places found = { 0 };
	struct sheaf_place *place;
	bool before = false;
	enum sheaf_status st;

	*count = 0;
	warc_companion_name(&w->name, item->id, item->record->name);
	if (w->name.bad)
		return fail_nomem(err);
	st = sheaf_find_kind(
		w->target.corpus, SHEAF_KEY_NAME,
		(struct sheaf_str){ (const char *)w->name.p, w->name.len },
		place_take, &found, err);
	if (st == SHEAF_OK && found.list.bad)
		st = fail_nomem(err);
	*count = found.list.len / sizeof(*place);
	place = (struct sheaf_place *)(void *)found.list.p;
	if (st == SHEAF_OK && *count > 1 && w->target.all_versions)
		st = done_note(w, item, &before, err);
	for (size_t i = before ? 0 : *count; st == SHEAF_OK && i > 0; i--) {
		st = companion_write(w, place[i - 1], item, err);
		if (st == SHEAF_NOT_FOUND) { /* of a like id */
			--*count;
			st = SHEAF_OK;
		}
	}
	buf_done(&found.list);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

static enum sheaf_status warc_put(void *state, const struct writer_item *item,
				  struct sheaf_error *err)
{
	struct warc_writer *w = state;
	enum sheaf_status st = SHEAF_OK;
	size_t count = 0;

	if (w->target.corpus)
		st = companions_write(w, item, &count, err);
	if (st != SHEAF_OK || count != 0)
		return st;
	st = warc_make_resource(w->make, &w->record, item, err);
	return st == SHEAF_OK ? member_write(w, true, err) : st;
}

static enum sheaf_status warc_finish(void *state, struct sheaf_error *err)
{
	struct warc_writer *w = state;

	return w->cdxj ? warc_cdxj_finish(w->cdxj, err) : SHEAF_OK;
}

const struct writer_format writer_warc = {
	.name = "warc",
	.is_binary = true,
	.open = warc_open,
	.put = warc_put,
	.finish = warc_finish,
	.free = warc_free,
};

/* for readers that know nothing newer, libarchive 3.7 among them */
const struct writer_format writer_warc_1_0 = {
	.name = "warc-1.0",
	.is_binary = true,
	.open = warc_open_old,
	.put = warc_put,
	.finish = warc_finish,
	.free = warc_free,
};
