/*
 * removals.c - the ids that a commit takes down or takes back
 *
 * In flow 1 between the index layers and the footer. Records are where they
 * were; only the table of removed ids says that they are gone, so what leaves
 * and what returns is found by going through the records of these articles.
 */
#include "write/removals.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "formats/sheaf/limits.h"
#include "read/gone.h"
#include "read/places.h"

/* an article whose records leave, or return */
struct change {
	struct sheaf_place place;
	const uint8_t *id; /* borrowed */
	bool returns;
};

struct changes {
	struct sheaf_corpus *old;
	struct buf all; /* struct change, by place */
	unsigned __int128 sum;
	uint64_t leave, come; /* records */
	enum sheaf_status status;
	struct sheaf_error *err;
};

static int by_place(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return place_compare(&x->place, &y->place);
}

static enum sheaf_status
id_change(struct changes *c, const uint8_t id[SHEAF_ID_SIZE], bool returns)
{
	struct buf places = { 0 };
	enum sheaf_status st = gone_places(c->old, id, &places, c->err);
	const struct sheaf_place *p = (const void *)places.p;

	for (size_t i = 0; i < places.len / sizeof(*p); i++) {
		struct change change = { p[i], id, returns };

		buf_bytes(&c->all, &change, sizeof(change));
	}
	if (st == SHEAF_OK && (places.bad || c->all.bad))
		st = fail_nomem(c->err);
	buf_done(&places);
	return st;
}

/* which articles of the corpus are in one list but not in the other */
static enum sheaf_status changes_find(struct changes *c,
				      const struct removed *before,
				      const struct removed *now)
{
	size_t i = 0, k = 0;
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && (i < before->count || k < now->count)) {
		int order = 0;

		if (i == before->count)
			order = 1;
		else if (k == now->count)
			order = -1;
		else
			order = memcmp(before->ids[i].id, now->ids[k].id,
				       SHEAF_ID_SIZE);
		if (order < 0)
			st = id_change(c, before->ids[i].id, true);
		else if (order > 0)
			st = id_change(c, now->ids[k].id, false);
		i += order <= 0;
		k += order >= 0;
	}
	if (st == SHEAF_OK && c->all.len != 0)
		qsort(c->all.p, c->all.len / sizeof(struct change),
		      sizeof(struct change), by_place);
	return st;
}

static enum sheaf_status record_take(struct changes *c, const struct page *page,
				     uint32_t slot)
{
	struct change wanted = { .place = page->table.records[slot].place };
	const struct change *change =
		bsearch(&wanted, c->all.p, c->all.len / sizeof(wanted),
			sizeof(wanted), by_place);
	unsigned __int128 pair;
	struct sheaf_str name;
	struct page *held;
	uint64_t high, low;
	enum sheaf_status st;

	if (change == NULL)
		return SHEAF_OK;
	st = pages_name(c->old->pages, page, slot, &name, &held, c->err);
	if (st != SHEAF_OK)
		return st;
	hash_pair(change->id, name.p, name.len, &high, &low);
	pair = (unsigned __int128)high << 64 | low;
	c->sum += change->returns ? pair : -pair;
	c->come += change->returns;
	c->leave += !change->returns;
	pages_release(held);
	return SHEAF_OK;
}

static int page_take(struct page *page, void *arg)
{
	struct changes *c = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		c->status = record_take(c, page, i);
		if (c->status != SHEAF_OK)
			return 1;
	}
	return 0;
}

static enum sheaf_status records_walk(struct changes *c)
{
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st;

	if (f == NULL)
		return fail_nomem(c->err);
	memcpy(f, &c->old->footer, sizeof(*f));
	for (;;) {
		st = pages_walk(c->old->pages, f, page_take, c, c->err);
		if (st == SHEAF_CANCELLED)
			st = c->status;
		if (st != SHEAF_OK || f->previous == 0)
			break;
		st = chain_previous(&c->old->view, f, f, c->err);
		if (st != SHEAF_OK)
			break;
	}
	free(f);
	return st;
}

/* of the records before this commit */
static enum sheaf_status live_change(struct sheaf_corpus *old,
				     const struct removed *removed,
				     struct footer *f, unsigned __int128 *sum,
				     struct sheaf_error *err)
{
	struct changes c = { .old = old, .err = err };
	enum sheaf_status st = changes_find(&c, &old->removed, removed);

	if (st == SHEAF_OK && c.all.len != 0)
		st = records_walk(&c);
	buf_done(&c.all);
	*sum = c.sum;
	f->live += c.come;
	f->live -= c.leave;
	return st;
}

static enum sheaf_status table_write(struct segment *s,
				     const struct removed *removed,
				     struct footer *f, struct sheaf_error *err)
{
	struct buf frame = { 0 };
	enum sheaf_status st;

	f->removed = 0;
	f->incompatible &= ~FLAG_REMOVED;
	if (removed->count == 0) /* the last one was taken back */
		return SHEAF_OK;
	if (removed->count > REMOVED_MAX)
		return fail(err, SHEAF_LIMIT,
			    "more than 16,777,216 removed ids");
	f->removed = s->at;
	f->incompatible |= FLAG_REMOVED;
	st = removed_put(&frame, removed, s->at, err);
	if (st == SHEAF_OK)
		st = segment_frame(s, &frame, err);
	buf_done(&frame);
	return st;
}

enum sheaf_status removals_write(struct segment *s, struct sheaf_corpus *old,
				 const struct removed *removed,
				 struct footer *f, unsigned __int128 *sum,
				 struct sheaf_error *err)
{
	static const struct removed none;
	enum sheaf_status st = SHEAF_OK;

	*sum = 0;
	if (removed_same(old != NULL ? &old->removed : &none, removed))
		return SHEAF_OK;
	if (old != NULL)
		st = live_change(old, removed, f, sum, err);
	return st == SHEAF_OK ? table_write(s, removed, f, err) : st;
}
