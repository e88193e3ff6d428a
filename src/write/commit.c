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
#include "write/late.h"
#include "write/layers.h"
#include "write/removals.h"
#include "write/tables.h"
#include "write/witness.h"

#define HISTORY_LEVEL 19
#define LEVEL_MAX 22

#define RECORD_GUESS 12 /* bytes of record pages, a record */
/* of 10 million records one page in 38 is made to measure them all */
#define MEASURE_RECORDS ((uint32_t)1 << 18)
/* beyond what they were when they were measured: a few bytes a page, or as much
 * as a part of the pages differs from all */
#define SPARE_LEAST 64
#define SPARE_SHARE 512
#define SPARE_SHARE_PART 128

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
	struct witness witness;
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
	enum sheaf_status st;

	if (removed_has(p->removed, e->id, UINT64_MAX)) {
		p->gone++;
	} else {
		hash_pair(e->id, e->name.p, e->name.len, &high, &low);
		p->fingerprint += (unsigned __int128)high << 64 | low;
	}
	st = witness_add(&p->witness, e, err);
	if (st != SHEAF_OK || p->layers == NULL)
		return st;
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

/* what is on its way behind the blocks */
struct work {
	struct segment *segment;
	const struct commit_input *in;
	struct footer *footer;
	struct tables_input tables;
	struct passing passing;
	struct late late;
};

/* the records, and the strings that they name by number */
static enum sheaf_status records_write(struct work *w, struct segment *s,
				       struct footer *f,
				       struct sheaf_error *err)
{
	enum sheaf_status st;

	st = tables_records(s, &w->tables, &f->page_offset, &f->page_bytes,
			    err);
	if (st == SHEAF_OK)
		st = names_write(w->in->names, s, &f->strings_offset,
				 &f->strings_count, err);
	return st;
}

/* bytes of what lies before the late blocks, and among them */
struct rooms {
	uint64_t records, witness;
};

static enum sheaf_status rooms_place(struct work *w, const struct rooms *r,
				     struct sheaf_error *err)
{
	return late_place(&w->late, w->late.from + r->records, r->witness, err);
}

static enum sheaf_status record_measure(const struct entry *e,
					struct record_ref ref, void *arg,
					struct sheaf_error *err)
{
	struct passing *p = arg;

	(void)ref;
	return witness_add(&p->witness, e, err);
}

/* what they take where the late blocks lie as @r says */
static enum sheaf_status rooms_measure(struct work *w, struct rooms *r,
				       struct sheaf_error *err)
{
	struct footer *unused = malloc(sizeof(*unused));
	struct segment s;
	enum sheaf_status st;

	if (unused == NULL)
		return fail_nomem(err);
	memcpy(unused, w->footer, sizeof(*unused));
	segment_measure(&s, w->late.from);
	w->tables.each = record_measure;
	w->tables.stride = entries_count(w->in->entries) / MEASURE_RECORDS;
	st = rooms_place(w, r, err);
	if (st == SHEAF_OK)
		st = records_write(w, &s, unused, err);
	r->records = s.at - w->late.from;
	if (st == SHEAF_OK)
		st = witness_write(&w->passing.witness, &s, err);
	r->witness = s.at - w->late.from - r->records;
	w->tables.stride = 0;
	free(unused);
	return st;
}

/* some more, for what is not quite as it was measured */
static void rooms_spare(const struct work *w, struct rooms *r)
{
	uint64_t spare = w->in->spare;

	if (spare == 0)
		spare = SPARE_LEAST +
			r->records / (entries_count(w->in->entries) <
						      MEASURE_RECORDS ?
					      SPARE_SHARE :
					      SPARE_SHARE_PART);
	r->records += spare;
	if (r->witness != 0)
		r->witness += spare < SPARE_LEAST ? spare : SPARE_LEAST;
}

/* as they were before the first try */
static enum sheaf_status passing_start(struct work *w, struct sheaf_error *err)
{
	const struct commit_input *in = w->in;
	struct passing *p = &w->passing;

