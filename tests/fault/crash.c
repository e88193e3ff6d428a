/*
 * crash.c - what a disk may hold after the power failed
 *
 * A sector lives in the page cache until it is written out, so what arrives of
 * it is always its whole content at some moment: a cut through the pending
 * operations.  Different sectors, and the size, have different cuts.
 */
#include "fault/crash.h"

#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "fault/posts.h"

#define SUBSETS_BITS 8 /* sectors of which every subset is made out */
#define GROUPS_MAX 48  /* of neighbours, that many sectors are taken in */
#define NAMES_BITS 4   /* operations on names, the same */
#define PENDING_MAX 4096

/* a file that may have a name after the crash */
struct file {
	uint8_t *durable;
	size_t durable_len;
	const struct disk_op *pending[PENDING_MAX];
	size_t pending_count;
	size_t longest; /* bytes, of any size on the way */
	size_t *dirty;	/* the sectors that pending ones change */
	size_t dirty_count;
	size_t *cut;   /* of each sector: so many pending ones arrived */
	uint8_t *made; /* room for the state */
};

struct crash {
	const struct disk *disk;
	unsigned int steps;
	struct file *files;    /* disk->file_count */
	int named[DISK_NAMES]; /* durable */
	const struct disk_op *moves[PENDING_MAX];
	size_t move_count;
	size_t dirty_count; /* of all files that matter */
	bool matters[DISK_FILES];
};

