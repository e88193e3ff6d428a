/*
 * check_removed.c - what removals take off each commit's live records
 *
 * Part of the third step of verify. An id may be removed, taken back and
 * removed again, each commit's table says how it stood; so the sums of every
 * id that was ever removed are kept apart from the others.
 */
#include "read/check_removed.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct removed_sum *)a)->id,
		      ((const struct removed_sum *)b)->id, SHEAF_ID_SIZE);
}

static struct removed_sum *sums(const struct check_removed *r, size_t *count)
{
	*count = r->ids.len / sizeof(struct removed_sum);
	return (struct removed_sum *)(void *)r->ids.p;
}

static struct removed_sum *sum_find(const struct check_removed *r,
				    const uint8_t id[SHEAF_ID_SIZE])
{
	struct removed_sum wanted, *all;
	size_t n;

	all = sums(r, &n);
	memcpy(wanted.id, id, sizeof(wanted.id));
	return n == 0 ? NULL : bsearch(&wanted, all, n, sizeof(wanted), by_id);
}

/* a table that is no table is reported, and out is empty */
static enum sheaf_status table_read(struct check_removed *r, struct check *c,
				    const struct footer *f, struct removed *out)
{
	struct buf in = { 0 };
	struct sheaf_error why;
	enum sheaf_status st;

	*out = (struct removed){ 0 };
	if (f->removed == 0)
		return SHEAF_OK;
	st = view_frame(&c->view, f->removed, FRAME_REMOVED, REMOVED_FRAME_MAX,
			&in, &why);
	if (st == SHEAF_OK)
		st = removed_get(in.p, in.len, f->removed, out, &why);
	buf_done(&in);
	if (st == SHEAF_CORRUPT) {
		r->unknown = true;
		check_damage(c, f->removed, 0, 0,
			     "footer of commit %llu: its removed ids: %s",
			     (unsigned long long)f->commit, why.text);
		return SHEAF_OK;
	}
	if (st != SHEAF_OK && c->err != NULL)
		*c->err = why;
	return st;
}

static enum sheaf_status table_take(struct check_removed *r, struct check *c,
				    const struct footer *f)
{
	struct removed table;
	enum sheaf_status st = table_read(r, c, f, &table);
	bool later = false;

	for (size_t i = 0; i < table.count; i++) {
		struct removed_sum s = { .gone = false };

		memcpy(s.id, table.ids[i].id, sizeof(s.id));
		buf_bytes(&r->ids, &s, sizeof(s));
		later |= table.ids[i].commit > f->commit;
	}
	removed_done(&table);
	if (later)
		check_damage(c, f->removed, 0, 0,
			     "removed ids: one of a later commit");
	return st;
}

static void sort_once(struct check_removed *r)
{
	size_t n, kept = 0;
	struct removed_sum *all = sums(r, &n);

	if (n != 0)
		qsort(all, n, sizeof(*all), by_id);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || by_id(&all[i], &all[i - 1]) != 0)
			all[kept++] = all[i];
	r->ids.len = kept * sizeof(*all);
}

enum sheaf_status check_removed_load(struct check_removed *r, struct check *c)
{
	const uint64_t *commits = (const uint64_t *)(void *)c->commits.p;
	size_t n = c->commits.len / sizeof(*commits);
	struct footer *f = malloc(sizeof(*f));
	struct sheaf_error why;
	uint64_t last = 0;
	enum sheaf_status st = f == NULL ? fail_nomem(c->err) : SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		if (commits[i] == 0)
			continue;
		st = chain_read(&c->view, commits[i], i + 1, f, &why);
		if (st == SHEAF_OK && f->removed != 0 && f->removed != last) {
			last = f->removed;
			st = table_take(r, c, f);
		} else if (st == SHEAF_CORRUPT || st == SHEAF_UNSUPPORTED) {
			st = SHEAF_OK; /* the scan has reported it */
		} else if (st != SHEAF_OK && c->err != NULL) {
			*c->err = why;
		}
	}
	free(f);
	if (st == SHEAF_OK && r->ids.bad)
		st = fail_nomem(c->err);
	if (st == SHEAF_OK)
		sort_once(r);
	return st;
}

void check_removed_done(struct check_removed *r)
{
	buf_done(&r->ids);
}

enum sheaf_status check_removed_commit(struct check_removed *r, struct check *c,
				       const struct footer *f)
{
	struct removed_sum *all;
	struct removed table;
	enum sheaf_status st;
	size_t n;

	if (f->removed == r->table)
		return SHEAF_OK;
	r->table = f->removed;
	r->records = 0;
	r->sum = 0;
	st = table_read(r, c, f, &table);
	all = sums(r, &n);
	for (size_t i = 0; st == SHEAF_OK && i < n; i++) {
		all[i].gone = removed_has(&table, all[i].id, f->commit);
		if (!all[i].gone)
			continue;
		r->records += all[i].records;
		r->sum += all[i].sum;
	}
	removed_done(&table);
	return st;
}

void check_removed_record(struct check_removed *r,
			  const uint8_t id[SHEAF_ID_SIZE],
			  unsigned __int128 pair)
{
	struct removed_sum *s = sum_find(r, id);

	if (s == NULL)
		return;
	s->records++;
	s->sum += pair;
	if (s->gone) {
		r->records++;
		r->sum += pair;
	}
}
