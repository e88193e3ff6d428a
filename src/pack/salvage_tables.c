/*
 * salvage_tables.c - commits, strings, url keys and removed ids of a damaged
 * file, from whatever tables are whole
 *
 * What is missing gets stand-ins: a commit that no footer tells of stays in the
 * log under its number.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "formats/sheaf/strings.h"
#include "pack/past.h"
#include "pack/salvage.h"
#include "read/chain.h"

/* Commits that a file can have without a footer or history for each: a page of
 * records of a compacted one may name any.  Beyond, commits are taken for the
 * last: a lying page must not order a history of 2^60. */
#define COMMITS_FREE ((uint64_t)1 << 16)
#define FOOTER_LEAST 144
#define COMMITS_MAX (HISTORY_MAX / 64)

static const char stand_in[] =
	"(lost: salvage found no whole footer of this commit)";

static size_t tables_of(const struct check *c, const struct seen_table **out)
{
	*out = (const struct seen_table *)(const void *)c->tables.p;
	return c->tables.len / sizeof(**out);
}

/* --- commits --- */

static void commit_see(struct salvage *s, uint64_t commit)
{
	if (commit > s->last)
		s->last = commit;
}

static enum sheaf_status pages_see(struct salvage *s)
{
	const uint64_t *at = (const uint64_t *)(void *)s->check.pages.p;
	size_t n = s->check.pages.len / sizeof(*at);
	struct page *page;
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++) {
		st = pages_get(s->pages, at[i], &page, s->err);
		for (uint32_t k = 0; st == SHEAF_OK && k < page->table.count;
		     k++)
			commit_see(s, page->table.records[k].commit);
		if (st == SHEAF_OK)
			pages_release(page);
	}
	return st;
}

static enum sheaf_status last_find(struct salvage *s, uint64_t past)
{
	uint64_t most = past + s->check.size / FOOTER_LEAST + COMMITS_FREE;
	size_t n;
	const struct seen_block *b = check_blocks(&s->check, &n);
	enum sheaf_status st;

	commit_see(s, past);
	commit_see(s, s->check.commits.len / sizeof(uint64_t));
	for (size_t i = 0; i < n; i++)
		commit_see(s, b[i].commit);
	st = pages_see(s);
	if (most > COMMITS_MAX)
		most = COMMITS_MAX;
	if (s->last > most)
		s->last = most;
	if (s->last == 0)
		s->last = 1;
	return st;
}

/* the newest history table that is whole; an all-zero one where there is none
 */
static enum sheaf_status history_read(struct salvage *s, struct history *out)
{
	const struct seen_table *t;
	size_t n = tables_of(&s->check, &t);
	struct buf in = { 0 };
	enum sheaf_status st = SHEAF_OK;

	memset(out, 0, sizeof(*out));
	while (n != 0 && t[n - 1].kind != FRAME_HISTORY)
		n--;
	if (n == 0)
		return SHEAF_OK;
	st = view_frame(&s->check.view, t[n - 1].offset, FRAME_HISTORY,
			HISTORY_MAX + 1024, &in, s->err);
	if (st == SHEAF_OK)
		st = history_get(in.p, in.len, t[n - 1].offset, out, s->err);
	buf_done(&in);
	return st;
}

static enum sheaf_status message_keep(struct salvage *s, struct past_commit *p,
				      const char *message, size_t len)
{
	p->message.p = arena_copy(&s->arena, message, len);
	p->message.len = len;
	return p->message.p != NULL ? SHEAF_OK : fail_nomem(s->err);
}

/* those that a history or a footer tells of */
static enum sheaf_status
known_fill(struct salvage *s, const struct history *before, uint8_t *known)
{
	const uint64_t *at = (const uint64_t *)(void *)s->check.commits.p;
	size_t n = s->check.commits.len / sizeof(*at);
	struct footer *f = malloc(sizeof(*f));
	struct past_commit *all = s->history.commits;
	struct sheaf_error why;
	enum sheaf_status st = f == NULL ? fail_nomem(s->err) : SHEAF_OK;

	for (size_t i = 0; st == SHEAF_OK && i < before->count && i < s->last;
	     i++) {
		all[i] = before->commits[i];
		known[i] = 1;
		st = message_keep(s, &all[i], all[i].message.p,
				  all[i].message.len);
	}
	for (size_t i = 0; st == SHEAF_OK && i < n && i < s->last; i++) {
		if (at[i] == 0 || chain_read(&s->check.view, at[i], i + 1, f,
					     &why) != SHEAF_OK)
			continue;
		known[i] = 1;
		st = past_commit(&all[i], f, &s->arena, s->err);
	}
	free(f);
	return st;
}

