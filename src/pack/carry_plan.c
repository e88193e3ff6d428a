/*
 * carry_plan.c - which blocks of an old corpus can be copied into a new one
 *
 * For carry.c, before anything is decoded: headers are all that is read.
 */
#include "pack/carry_plan.h"

#include <stdlib.h>
#include <string.h>

static int by_offset(const void *a, const void *b)
{
	const struct planned *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

struct planned *plan_find(const struct plan *p, uint64_t offset)
{
	struct planned wanted = { .offset = offset };

	if (p->count == 0)
		return NULL;
	return bsearch(&wanted, p->blocks, p->count, sizeof(wanted), by_offset);
}

static enum sheaf_status block_add(struct sheaf_corpus *old, uint64_t offset,
				   uint32_t kept, struct buf *all,
				   struct sheaf_error *err)
{
	struct block_head h;
	uint64_t frame;
	enum sheaf_status st = blocks_head(&old->view, offset, &h, &frame, err);
	struct planned b = { .offset = offset, .kept = kept };

	if (st != SHEAF_OK)
		return st;
	b.parent = h.parent;
	b.packed = h.packed;
	b.plain = h.plain;
	b.count = h.count;
	b.is_dictionary = h.is_dictionary;
	block_done(&h);
	buf_bytes(all, &b, sizeof(b));
	return all->bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status own_add(struct sheaf_corpus *old,
				 const struct carried *carried, size_t count,
				 struct buf *all, struct sheaf_error *err)
{
	enum sheaf_status st = SHEAF_OK;

	for (size_t from = 0, to; st == SHEAF_OK && from < count; from = to) {
		uint64_t offset = carried[from].place.block;

		to = from + 1;
		while (to < count && carried[to].place.block == offset)
			to++;
		st = block_add(old, offset, (uint32_t)(to - from), all, err);
	}
	return st;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* parents that hold nothing that is carried: dictionaries, mostly */
static enum sheaf_status parents_add(struct sheaf_corpus *old,
				     const struct plan *own, struct buf *all,
				     struct sheaf_error *err)
{
	struct buf offsets = { 0 };
	uint64_t *p;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < own->count; i++) {
		uint64_t parent = own->blocks[i].parent;

		if (parent != BLOCK_NO_PARENT && plan_find(own, parent) == NULL)
			buf_bytes(&offsets, &parent, sizeof(parent));
	}
	p = (uint64_t *)(void *)offsets.p;
	if (offsets.bad)
		st = fail_nomem(err);
	else if (offsets.len != 0)
		qsort(p, offsets.len / sizeof(*p), sizeof(*p), by_number);
	for (size_t i = 0; st == SHEAF_OK && i < offsets.len / sizeof(*p); i++)
		if (i == 0 || p[i] != p[i - 1])
			st = block_add(old, p[i], 0, all, err);
	buf_done(&offsets);
	return st;
}

enum sheaf_status plan_make(struct plan *p, struct sheaf_corpus *old,
			    const struct carried *carried, size_t count,
			    struct sheaf_error *err)
{
	struct buf all = { 0 }, parents = { 0 };
	enum sheaf_status st = own_add(old, carried, count, &all, err);

	memset(p, 0, sizeof(*p));
	if (st == SHEAF_OK) {
		p->blocks = (struct planned *)(void *)all.p;
		p->count = all.len / sizeof(*p->blocks);
		st = parents_add(old, p, &parents, err);
		buf_bytes(&all, parents.p, parents.len);
		if (st == SHEAF_OK && all.bad)
			st = fail_nomem(err);
	}
	buf_done(&parents);
	if (st != SHEAF_OK) {
		memset(p, 0, sizeof(*p));
		buf_done(&all);
		return st;
	}
	p->blocks = (struct planned *)(void *)all.p;
	p->count = all.len / sizeof(*p->blocks);
	if (p->count != 0)
		qsort(p->blocks, p->count, sizeof(*p->blocks), by_offset);
	for (size_t i = 0; i < p->count; i++)
		p->dictionaries +=
			p->blocks[i].is_dictionary && p->blocks[i].count == 0;
	return SHEAF_OK;
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++)
		buf_done(&p->blocks[i].patches);
	free(p->blocks);
	memset(p, 0, sizeof(*p));
}

/* what may be copied [S-41]; parents stand before their children [S-14] */
static void copies_set(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct planned *b = &p->blocks[i];
		const struct planned *parent = NULL;

		if (b->is_dictionary && b->count == 0)
			continue;
		b->is_copied = b->kept == b->count && !b->is_barred;
		if (b->parent != BLOCK_NO_PARENT) {
			parent = plan_find(p, b->parent);
			b->is_copied &= parent != NULL && parent->is_copied;
		}
	}
}

void plan_decide(struct plan *p, unsigned int share)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->blocks[i].count == 0)
			p->blocks[i].is_copied = !p->blocks[i].is_barred;
	copies_set(p);
	for (size_t i = 0; i < p->count; i++) {
		struct planned *parent = NULL;

		if (p->blocks[i].is_copied &&
		    p->blocks[i].parent != BLOCK_NO_PARENT)
			parent = plan_find(p, p->blocks[i].parent);
		if (parent != NULL)
			parent->leaning += p->blocks[i].packed;
	}
	for (size_t i = 0; i < p->count; i++) {
		struct planned *b = &p->blocks[i];

		if (b->count == 0 && b->leaning / share < b->packed)
			b->is_copied = false;
	}
	copies_set(p);
}

#define WANTS ((size_t)64 << 10) /* at a time: 1 MB */

static struct bulk_want want_of(const struct carry_wants *w, size_t i)
{
	const struct sheaf_place *at =
		w->carried != NULL ? &w->carried[i].place : &w->places[i];

	return (struct bulk_want){ at->block, at->slot, (uint32_t)i };
}

/* from *next on, up to the end of a block */
static void wants_take(const struct carry_wants *w, size_t *next,
		       struct buf *out)
{
	uint64_t last = 0;

	for (; *next < w->count; ++*next) {
		struct bulk_want want = want_of(w, *next);

		if (w->chosen != NULL && !w->chosen(&w->carried[*next], w->arg))
			continue;
		if (out->len >= WANTS * sizeof(want) && want.block != last)
			break;
		last = want.block;
		buf_bytes(out, &want, sizeof(want));
	}
}

enum sheaf_status carry_wants_read(const struct carry_wants *w,
				   struct sheaf_corpus *old,
				   const struct bulk_how *how,
				   struct sheaf_error *err)
{
	struct buf wants = { 0 };
	struct bulk *bulk = NULL;
	enum sheaf_status st = bulk_new(&bulk, old, how, err);

	for (size_t next = 0; st == SHEAF_OK && next < w->count;) {
		buf_clear(&wants);
		wants_take(w, &next, &wants);
		st = wants.bad ? fail_nomem(err) :
				 bulk_read(bulk,
					   (struct bulk_want *)(void *)wants.p,
					   wants.len / sizeof(struct bulk_want),
					   err);
	}
	bulk_free(bulk);
	buf_done(&wants);
	return st;
}
