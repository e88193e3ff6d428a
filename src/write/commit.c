/*
 * commit.c - one atomic append: from finished blocks to a durable footer
 *
 * The last screen of flow 1. Until the footer is whole on disk, nothing of the
 * segment is part of the corpus.
 */
#include "write/commit.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "read/tail.h"
#include "write/layers.h"
#include "write/removals.h"
#include "write/tables.h"

#define HISTORY_LEVEL 19
#define LEVEL_MAX 22

enum sheaf_status commit_options_check(int level, struct sheaf_str message,
				       struct sheaf_error *err)
{
	if (level < 0 || level > LEVEL_MAX)
		return fail(err, SHEAF_MISUSE, "level: 1 to 22");
	if (message.len > MESSAGE_MAX)
		return fail(err, SHEAF_MISUSE, "message: at most 4,096 bytes");
	return SHEAF_OK;
}

static void previous_take(const struct commit_input *in, struct footer *f)
{
	const struct footer *old;

	memset(f, 0, sizeof(*f));
	f->commit = in->history != NULL ? in->history->count + 1 : 1;
	if (in->old == NULL)
		return;
	old = &in->old->footer;
	memcpy(f, old, sizeof(*f));
	f->previous = old->offset;
	f->commit = old->commit + 1;
}

static enum sheaf_status jump_find(const struct commit_input *in,
				   struct footer *f, struct sheaf_error *err)
{
	struct footer *to;
	enum sheaf_status st;

	f->jump = 0;
	if (in->old == NULL || footer_jump(f->commit) == 0)
		return SHEAF_OK;
	to = malloc(sizeof(*to));
	if (to == NULL)
		return fail_nomem(err);
	st = chain_find(&in->old->view, &in->old->footer,
			footer_jump(f->commit), to, err);
	if (st == SHEAF_OK && to->commit == footer_jump(f->commit))
		f->jump = to->offset;
	free(to);
	return st;
}

static void counts_add(struct footer *f, const struct commit_input *in)
{
	uint64_t count = entries_count(in->entries);

	f->live += count;
	f->records += count;
	f->articles += in->new_articles;
	f->article_bytes += in->new_bytes;
	f->new_records = count;
	f->new_articles = in->new_articles;
	f->new_bytes = in->new_bytes;
	f->blocks += in->blocks;
	f->dictionary = in->dictionary;
	f->time = in->time;
	f->message_len = (uint32_t)in->message.len;
	if (in->message.len != 0)
		memcpy(f->message, in->message.p, in->message.len);
}

/* what is made of the records while they pass */
struct passing {
	struct layers *layers; /* NULL: they stay in the tail */
	const struct removed *removed;
	uint64_t gone; /* records of removed articles */
	unsigned __int128 fingerprint;
};

static enum sheaf_status layers_take(struct layers *l, const struct entry *e,
				     struct record_ref ref,
				     struct sheaf_error *err)
{
	const struct page_record *r = &e->record;
	enum sheaf_status st = SHEAF_OK;

	if (e->is_new)
		st = layers_add(l, INDEX_IDS, index_key_of_id(e->id),
				r->place.block, r->place.slot, err);
	if (st == SHEAF_OK)
		st = layers_add(l, INDEX_NAMES,
				index_key(e->name.p, e->name.len), ref.page,
				ref.slot, err);
	if (st == SHEAF_OK && r->has_url)
		st = layers_add(l, INDEX_URLS, r->url_key, ref.page, ref.slot,
				err);
	return st;
}

static enum sheaf_status record_pass(const struct entry *e,
				     struct record_ref ref, void *arg,
				     struct sheaf_error *err)
{
	struct passing *p = arg;
	uint64_t high, low;

	if (removed_has(p->removed, e->id, UINT64_MAX)) {
		p->gone++;
	} else {
		hash_pair(e->id, e->name.p, e->name.len, &high, &low);
		p->fingerprint += (unsigned __int128)high << 64 | low;
	}
	if (p->layers == NULL)
		return SHEAF_OK;
	return layers_take(p->layers, e, ref, err);
}

