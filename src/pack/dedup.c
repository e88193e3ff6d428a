/*
 * dedup.c - one article in: find its bytes, or store them
 *
 * In flow 1 between the format's reader and the blocks. An id is computed
 * under seed 0; if other bytes have that id already, under the next seed, and
 * so on [S-16]. A removed article's bytes are still in the file, so that one is
 * told from others of its id.
 */
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "pack/known.h"
#include "pack/pack.h"

static uint64_t id_hash(const uint8_t id[SHEAF_ID_SIZE])
{
	uint64_t h;

	memcpy(&h, id + 8, sizeof(h));
	return h;
}

/* @number, of this commit, and the one that is looked for */
static enum sheaf_status fresh_likeness(struct sheaf_writer *w, uint32_t number,
					const struct wanted *wanted,
					enum likeness *like,
					struct sheaf_error *err)
{
	const uint8_t *id;

	if (!w->options.dry_run)
		return stage_likeness(w->stage, number, wanted, like, err);
	/* no bytes are kept to compare with */
	id = w->dry_ids.p + (size_t)number * SHEAF_ID_SIZE;
	*like = memcmp(id, wanted->id, SHEAF_ID_SIZE) == 0 ? LIKENESS_SAME :
							     LIKENESS_NONE;
	return SHEAF_OK;
}

/* among the articles of this commit */
static enum sheaf_status find_fresh(struct sheaf_writer *w,
				    const struct wanted *wanted,
				    struct origin *origin, bool *collides,
				    struct sheaf_error *err)
{
	struct table_at at = { 0 };
	uint32_t number;

	while (table_next(&w->by_id, id_hash(wanted->id), &at, &number)) {
		enum likeness like;
		enum sheaf_status st =
			fresh_likeness(w, number, wanted, &like, err);

		if (st != SHEAF_OK)
			return st;
		if (like == LIKENESS_SAME) {
			origin->is_fresh = true;
			origin->fresh = number;
			return SHEAF_OK;
		}
		*collides |= like == LIKENESS_COLLIDES;
	}
	return SHEAF_NOT_FOUND;
}

/* under this id: SHEAF_OK found; SHEAF_NOT_FOUND: free, unless *collides */
static enum sheaf_status find_article(struct sheaf_writer *w,
				      const struct wanted *wanted,
				      struct origin *origin, bool *collides,
				      struct sheaf_error *err)
{
	struct known_article known;
	enum sheaf_status st;

	*collides = false;
	st = find_fresh(w, wanted, origin, collides, err);
	if (st != SHEAF_NOT_FOUND || w->old == NULL)
		return st;
	st = known_article(w->old, wanted, &known, err);
	if (st != SHEAF_OK)
		return st;
	if (known.collides)
		*collides = true;
	if (!known.found)
		return SHEAF_NOT_FOUND;
	origin->is_fresh = false;
	origin->place = known.place;
	return SHEAF_OK;
}

/* under this id, stored or not: removed, so that it is refused or taken back
 * [S-25] */
static bool is_refused(struct sheaf_writer *w, const uint8_t id[SHEAF_ID_SIZE])
{
	if (!removed_has(&w->removed, id, UINT64_MAX))
		return false;
	if (!w->options.take_back)
		return true;
	pack_take_back(w, id);
	return false;
}

enum sheaf_status pack_find(struct sheaf_writer *w, const void *bytes,
			    size_t len, struct packed *out, bool *refused,
			    struct sheaf_error *err)
{
	struct packed gone; /* removed, and its bytes are not here */
	bool has_gone = false;

