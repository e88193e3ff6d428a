/*
 * again.c - records of articles whose bytes are not at hand
 *
 * Beside flow 1's sheaf_writer_add(): a hard link of an archive or a revisit of
 * a crawl refers to an article that came before, in this commit or an earlier
 * one.
 */
#include <string.h>

#include <sheaf/corpus.h>

#include "pack/known.h"
#include "pack/pack.h"

enum sheaf_status sheaf_writer_find(struct sheaf_writer *w,
				    struct sheaf_str name,
				    uint8_t id[SHEAF_ID_SIZE],
				    struct sheaf_error *err)
{
	struct standing s;
	enum sheaf_status st;

	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	st = pack_standing(w, name, &s, err);
	if (st == SHEAF_OK && !s.found)
		st = SHEAF_NOT_FOUND;
	else if (st == SHEAF_OK && s.is_fresh)
		memcpy(id, s.id, SHEAF_ID_SIZE);
	else if (st == SHEAF_OK)
		st = known_id(w->old, s.origin.place, id, err);
	if (st == SHEAF_NOT_FOUND)
		return fail(err, SHEAF_NOT_FOUND, "nothing has this name");
	w->broken = st != SHEAF_OK;
	return st;
}

enum sheaf_status sheaf_writer_read(struct sheaf_writer *w,
				    const uint8_t id[SHEAF_ID_SIZE],
				    struct sheaf_bytes *out,
				    struct sheaf_error *err)
{
	struct buf bytes = { .p = out->p, .cap = out->cap };
	struct packed packed;
	enum sheaf_status st;
	size_t len;

	out->len = 0;
	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	st = pack_known(w, id, &packed, &len, &bytes, err);
	*out = (struct sheaf_bytes){ bytes.p, 0, bytes.cap };
	if (st == SHEAF_OK)
		out->len = bytes.len;
	w->broken = st != SHEAF_OK && st != SHEAF_NOT_FOUND;
	return st;
}

enum sheaf_status sheaf_writer_add_again(struct sheaf_writer *w,
					 const struct sheaf_article *article,
					 const uint8_t id[SHEAF_ID_SIZE],
					 enum sheaf_added *added,
					 struct sheaf_error *err)
{
	struct sheaf_article a = *article;
	enum sheaf_added unused;
	struct standing name;
	struct packed packed;
	enum sheaf_status st;

	a.bytes = NULL;
	a.len = 0;
	if (w->broken)
		return fail(err, SHEAF_MISUSE, "the writer is finished");
	st = pack_check(&a, err);
	if (st != SHEAF_OK)
		return st;
	st = pack_known(w, id, &packed, &a.len, NULL, err);
	if (st == SHEAF_NOT_FOUND)
		return st;
	if (st == SHEAF_OK)
		st = pack_standing(w, a.name, &name, err);
	if (st == SHEAF_OK)
		st = pack_record(w, &a, &name, &packed,
				 added != NULL ? added : &unused, err);
	if (st == SHEAF_OK)
		w->result.bytes_in += a.len;
	w->broken = st != SHEAF_OK;
	return st;
}