/* the others take time and totals from the one before */
static enum sheaf_status unknown_fill(struct salvage *s, const uint8_t *known)
{
	struct past_commit *all = s->history.commits;
	enum sheaf_status st = SHEAF_OK;
	size_t first = 0;

	while (first < s->last && !known[first])
		first++;
	for (size_t i = 0; i < s->last && st == SHEAF_OK; i++) {
		struct past_commit *p = &all[i];

		if (known[i])
			continue;
		s->result.commits_lost++;
		if (i != 0) {
			p->time = all[i - 1].time;
			p->live = all[i - 1].live;
			p->articles = all[i - 1].articles;
			p->article_bytes = all[i - 1].article_bytes;
		} else if (first < s->last) {
			p->time = all[first].time;
		}
		st = message_keep(s, p, stand_in, sizeof(stand_in) - 1);
	}
	return st;
}

enum sheaf_status salvage_commits(struct salvage *s)
{
	struct history before;
	uint8_t *known = NULL;
	enum sheaf_status st = history_read(s, &before);

	if (st == SHEAF_OK)
		st = last_find(s, before.count);
	if (st == SHEAF_OK) {
		known = calloc((size_t)s->last, 1);
		s->history.commits =
			calloc((size_t)s->last, sizeof(*s->history.commits));
		s->history.count = (size_t)s->last;
		if (known == NULL || s->history.commits == NULL)
			st = fail_nomem(s->err);
	}
	if (st == SHEAF_OK)
		st = known_fill(s, &before, known);
	if (st == SHEAF_OK)
		st = unknown_fill(s, known);
	free(known);
	history_done(&before);
	return st;
}

/* --- strings --- */

static enum sheaf_status strings_read(struct salvage *s, uint64_t offset,
				      struct strings_page *page)
{
	struct buf in = { 0 };
	enum sheaf_status st;

	st = view_frame(&s->check.view, offset, FRAME_STRINGS,
			STRINGS_MAX + 1024, &in, s->err);
	if (st == SHEAF_OK)
		st = strings_get(in.p, in.len, offset, page, s->err);
	buf_done(&in);
	return st;
}

struct found_strings {
	struct strings_page pages[CHAIN_MAX];
	unsigned int count;
	struct sheaf_str *all; /* by code; p is NULL: not found; owned */
	uint32_t codes;
};

/* does a page have any code that newer ones don't have */
static bool strings_take(struct found_strings *f,
			 const struct strings_page *page)
{
	bool is_new = false;

	for (uint32_t i = 0; i < page->count; i++) {
		struct sheaf_str *to = &f->all[page->first + i];

		if (to->p != NULL)
			continue;
		*to = page->strings[i];
		is_new = true;
	}
	return is_new;
}

static enum sheaf_status codes_room(struct found_strings *f, uint64_t codes,
				    struct sheaf_error *err)
{
	struct sheaf_str *more;

	if (codes <= f->codes)
		return SHEAF_OK;
	if (codes > STRINGS_TOTAL)
		codes = STRINGS_TOTAL;
	more = realloc(f->all, (size_t)codes * sizeof(*more));
	if (more == NULL)
		return fail_nomem(err);
	memset(more + f->codes, 0, (size_t)(codes - f->codes) * sizeof(*more));
	f->all = more;
	f->codes = (uint32_t)codes;
	return SHEAF_OK;
}

/* the newest pages first: they took in older ones, which then tell nothing new
 */
static enum sheaf_status strings_collect(struct salvage *s,
					 struct found_strings *f)
{
	const struct seen_table *t;
	size_t n = tables_of(&s->check, &t);
	enum sheaf_status st = SHEAF_OK;

	while (st == SHEAF_OK && n-- != 0 && f->count < CHAIN_MAX) {
		struct strings_page *page = &f->pages[f->count];
		uint64_t end;

		if (t[n].kind != FRAME_STRINGS)
			continue;
		st = strings_read(s, t[n].offset, page);
		if (st != SHEAF_OK)
			break;
		end = (uint64_t)page->first + page->count;
		st = codes_room(f, end, s->err);
		if (st == SHEAF_OK && end <= f->codes && strings_take(f, page))
			f->count++;
		else
			strings_done(page);
	}
	return st;
}

enum sheaf_status salvage_codes(struct salvage *s)
{
	struct found_strings *f = calloc(1, sizeof(*f));
	enum sheaf_status st = f == NULL ? fail_nomem(s->err) : SHEAF_OK;