/* the sum mod 2^128 grows by each new live record [S-30] */
static void fingerprint_add(struct footer *f, unsigned __int128 more)
{
	unsigned __int128 sum = 0;

	for (int i = 0; i < 16; i++)
		sum = sum << 8 | f->fingerprint[i];
	sum += more;
	for (int i = 15; i >= 0; i--) {
		f->fingerprint[i] = (uint8_t)sum;
		sum >>= 8;
	}
}

/* the commits that are folded into this one */
static enum sheaf_status history_write(struct segment *s,
				       const struct history *h,
				       struct footer *f,
				       struct sheaf_error *err)
{
	struct buf frame = { 0 };
	enum sheaf_status st;

	f->history = s->at;
	f->incompatible |= FLAG_HISTORY;
	st = history_put(&frame, h, s->at, HISTORY_LEVEL, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &frame, err);
	buf_done(&frame);
	return st;
}

/* those in force once this is committed */
static const struct removed *removed_of(const struct commit_input *in)
{
	static const struct removed none;

	if (in->removed != NULL)
		return in->removed;
	return in->old != NULL ? &in->old->removed : &none;
}

static enum sheaf_status tables_write(struct segment *s,
				      const struct commit_input *in,
				      struct footer *f, struct sheaf_error *err)
{
	struct passing passing = { .removed = removed_of(in) };
	unsigned __int128 change = 0;
	struct tables_input tables = { .entries = in->entries,
				       .commit = f->commit,
				       .place = in->place,
				       .place_arg = in->place_arg,
				       .each = record_pass,
				       .each_arg = &passing };
	enum sheaf_status st = SHEAF_OK;

	tables.keys = in->history == NULL &&
		      layers_keep_tail(in->old, f->new_records);
	if (!tables.keys)
		st = layers_new(&passing.layers, in->old, in->scratch,
				in->budget, err);
	if (st == SHEAF_OK)
		st = tables_records(s, &tables, &f->page_offset, &f->page_bytes,
				    err);
	if (st == SHEAF_OK)
		st = names_write(in->names, s, &f->strings_offset,
				 &f->strings_count, err);
	if (st == SHEAF_OK && !tables.keys)
		st = layers_write(passing.layers, s, f, err);
	if (st == SHEAF_OK && in->history != NULL)
		st = history_write(s, in->history, f, err);
	if (st == SHEAF_OK)
		st = removals_write(s, in->old, passing.removed, f, &change,
				    err);
	f->live -= passing.gone;
	fingerprint_add(f, passing.fingerprint + change);
	layers_free(passing.layers);
	return st;
}

static enum sheaf_status footer_append(struct segment *s,
				       const struct commit_input *in,
				       struct footer *f,
				       struct sheaf_error *err)
{
	static const uint8_t none[SHA256_SIZE];
	struct buf frame = { 0 };
	enum sheaf_status st;

	f->offset = s->at;
	f->start = s->start;
	st = footer_put(&frame, f, in->old != NULL ? in->old->footer.id : none,
			err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &frame, err);
	if (st == SHEAF_OK)
		st = segment_flush(s, err);
	buf_done(&frame);
	return st;
}

enum sheaf_status commit_write(struct segment *s, const struct commit_input *in,
			       struct footer *out, struct sheaf_error *err)
{
	enum sheaf_status st;

	previous_take(in, out);
	counts_add(out, in);
	st = jump_find(in, out, err);
	if (st == SHEAF_OK)
		st = tables_write(s, in, out, err);
	if (st == SHEAF_OK)
		st = segment_close(s, out->root, err);
	if (st == SHEAF_OK)
		st = sink_sync(s->sink, err);
	if (st == SHEAF_OK)
		st = footer_append(s, in, out, err);
	if (st == SHEAF_OK)
		st = sink_sync(s->sink, err);
	if (st == SHEAF_OK && in->check != NULL)
		st = in->check(in->check_arg, err);
	if (st == SHEAF_OK) /* a new corpus gets its name last [S-35] */
		st = sink_publish(s->sink, err);
	return st;
}
