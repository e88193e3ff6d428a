/*
 * check_tables.c - the third step of verify: records, indexes and counts
 * against each other
 *
 * Every record's article must be there with its length; every article must be
 * in the id index under its id, every record in the name index under its name;
 * and the sums must come out.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"
#include "read/check_removed.h"
#include "read/gone.h"
#include "read/row.h"

struct tables {
	struct check *c;
	struct sheaf_corpus *corpus;
	struct footer f;
	struct index_entry *sorted[INDEX_COUNT]; /* by offset, slot; owned */
	size_t count[INDEX_COUNT];
	struct row row;
	uint64_t pages_records; /* in the segment at hand */
	unsigned __int128 sum;	/* set fingerprint */
	bool sum_known;
	uint64_t gone_now; /* records that are gone as of the newest commit */
	struct check_removed removed;
	enum sheaf_status status;
};

static int by_value(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static int entry_take(const struct index_entry *e, void *arg)
{
	struct buf *all = arg;

	buf_bytes(all, e, sizeof(*e));
	return all->bad;
}

static enum sheaf_status index_load(struct tables *t, enum index_which which)
{
	struct sheaf_corpus *corpus = t->corpus;
	const struct footer *f = &corpus->footer;
	struct buf all = { 0 };
	struct sheaf_error why;
	enum sheaf_status st = SHEAF_OK;

	for (unsigned int i = 0; i < f->layer_count && st == SHEAF_OK; i++) {
		size_t before = all.len / sizeof(struct index_entry);

		st = indexes_walk(corpus->indexes, i, which, entry_take, &all,
				  &why);
		if (st == SHEAF_CORRUPT) {
			check_damage(t->c, why.offset, 0, 0, "%s", why.text);
			st = SHEAF_OK;
		} else if (st == SHEAF_OK &&
			   all.len / sizeof(struct index_entry) - before !=
				   f->layers[i].entries[which]) {
			check_damage(
				t->c, f->offset, f->size, 0,
				"footer: entries of an index layer miscounted");
		}
	}
	buf_bytes(&all, corpus->tail.entries[which],
		  corpus->tail.count[which] * sizeof(struct index_entry));
	if (all.bad)
		st = fail_nomem(t->c->err);
	if (st != SHEAF_OK) {
		buf_done(&all);
		return st;
	}
	t->sorted[which] = (struct index_entry *)(void *)all.p;
	t->count[which] = all.len / sizeof(struct index_entry);
	if (t->count[which] != 0)
		qsort(t->sorted[which], t->count[which],
		      sizeof(struct index_entry), by_value);
	return SHEAF_OK;
}

static bool index_has(const struct tables *t, enum index_which which,
		      uint64_t key, uint64_t offset, uint32_t slot)
{
	struct index_entry wanted = { 0, offset, slot };
	uint64_t mask = ~(uint64_t)0 << (KEY_BITS - INDEX_STORED_BITS(which));
	const struct index_entry *e = NULL;

	if (t->count[which] != 0)
		e = bsearch(&wanted, t->sorted[which], t->count[which],
			    sizeof(*e), by_value);
	return e != NULL && (e->key & mask) == (key & mask);
}

/* every article that was decoded has its entry; and there are no others */
static void articles_check(struct tables *t)
{
	const uint8_t *ids = t->c->ids.p;
	size_t n, all = 0;
	const struct seen_block *b = check_blocks(t->c, &n);

	for (size_t i = 0; i < n; i++) {
		all += b[i].count;
		/* no ids but in a deep check */
		if (!t->c->options->deep || b[i].bad)
			continue;
		for (uint32_t k = 0; k < b[i].count; k++) {
			const uint8_t *id =
				ids +
				(size_t)(b[i].first_length + k) * SHEAF_ID_SIZE;

			if (!index_has(t, INDEX_IDS, index_key_of_id(id),
				       b[i].offset, k))
				check_damage(
					t->c, b[i].offset,
					b[i].end - b[i].offset, 1,
					"block: article %lu is not in the index under its id",
					(unsigned long)k);
		}
	}
	if (t->c->result->damages != 0)
		return;
	if (all != t->count[INDEX_IDS] || all != t->corpus->footer.articles)
		check_damage(
			t->c, t->corpus->footer.offset, 0, 0,
			"%llu articles, but %llu in the index, %llu in the footer",
			(unsigned long long)all,
			(unsigned long long)t->count[INDEX_IDS],
			(unsigned long long)t->corpus->footer.articles);
	if (n != t->corpus->footer.blocks)
		check_damage(t->c, t->corpus->footer.offset, 0, 0,
			     "%llu blocks, but %llu in the footer",
			     (unsigned long long)n,
			     (unsigned long long)t->corpus->footer.blocks);
}

static void fingerprint_add(struct tables *t, const struct seen_block *b,
			    uint32_t slot, struct sheaf_str name)
{
	const uint8_t *id =
		t->c->ids.p + (size_t)(b->first_length + slot) * SHEAF_ID_SIZE;
	unsigned __int128 pair;
	uint64_t high, low;

	hash_pair(id, name.p, name.len, &high, &low);
	pair = (unsigned __int128)high << 64 | low;
	t->sum += pair;
	check_removed_record(&t->removed, id, pair);
}

static uint64_t id_key(const struct tables *t, const struct seen_block *b,
		       uint32_t slot)
{
	return index_key_of_id(t->c->ids.p + (size_t)(b->first_length + slot) *
						     SHEAF_ID_SIZE);
}

static uint32_t seed_of(const struct tables *t, const struct seen_block *b,
			uint32_t slot)
{
	const uint32_t *seeds = (const uint32_t *)(void *)t->c->seeds.p;

	return seeds[b->first_length + slot];
}

static void record_check(struct tables *t, const struct page *page,
			 uint32_t slot)
{
	const struct page_record *r = &page->table.records[slot];
	const uint32_t *lengths = (const uint32_t *)(void *)t->c->lengths.p;
	const struct seen_block *b = check_block(t->c, r->place.block);
	struct sheaf_str name = t->row.record.name;
	const char *wrong = NULL;

	if (b == NULL || b->bad)
		wrong = "its block is not there";
	else if (r->place.slot >= b->count)
		wrong = "its block has fewer articles";
	else if (lengths[b->first_length + r->place.slot] != r->size)
		wrong = "its article has another size"; /* [S-19] */
	else if (!index_has(t, INDEX_NAMES, index_key(name.p, name.len),
			    page->table.offset, slot))
		wrong = "is not in the index under its name";
	else if (t->c->options->deep &&
		 t->row.record.id_prefix != id_key(t, b, r->place.slot))
		wrong = "its article has another id";
	else if (seed_of(t, b, r->place.slot) != r->seed)
		wrong = "its article has another seed";
	else if (t->c->options->deep && t->sum_known)
		fingerprint_add(t, b, r->place.slot, name);
	if (wrong == NULL)
		return;
	check_damage(t->c, page->table.offset, page->size, 0, "record %lu: %s",
		     (unsigned long)slot, wrong);
	t->sum_known = false;
}

/* of an article that was removed, which may be out of reach for good */
static bool is_unreachable(const struct tables *t, const struct page *page,
			   uint32_t slot)
{
	const struct seen_block *b =
		check_block(t->c, page->table.records[slot].place.block);

	return b == NULL || b->bad;
}

static int page_check(struct page *page, void *arg)
{
	struct tables *t = arg;
	struct sheaf_error why;

	for (uint32_t i = 0; i < page->table.count; i++) {
		bool gone = false;

		t->status = row_fill(&t->row, t->corpus, page, i, &why);
		if (t->status == SHEAF_OK)
			t->status = gone_has(t->corpus,
					     page->table.records[i].place,
					     &gone, &why);
		if (t->status == SHEAF_CORRUPT)
			check_damage(t->c, page->table.offset, page->size, 0,
				     "record %lu: %s", (unsigned long)i,
				     why.text);
		else if (t->status != SHEAF_OK)
			return 1;
		else if (gone && is_unreachable(t, page, i))
			t->sum_known = false;
		else
			record_check(t, page, i);
		t->gone_now += gone;
		t->pages_records++;
		t->c->result->records++;
	}
	t->status = SHEAF_OK;
	return 0;
}

static void live_check(struct tables *t, uint64_t live)
{
	if (live != t->f.live)
		check_damage(
			t->c, t->f.offset, t->f.size, 0,
			"footer of commit %llu: its live records are miscounted",
			(unsigned long long)t->f.commit);
}

static void sum_check(struct tables *t)
{
	unsigned __int128 told = 0;

	if (t->c->result->damages != 0)
		return;
	/* without ids, what is gone can be told of the newest commit only */
	if (!t->c->options->deep) {
		if (t->f.commit == t->corpus->footer.commit)
			live_check(t, t->f.records - t->gone_now);
		return;
	}
	if (!t->sum_known || t->removed.unknown)
		return;
	for (int i = 0; i < 16; i++)
		told = told << 8 | t->f.fingerprint[i];
	live_check(t, t->f.records - t->removed.records);
	if (told != t->sum - t->removed.sum)
		check_damage(
			t->c, t->f.offset, t->f.size, 0,
			"set fingerprint of commit %llu is not that of its records",
			(unsigned long long)t->f.commit);
}

/* a segment has records of its own commit, that of a compaction only of those
 * before it [S-17, S-37] */
static bool commit_fits(const struct footer *f, uint64_t commit)
{
	if (f->history != 0 && f->previous == 0)
		return commit < f->commit;
	return commit == f->commit;
}

/* a compaction's history: one commit less than the first footer's number
 * [S-37] */
static enum sheaf_status history_check(struct tables *t, size_t *count)
{
	const uint64_t *commits = (const uint64_t *)(void *)t->c->commits.p;
	size_t n = t->c->commits.len / sizeof(*commits), before = 0;
	uint64_t offset = t->corpus->footer.history;
	const char *wrong = NULL;
	struct sheaf_error why;
	struct history h;
	enum sheaf_status st;

	*count = 0;
	if (offset == 0)
		return SHEAF_OK;
	st = corpus_history(t->corpus, &h, &why);
	if (st == SHEAF_CORRUPT) {
		check_damage(t->c, offset, 0, 0, "%s", why.text);
		return SHEAF_OK;
	}
	if (st != SHEAF_OK)
		return st;
	while (before < n && commits[before] == 0)
		before++;
	if (t->c->result->damages == 0 && h.count != before)
		wrong = "has not the commits before the first footer";
	for (size_t i = 0; i < h.count; i++)
		if (h.commits[i].new_articles > h.commits[i].articles ||
		    h.commits[i].new_bytes > h.commits[i].article_bytes)
			wrong = "count out of range";
	if (wrong != NULL)
		check_damage(t->c, offset, 0, 0, "history: %s", wrong);
	*count = h.count;
	history_done(&h);
	return SHEAF_OK;
}

/* the record pages between two offsets that are whole; the scan has reported
 * the others */
static enum sheaf_status pages_check(struct tables *t, size_t *next,
				     uint64_t end)
{
	const uint64_t *pages = (const uint64_t *)(void *)t->c->pages.p;
	size_t n = t->c->pages.len / sizeof(*pages);
	struct sheaf_error why;
	enum sheaf_status st = SHEAF_OK;

	for (; st == SHEAF_OK && *next < n && pages[*next] < end; ++*next) {
		struct page *page;

		st = pages_get(t->corpus->pages, pages[*next], &page, &why);
		if (st == SHEAF_CORRUPT) {
			st = SHEAF_OK;
			continue;
		}
		if (st != SHEAF_OK)
			break;
		for (uint32_t i = 0; i < page->table.count; i++)
			if (!commit_fits(&t->f, page->table.records[i].commit))
				check_damage(t->c, page->table.offset,
					     page->size, 0,
					     "record %lu: of another commit",
					     (unsigned long)i);
		(void)page_check(page, t);
		st = t->status;
		pages_release(page);
	}
	return st;
}

/* commit by commit, oldest first: its records, their number, the set
 * fingerprint so far */
static enum sheaf_status commits_check(struct tables *t)
{
	const uint64_t *commits = (const uint64_t *)(void *)t->c->commits.p;
	size_t n = t->c->commits.len / sizeof(*commits), next = 0, past;
	struct sheaf_error why;
	enum sheaf_status st = history_check(t, &past);

	for (size_t i = past; i < n && st == SHEAF_OK; i++) {
		st = SHEAF_CORRUPT;
		if (commits[i] != 0)
			st = chain_read(&t->c->view, commits[i], i + 1, &t->f,
					&why);
		if (st == SHEAF_CORRUPT || st == SHEAF_UNSUPPORTED) {
			st = SHEAF_OK; /* the scan has reported it */
			t->sum_known = false;
			continue;
		}
		if (st != SHEAF_OK)
			break;
		t->pages_records = 0;
		st = check_removed_commit(&t->removed, t->c, &t->f);
		if (st == SHEAF_OK)
			st = pages_check(t, &next, t->f.offset);
		if (st != SHEAF_OK)
			break;
		if (t->c->result->damages == 0 &&
		    t->pages_records != t->f.new_records)
			check_damage(
				t->c, t->f.offset, t->f.size, 0,
				"footer of commit %llu: has %llu records, not %llu",
				(unsigned long long)t->f.commit,
				(unsigned long long)t->pages_records,
				(unsigned long long)t->f.new_records);
		sum_check(t);
	}
	return st;
}

enum sheaf_status check_tables(struct check *c, struct sheaf_corpus *corpus)
{
	struct tables *t = calloc(1, sizeof(*t));
	enum sheaf_status st = SHEAF_OK;

	if (t == NULL)
		return fail_nomem(c->err);
	t->c = c;
	t->corpus = corpus;
	t->sum_known = true;
	for (int w = 0; w < INDEX_COUNT && st == SHEAF_OK; w++)
		st = index_load(t, (enum index_which)w);
	if (st == SHEAF_OK)
		st = check_removed_load(&t->removed, c);
	if (st == SHEAF_OK) {
		articles_check(t);
		st = commits_check(t);
	}
	if (st == SHEAF_NOMEM)
		(void)fail_nomem(c->err);
	for (int w = 0; w < INDEX_COUNT; w++)
		free(t->sorted[w]);
	row_done(&t->row);
	check_removed_done(&t->removed);
	free(t);
	return st;
}