	if (st == SHEAF_OK)
		st = strings_collect(s, f);
	if (st == SHEAF_OK) {
		s->codes = calloc((size_t)f->codes + 1, sizeof(*s->codes));
		s->code_count = f->codes;
		if (s->codes == NULL)
			st = fail_nomem(s->err);
	}
	for (uint32_t i = 0; st == SHEAF_OK && i < f->codes; i++) {
		s->codes[i] = SALVAGE_NONE;
		if (f->all[i].p != NULL)
			st = names_code(s->names, f->all[i], &s->codes[i],
					s->err);
	}
	for (unsigned int i = 0; f != NULL && i < f->count; i++)
		strings_done(&f->pages[i]);
	if (f != NULL)
		free(f->all);
	free(f);
	return st;
}

/* --- urls --- */

struct url_key {
	struct record_ref ref;
	uint64_t key;
};

static int url_take(const struct index_entry *e, void *arg)
{
	const struct url_key u = { { e->offset, e->slot }, e->key };
	struct buf *all = arg;

	buf_bytes(all, &u, sizeof(u));
	return all->bad;
}

static int url_compare(const void *a, const void *b)
{
	const struct url_key *x = a, *y = b;

	if (x->ref.page != y->ref.page)
		return x->ref.page < y->ref.page ? -1 : 1;
	return (x->ref.slot > y->ref.slot) - (x->ref.slot < y->ref.slot);
}

enum sheaf_status salvage_urls(struct salvage *s)
{
	enum sheaf_status st =
		check_index_walk(&s->check, INDEX_URLS, url_take, &s->urls);

	if (s->urls.bad)
		return fail_nomem(s->err);
	if (st == SHEAF_OK && s->urls.len != 0)
		qsort(s->urls.p, s->urls.len / sizeof(struct url_key),
		      sizeof(struct url_key), url_compare);
	return st;
}

bool salvage_url_find(const struct salvage *s, struct record_ref ref,
		      uint64_t *key)
{
	const struct url_key wanted = { .ref = ref };
	const struct url_key *found = NULL;

	if (s->urls.len != 0)
		found = bsearch(&wanted, s->urls.p,
				s->urls.len / sizeof(wanted), sizeof(wanted),
				url_compare);
	if (found != NULL)
		*key = found->key;
	return found != NULL;
}

/* --- removed ids --- */

/* the newest whole footer of all: what it says of the list holds, unless a
 * newer list lies behind it */
static enum sheaf_status removed_named(struct salvage *s, uint64_t *offset,
				       uint64_t *footer)
{
	const uint64_t *at = (const uint64_t *)(void *)s->check.commits.p;
	size_t n = s->check.commits.len / sizeof(*at);
	struct footer *f = malloc(sizeof(*f));

	*offset = *footer = 0;
	if (f == NULL)
		return fail_nomem(s->err);
	for (size_t i = n; i-- != 0 && *footer == 0;)
		if (at[i] != 0 && chain_read(&s->check.view, at[i], i + 1, f,
					     NULL) == SHEAF_OK) {
			*footer = f->offset;
			*offset = f->removed;
		}
	free(f);
	return SHEAF_OK;
}

/* the table to take: the last that is whole, or none; table 0 is no. 1 */
static size_t removed_choose(const struct seen_table *t, size_t n,
			     uint64_t named, uint64_t footer)
{
	while (n != 0 && t[n - 1].kind != FRAME_REMOVED)
		n--;
	/* all that were removed have been taken back since */
	if (n != 0 && footer > t[n - 1].offset && named == 0)
		return 0;
	return n;
}

enum sheaf_status salvage_removed(struct salvage *s)
{
	const struct seen_table *t;
	size_t n = tables_of(&s->check, &t);
	struct buf in = { 0 };
	uint64_t named, footer;
	enum sheaf_status st = removed_named(s, &named, &footer);

	if (st != SHEAF_OK)
		return st;
	n = removed_choose(t, n, named, footer);
	s->result.removed_lost = named > (n != 0 ? t[n - 1].offset : 0);
	if (n == 0)
		return SHEAF_OK;
	st = view_frame(&s->check.view, t[n - 1].offset, FRAME_REMOVED,
			REMOVED_MAX * 26 + 64, &in, s->err);
	if (st == SHEAF_OK)
		st = removed_get(in.p, in.len, t[n - 1].offset, &s->removed,
				 s->err);
	buf_done(&in);
	for (size_t i = 0; i < s->removed.count; i++)
		s->removed.ids[i].commit =
			salvage_commit_of(s, s->removed.ids[i].commit);
	return st;
}