	layers_free(p->layers);
	p->layers = NULL;
	buf_clear(&p->witness.entries);
	p->gone = 0;
	p->fingerprint = 0;
	w->tables.each = record_pass;
	return w->tables.keys ? SHEAF_OK :
				layers_new(&p->layers, in->old, in->scratch,
					   in->budget, err);
}

/* records, and late blocks where they were placed: or *fit is false */
static enum sheaf_status records_try(struct work *w, bool *fit,
				     struct sheaf_error *err)
{
	struct segment *s = w->segment;
	enum sheaf_status st = passing_start(w, err);

	if (st == SHEAF_OK)
		st = records_write(w, s, w->footer, err);
	*fit = late_fits(&w->late, s, false);
	if (st == SHEAF_OK && *fit) {
		st = late_write(&w->late, s, false, err);
		if (st == SHEAF_OK)
			st = witness_write(&w->passing.witness, s, err);
		*fit = late_fits(&w->late, s, true);
	}
	if (st == SHEAF_OK && *fit)
		st = late_write(&w->late, s, true, err);
	return st;
}

/*
 * Records say where their blocks lie, and the late ones lie behind the records,
 * whose pages are compressed: how long they are is seen by making them.  Made
 * again for other offsets they differ by a few bytes a page; what is left over
 * is filled up.
 */
static enum sheaf_status records_then_late(struct work *w,
					   struct sheaf_error *err)
{
	struct segment *s = w->segment;
	uint64_t count = entries_count(w->in->entries);
	struct rooms r = { .records = count * RECORD_GUESS };
	struct footer *before;
	bool fit;
	enum sheaf_status st = late_take(&w->late, s, err);

	if (st != SHEAF_OK || w->late.from == 0)
		return st == SHEAF_OK ? records_try(w, &fit, err) : st;
	before = malloc(sizeof(*before));
	if (before == NULL)
		return fail_nomem(err);
	memcpy(before, w->footer, sizeof(*before));
	if (w->late.from - s->start >= WITNESS_LEAST)
		w->passing.witness.from = w->late.from - WITNESS_BEFORE;
	st = rooms_measure(w, &r, err);
	fit = false;
	while (st == SHEAF_OK && !fit) {
		rooms_spare(w, &r);
		memcpy(w->footer, before, sizeof(*before));
		st = rooms_place(w, &r, err);
		if (st == SHEAF_OK)
			st = records_try(w, &fit, err);
		if (st == SHEAF_OK && !fit)
			st = segment_cut(s, w->late.from, err);
	}
	w->footer->dictionary = late_where(&w->late, before->dictionary);
	free(before);
	return st;
}

static enum sheaf_status tables_write(struct work *w, struct sheaf_error *err)
{
	const struct commit_input *in = w->in;
	struct segment *s = w->segment;
	struct footer *f = w->footer;
	unsigned __int128 change = 0;
	enum sheaf_status st = records_then_late(w, err);

	if (st == SHEAF_OK && !w->tables.keys)
		st = layers_write(w->passing.layers, s, f, err);
	if (st == SHEAF_OK && in->history != NULL)
		st = history_write(s, in->history, f, err);
	if (st == SHEAF_OK)
		st = removals_write(s, in->old, w->passing.removed, f, &change,
				    err);
	f->live -= w->passing.gone;
	fingerprint_add(f, w->passing.fingerprint + change);
	return st;
}

static enum sheaf_status segment_finish(struct segment *s,
					const struct commit_input *in,
					struct footer *f,
					struct sheaf_error *err)
{
	struct work w = {
		.segment = s,
		.in = in,
		.footer = f,
		.tables = { .entries = in->entries,
			    .commit = f->commit,
			    .keys = in->history == NULL &&
				    layers_keep_tail(in->old, f->new_records),
			    .place = in->place,
			    .place_arg = in->place_arg,
			    .late = &w.late,
			    .each_arg = &w.passing },
		.passing = { .removed = removed_of(in) },
	};
	enum sheaf_status st = tables_write(&w, err);

	layers_free(w.passing.layers);
	witness_done(&w.passing.witness);
	late_done(&w.late);
	return st == SHEAF_OK ? segment_close(s, f->root, err) : st;
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
		st = segment_finish(s, in, out, err);
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