	*refused = false;
	memset(out, 0, sizeof(*out));
	for (; out->seed <= SEED_MAX; out->seed++) {
		const struct wanted wanted = { out->id, bytes, len };
		bool collides;
		enum sheaf_status st;

		hash_id(bytes, len, out->seed, out->id);
		st = find_article(w, &wanted, &out->origin, &collides, err);
		if (st == SHEAF_NOT_FOUND && collides)
			continue;
		/* of one that can't be read any more, the id is enough */
		if (st == SHEAF_CORRUPT && !w->options.take_back &&
		    removed_has(&w->removed, out->id, UINT64_MAX))
			st = SHEAF_NOT_FOUND;
		/* these bytes may be here under the next seed: of two articles
		 * of one id, the first was erased */
		if (st == SHEAF_NOT_FOUND &&
		    removed_has(&w->removed, out->id, UINT64_MAX)) {
			if (!has_gone)
				gone = *out;
			has_gone = true;
			continue;
		}
		if (st == SHEAF_NOT_FOUND && has_gone)
			*out = gone;
		if (st == SHEAF_OK || st == SHEAF_NOT_FOUND) {
			*refused = is_refused(w, out->id);
			out->is_new = st == SHEAF_NOT_FOUND;
			st = SHEAF_OK;
		}
		return st;
	}
	return fail(err, SHEAF_LIMIT, "more than 65,536 articles of one id");
}

enum sheaf_status pack_store(struct sheaf_writer *w, const void *bytes,
			     size_t len, const struct sheaf_place *base,
			     struct packed *out, struct sheaf_error *err)
{
	uint32_t number = (uint32_t)w->result.articles;
	enum sheaf_status st = SHEAF_OK;

	if (w->options.dry_run) {
		buf_bytes(&w->dry_ids, out->id, sizeof(out->id));
		st = w->dry_ids.bad ? fail_nomem(err) : SHEAF_OK;
	} else {
		st = pack_start(w, err);
		if (st == SHEAF_OK)
			st = stage_add(w->stage, bytes, len, out->seed, base,
				       &number, err);
	}
	if (st != SHEAF_OK)
		return st;
	if (!table_put(&w->by_id, id_hash(out->id), number))
		return fail_nomem(err);
	out->origin.is_fresh = true;
	out->origin.fresh = number;
	w->result.articles++;
	w->result.bytes_new += len;
	return SHEAF_OK;
}

/* among the articles of this commit: is @number the one with @id */
static enum sheaf_status fresh_identity(struct sheaf_writer *w, uint32_t number,
					const uint8_t id[SHEAF_ID_SIZE],
					struct identity *out,
					struct sheaf_error *err)
{
	if (!w->options.dry_run)
		return stage_identity(w->stage, number, id, out, err);
	/* no bytes are kept, and so none are found where they are wanted */
	out->same = out->bytes == NULL &&
		    memcmp(w->dry_ids.p + (size_t)number * SHEAF_ID_SIZE, id,
			   SHEAF_ID_SIZE) == 0;
	return SHEAF_OK;
}

enum sheaf_status pack_known(struct sheaf_writer *w,
			     const uint8_t id[SHEAF_ID_SIZE],
			     struct packed *out, size_t *size,
			     struct buf *bytes, struct sheaf_error *err)
{
	struct identity found = { .bytes = bytes };
	enum sheaf_status st = SHEAF_OK;
	struct table_at at = { 0 };
	uint32_t number;

	memset(out, 0, sizeof(*out));
	memcpy(out->id, id, sizeof(out->id));
	while (st == SHEAF_OK && !found.same &&
	       table_next(&w->by_id, id_hash(id), &at, &number)) {
		st = fresh_identity(w, number, id, &found, err);
		out->origin.is_fresh = found.same;
		out->origin.fresh = number;
	}
	if (st == SHEAF_OK && !found.same && w->old != NULL)
		st = known_identity(w->old, id, &found, &out->origin.place,
				    err);
	if (st != SHEAF_OK)
		return st;
	if (bytes != NULL && bytes->bad)
		return fail_nomem(err);
	out->seed = found.seed;
	*size = found.len;
	return found.same ? SHEAF_OK :
			    fail(err, SHEAF_NOT_FOUND, "no article has the id");
}
