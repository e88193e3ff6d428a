/*
 * entries.c - the records of a commit, as many as there may be
 *
 * Between the writer's calls and the record pages: they arrive in any order,
 * are looked up by number where a name comes again, and leave by name.
 */
#include "write/entries.h"

#include <stdlib.h>
#include <string.h>

#include "write/sorter.h"

struct entries {
	struct sorter *sorter;
	struct buf bytes; /* of the one that is added */
	struct buf codes; /* of the one that was looked up */
};

enum sheaf_status entries_new(struct entries **out, struct scratch *scratch,
			      size_t budget, struct sheaf_error *err)
{
	const struct sorter_options o = { .compare = entry_compare,
					  .scratch = scratch,
					  .budget = budget,
					  .numbered = true };
	struct entries *all = calloc(1, sizeof(*all));
	enum sheaf_status st;

	*out = NULL;
	if (all == NULL)
		return fail_nomem(err);
	st = sorter_new(&all->sorter, &o, err);
	if (st == SHEAF_OK)
		*out = all;
	else
		entries_free(all);
	return st;
}

void entries_free(struct entries *all)
{
	if (all == NULL)
		return;
	sorter_free(all->sorter);
	buf_done(&all->bytes);
	buf_done(&all->codes);
	free(all);
}

enum sheaf_status entries_add(struct entries *all, struct entry *e,
			      struct sheaf_error *err)
{
	e->arrival = sorter_count(all->sorter);
	buf_clear(&all->bytes);
	entry_put(&all->bytes, e);
	if (all->bytes.bad)
		return fail_nomem(err);
	return sorter_add(all->sorter, all->bytes.p, all->bytes.len, err);
}

uint32_t entries_count(const struct entries *all)
{
	return sorter_count(all->sorter);
}

enum sheaf_status entries_named(struct entries *all, uint32_t number,
				struct sheaf_str name, struct entry *out,
				bool *found, struct sheaf_error *err)
{
	const uint8_t *p;
	struct sheaf_str have;
	uint32_t *codes;
	size_t len;
	enum sheaf_status st = sorter_read(all->sorter, number, &p, &len, err);

	*found = false;
	if (st != SHEAF_OK)
		return st;
	have = entry_name(p);
	if (have.len != name.len || memcmp(have.p, name.p, name.len) != 0)
		return SHEAF_OK;
	buf_clear(&all->codes);
	codes = (uint32_t *)(void *)buf_room(&all->codes, len * sizeof(*codes));
	if (codes == NULL)
		return fail_nomem(err);
	*found = true;
	return entry_get(p, len, codes, out, err);
}

enum sheaf_status entries_start(struct entries *all, struct sheaf_error *err)
{
	return sorter_start(all->sorter, err);
}

enum sheaf_status entries_next(struct entries *all, const uint8_t **p,
			       size_t *len, struct sheaf_error *err)
{
	return sorter_next(all->sorter, p, len, err);
}