static void *need(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static size_t sectors_of(size_t len)
{
	return (len + CRASH_SECTOR - 1) / CRASH_SECTOR;
}

static size_t size_after(size_t size, const struct disk_op *op)
{
	if (op->kind == DISK_SIZE)
		return (size_t)op->at;
	return op->at + op->len > size ? (size_t)(op->at + op->len) : size;
}

/* one operation on the bytes from @from to @end */
static void apply(uint8_t *p, const struct disk_op *op, size_t from, size_t end)
{
	size_t low = op->at > from ? (size_t)op->at : from, high = end;

	if (op->kind == DISK_WRITE && op->at + op->len < high)
		high = (size_t)(op->at + op->len);
	if (low >= high)
		return;
	if (op->kind == DISK_SIZE)
		memset(p + low, 0, high - low);
	else
		memcpy(p + low, op->bytes + (low - op->at), high - low);
}

/* all that is pending arrived */
static void file_sync(struct file *f)
{
	size_t size = f->durable_len, longest = size;
	uint8_t *p;

	for (size_t i = 0; i < f->pending_count; i++) {
		size = size_after(size, f->pending[i]);
		longest = size > longest ? size : longest;
	}
	p = need(calloc(1, longest + 1));
	if (f->durable_len != 0)
		memcpy(p, f->durable, f->durable_len);
	for (size_t i = 0; i < f->pending_count; i++)
		apply(p, f->pending[i], 0, longest);
	free(f->durable);
	f->durable = p;
	f->durable_len = size;
	f->pending_count = 0;
}

static void name_apply(int named[DISK_NAMES], const struct disk_op *op)
{
	if (op->from >= 0)
		named[op->from] = -1;
	if (op->to >= 0)
		named[op->to] = op->file;
}

static void op_take(struct crash *c, const struct disk_op *op)
{
	struct file *f = op->file >= 0 ? &c->files[op->file] : NULL;

	switch (op->kind) {
	case DISK_WRITE:
	case DISK_SIZE:
		if (f == NULL || f->pending_count == PENDING_MAX)
			abort();
		f->pending[f->pending_count++] = op;
		break;
	case DISK_SYNC:
		if (f == NULL)
			abort();
		file_sync(f);
		break;
	case DISK_NAME:
	case DISK_UNNAME:
	case DISK_MOVE:
		if (c->move_count == PENDING_MAX)
			abort();
		c->moves[c->move_count++] = op;
		break;
	case DISK_FOLDER_SYNC:
		for (size_t i = 0; i < c->move_count; i++)
			name_apply(c->named, c->moves[i]);
		c->move_count = 0;
		break;
	case DISK_DONE:
		c->steps++;
		break;
	}
}

/* which sectors the pending operations change */
static void dirty_find(struct file *f)
{
	size_t size = f->durable_len, n;

	f->longest = size;
	for (size_t i = 0; i < f->pending_count; i++) {
		size = size_after(size, f->pending[i]);
		f->longest = size > f->longest ? size : f->longest;
	}
	n = sectors_of(f->longest);
	f->dirty = need(calloc(n + 1, sizeof(*f->dirty)));
	f->cut = need(calloc(n + 1, sizeof(*f->cut)));
	f->made = need(calloc(1, f->longest + 1));
	for (size_t s = 0; s < n; s++) {
		bool touched = false;

		for (size_t i = 0; i < f->pending_count && !touched; i++) {
			const struct disk_op *op = f->pending[i];

			touched = op->at < (s + 1) * CRASH_SECTOR &&
				  (op->kind == DISK_SIZE ||
				   op->at + op->len > s * CRASH_SECTOR);
		}
		if (touched)
			f->dirty[f->dirty_count++] = s;
	}
}

struct crash *crash_new(const struct disk *d, size_t count)
{
	struct crash *c = need(calloc(1, sizeof(*c)));

	c->disk = d;
	c->files = need(calloc(DISK_FILES, sizeof(*c->files)));
	for (int i = 0; i < DISK_NAMES; i++)
		c->named[i] = -1;
	c->named[0] = d->before;
	if (d->before >= 0) {
		struct file *f = &c->files[d->before];

		f->durable = need(malloc(d->old_len + 1));
		memcpy(f->durable, d->old, d->old_len);
		f->durable_len = d->old_len;
	}
	for (size_t i = 0; i < count && i < d->count; i++)
		op_take(c, &d->ops[i]);
	for (int i = 0; i < DISK_NAMES; i++)
		if (c->named[i] >= 0)
			c->matters[c->named[i]] = true;
	for (size_t i = 0; i < c->move_count; i++)
		if (c->moves[i]->file >= 0)
			c->matters[c->moves[i]->file] = true;
	for (int i = 0; i < d->file_count; i++) {
		dirty_find(&c->files[i]);
		if (c->matters[i])
			c->dirty_count += c->files[i].dirty_count;
	}
	return c;
}

void crash_free(struct crash *c)
{
	if (c == NULL)
		return;
	for (int i = 0; i < DISK_FILES; i++) {
		free(c->files[i].durable);
		free(c->files[i].dirty);
		free(c->files[i].cut);
		free(c->files[i].made);
	}
	free(c->files);
	free(c);
}

size_t crash_dirty(const struct crash *c)
{
	return c->dirty_count;
}

unsigned int crash_steps(const struct crash *c)
{
	return c->steps;
}

static size_t names_bits(const struct crash *c)
{
	return c->move_count < NAMES_BITS ? c->move_count : NAMES_BITS;
}

static size_t groups(const struct crash *c)
{
	return c->dirty_count < GROUPS_MAX ? c->dirty_count : GROUPS_MAX;
}

/* sets of sectors that are made out */
static uint64_t sets(const struct crash *c)
{
	if (c->dirty_count <= SUBSETS_BITS)
		return (uint64_t)1 << c->dirty_count;
	return 2 + 3 * groups(c);
}

/* the size: as the last operation left it, as it is durable, behind the last
 * sector that arrived */
#define SIZES 3

uint64_t crash_count(const struct crash *c)
{
	return (sets(c) * SIZES) << names_bits(c);
}

/* is dirty sector @k of set @i there */
static bool in_set(const struct crash *c, uint64_t i, size_t k)
{
	size_t n = groups(c);

	if (n <= SUBSETS_BITS)
		return (i >> k & 1) != 0;
	k = k * n / c->dirty_count;
	if (i < 2)
		return i != 0;
	i -= 2;
	switch (i / n) {
	case 0:
		return k < i % n;
	case 1:
		return k == i % n;
	default:
		return k != i % n;
	}
}

static size_t size_last(const struct file *f)
{
	size_t size = f->durable_len;

	for (size_t i = 0; i < f->pending_count; i++)
		size = size_after(size, f->pending[i]);
	return size;
}

static size_t size_reached(const struct file *f)
{
	size_t end = f->durable_len, last = size_last(f);

	if (last < end)
		end = last;
	for (size_t k = 0; k < f->dirty_count; k++)
		if (f->cut[f->dirty[k]] != 0)
			end = (f->dirty[k] + 1) * CRASH_SECTOR;
	return end < last ? end : last;
}

static void content_make(struct file *f, size_t size, struct crash_content *out)
{
	size_t had = f->durable_len;

	if (had != 0)
		memcpy(f->made, f->durable, had);
	memset(f->made + had, 0, f->longest - had);
	for (size_t k = 0; k < f->dirty_count; k++) {
		size_t from = f->dirty[k] * CRASH_SECTOR;
		size_t end = from + CRASH_SECTOR;

		if (end > f->longest)
			end = f->longest;
		for (size_t i = 0; i < f->cut[f->dirty[k]]; i++)
			apply(f->made, f->pending[i], from, end);
	}
	out->there = true;
	out->p = f->made;
	out->len = size < f->longest ? size : f->longest;
}

/* chance of 1 in 16ths @of */
static bool chance(uint64_t *state, uint64_t of)
{
	return posts_below(state, 16) < of;
}

static size_t size_by_chance(const struct file *f, uint64_t *state)
{
	size_t size = f->durable_len, low = size, high = size;
	size_t stop = (size_t)posts_below(state, f->pending_count + 1);

	if (chance(state, 6))
		return size_last(f);
	for (size_t i = 0; i < stop; i++)
		size = size_after(size, f->pending[i]);
	if (chance(state, 8))
		return size;
	for (size_t i = 0; i < f->pending_count; i++) {
		size = size_after(size, f->pending[i]);
		low = size < low ? size : low;
		high = size > high ? size : high;
	}
	return low + (size_t)posts_below(state, high - low + 1);
}

static void made_out(struct crash *c, uint64_t i, struct crash_content *all,
		     uint64_t *mask)
{
	uint64_t set, how;
	size_t at = 0;

	*mask = i & (((uint64_t)1 << names_bits(c)) - 1);
	i >>= names_bits(c);
	how = i % SIZES;
	set = i / SIZES;
	for (int n = 0; n < c->disk->file_count; n++) {
		struct file *f = &c->files[n];
		size_t size;

		if (!c->matters[n])
			continue;
		for (size_t k = 0; k < f->dirty_count; k++)
			f->cut[f->dirty[k]] =
				in_set(c, set, at++) ? f->pending_count : 0;
		size = how == 0 ? size_last(f) :
		       how == 1 ? f->durable_len :
				  size_reached(f);
		content_make(f, size, &all[n]);
	}
}

static void by_chance(struct crash *c, uint64_t *state,
		      struct crash_content *all, uint64_t *mask)
{
	for (int n = 0; n < c->disk->file_count; n++) {
		struct file *f = &c->files[n];
		uint64_t dense = posts_below(state, 17);

		if (!c->matters[n])
			continue;
		for (size_t k = 0; k < f->dirty_count; k++)
			f->cut[f->dirty[k]] =
				chance(state, dense) ?
					f->pending_count :
					(size_t)posts_below(state,
							    f->pending_count);
		content_make(f, size_by_chance(f, state), &all[n]);
	}
	*mask = posts_random(state);
}

void crash_state(struct crash *c, uint64_t i, uint64_t seed,
		 struct crash_state *out)
{
	struct crash_content all[DISK_FILES] = { 0 };
	uint64_t state = hash_64(&i, sizeof(i), seed) | 1, mask;
	int named[DISK_NAMES];

	if (i < crash_count(c))
		made_out(c, i, all, &mask);
	else
		by_chance(c, &state, all, &mask);
	memcpy(named, c->named, sizeof(named));
	for (size_t k = 0; k < c->move_count; k++)
		if ((mask >> (k % 64) & 1) != 0)
			name_apply(named, c->moves[k]);
	memset(out, 0, sizeof(*out));
	for (int k = 0; k < DISK_NAMES; k++) {
		struct crash_content *one = &out->named[k];

		if (named[k] >= 0)
			*one = all[named[k]];
		out->hash = hash_64(&one->there, 1, out->hash);
		if (one->there)
			out->hash = hash_64(one->p, one->len, out->hash);
	}
}
