/*
 * holes.c - verify and salvage of a spoilt corpus, held against the truth
 */
#include "fault/holes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sheaf/sheaf.h>

#include "read/blocks.h"
#include "read/places.h"

#define FOUND "lost+found/"

/* --- the spoilt one --- */

/* what became of it */
struct fate {
	const struct truth *t;
	const uint8_t *p;
	size_t len;
	uint8_t *block_whole; /* with its parents */
	uint8_t *head_whole;
	uint8_t *page_whole;
	uint64_t lost, whole;
	struct sheaf_place *lost_places; /* by place; owned */
	uint8_t *lost_seen;
	bool wrong;
	/* what verify tells */
	uint64_t reported, reported_records;
};

static void wrong(struct fate *f, const char *what, uint64_t is,
		  uint64_t should)
{
	printf("  %s: %" PRIu64 ", not %" PRIu64 "\n", what, is, should);
	f->wrong = true;
}

static bool same(const struct fate *f, uint64_t at, uint64_t end)
{
	return end <= f->len &&
	       memcmp(f->p + at, f->t->image.p + at, (size_t)(end - at)) == 0;
}

/* other bytes may mean the same: some of a zstd frame's bits mean nothing */
static bool decodes(const struct fate *f, const struct tblock *b)
{
	struct view view = { .end = f->len }, was = { .end = f->t->image.len };
	struct blocks *readers = NULL, *before = NULL;
	struct block *now = NULL, *then = NULL;
	bool is;

	is = source_memory(&view.src, f->p, f->len, NULL) == SHEAF_OK &&
	     source_memory(&was.src, f->t->image.p, f->t->image.len, NULL) ==
		     SHEAF_OK &&
	     blocks_new(&readers, &view, NULL) == SHEAF_OK &&
	     blocks_new(&before, &was, NULL) == SHEAF_OK &&
	     blocks_get(readers, b->offset, &now, NULL) == SHEAF_OK &&
	     blocks_get(before, b->offset, &then, NULL) == SHEAF_OK &&
	     now->head.plain == then->head.plain &&
	     memcmp(now->content, then->content, (size_t)now->head.plain) == 0;
	blocks_release(now);
	blocks_release(then);
	blocks_free(readers);
	blocks_free(before);
	source_done(&view.src);
	source_done(&was.src);
	return is;
}

static void fate_find(struct fate *f)
{
	const struct truth *t = f->t;
	size_t blocks = COUNT(t->blocks, struct tblock);
	size_t pages = COUNT(t->pages, struct range), lost = 0;

	f->block_whole = calloc(blocks + 1, 1);
	f->head_whole = calloc(blocks + 1, 1);
	f->page_whole = calloc(pages + 1, 1);
	if (!f->block_whole || !f->head_whole || !f->page_whole)
		abort();
	for (size_t i = 0; i < blocks; i++) {
		const struct tblock *b = &BLOCKS(t)[i];

		f->head_whole[i] =
			same(f, b->offset, b->frame) && b->end <= f->len;
		f->block_whole[i] =
			f->head_whole[i] &&
			(b->parent == NO_BLOCK || f->block_whole[b->parent]) &&
			(same(f, b->offset, b->end) || decodes(f, b));
		*(f->block_whole[i] ? &f->whole : &f->lost) += b->count;
	}
	for (size_t i = 0; i < pages; i++)
		f->page_whole[i] = same(f, PAGES(t)[i].at, PAGES(t)[i].end);
	f->lost_places = calloc((size_t)f->lost + 1, sizeof(*f->lost_places));
	f->lost_seen = calloc((size_t)f->lost + 1, 1);
	if (!f->lost_places || !f->lost_seen)
		abort();
	for (size_t i = 0; i < blocks; i++)
		for (uint32_t k = 0;
		     !f->block_whole[i] && k < BLOCKS(t)[i].count; k++) {
			f->lost_places[lost].block = BLOCKS(t)[i].offset;
			f->lost_places[lost++].slot = k;
		}
}

static void fate_done(struct fate *f)
{
	free(f->block_whole);
	free(f->head_whole);
	free(f->page_whole);
	free(f->lost_places);
	free(f->lost_seen);
}

/* --- verify --- */

static void damage_take(struct fate *f, const struct sheaf_damage *d)
{
	uint64_t end = d->offset + d->len;

	/* what was cut short is damaged as well */
	if (d->len != 0 && same(f, d->offset, end) &&
	    !(end == f->len && f->len < f->t->image.len)) {
		printf("  whole bytes are said to be damaged: %s\n", d->what);
		wrong(f, "bytes", d->offset, 0);
	}
}

static void lost_take(struct fate *f, const struct sheaf_record *r)
{
	struct sheaf_place *at = NULL;

	if (f->lost != 0)
		at = bsearch(&r->place, f->lost_places, (size_t)f->lost,
			     sizeof(*at), place_compare);
	if (at == NULL) {
		wrong(f, "an article is said to be lost that is not, in block",
		      r->place.block, 0);
		return;
	}
	f->reported += !f->lost_seen[at - f->lost_places];
	f->lost_seen[at - f->lost_places] = 1;
	f->reported_records += r->name.len != 0;
}

static void found_take(const struct sheaf_damage *d,
		       const struct sheaf_record *lost, void *arg)
{
	if (d != NULL)
		damage_take(arg, d);
	else
		lost_take(arg, lost);
}

/* those that something whole still tells of must be named */
static void named_check(struct fate *f, uint64_t end)
{
	const struct truth *t = f->t;
	size_t n = COUNT(t->records, struct trecord);
	uint64_t records = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct trecord *r = &RECORDS(t)[i];
		const struct sheaf_place *place;

		if (f->block_whole[r->block] ||
		    !f->page_whole[r->page_number] || r->page >= end)
			continue;
		records += f->page_whole[r->origin_number];
		place = bsearch(&r->place, f->lost_places, (size_t)f->lost,
				sizeof(*place), place_compare);
		if (!f->lost_seen[place - f->lost_places])
			wrong(f, "a lost record is not told, in page", r->page,
			      0);
	}
	if (f->reported_records != records)
		wrong(f, "lost records with names", f->reported_records,
		      records);
	for (size_t i = 0; i < COUNT(t->blocks, struct tblock); i++)
		for (uint32_t k = 0;
		     !f->block_whole[i] && k < BLOCKS(t)[i].count; k++, at++)
			if (f->head_whole[i] && BLOCKS(t)[i].offset < end &&
			    !f->lost_seen[at])
				wrong(f, "lost articles not told, in block",
				      BLOCKS(t)[i].offset, 0);
}

/* records in damaged pages; articles whose every record is */
static void names_check(struct fate *f, const struct sheaf_verify_result *v)
{
	const struct truth *t = f->t;
	size_t n = COUNT(t->records, struct trecord);
	uint64_t names = 0;

	for (size_t i = 0; i < n; i++)
		names += !f->page_whole[RECORDS(t)[i].page_number];
	if (v->lost_names != names)
		wrong(f, "lost names", v->lost_names, names);
}

static void verify_check(struct fate *f, const char *path)
{
	const struct truth *t = f->t;
	const struct sheaf_verify_options o = { .threads = 1,
						.on_damage = found_take,
						.arg = f };
	uint64_t end = t->newest.offset + t->newest.size;
	struct sheaf_verify_result v;
	struct sheaf_error err;
	enum sheaf_status st = sheaf_verify(path, &o, &v, &err);
	bool spoilt = !same(f, 0, end);

	if (st == SHEAF_CORRUPT && f->whole == 0)
		return;
	if (st != SHEAF_OK) {
		printf("  verify: %s\n", err.text);
		wrong(f, "status", st, SHEAF_OK);
		return;
	}
	if (spoilt != (v.damages != 0 || v.newest != t->newest.commit))
		wrong(f, "damages", v.damages, spoilt);
	if (v.newest == t->newest.commit) {
		if (v.lost_articles != f->lost)
			wrong(f, "lost articles", v.lost_articles, f->lost);
		names_check(f, &v);
	} else {
		end = UINT64_MAX;
		if (v.newest != 0 && v.torn_articles == 0 && v.damages == 0 &&
		    f->lost == 0)
			wrong(f, "torn articles", 0, 1);
	}
	if (v.lost_articles - v.lost_unknown + v.torn_lost != f->reported)
		wrong(f, "lost ones told", f->reported, v.lost_articles);
	named_check(f, end);
}

/* --- salvage --- */

/* a record that must be in the new file, or is */
struct item {
	uint8_t id[SHEAF_ID_SIZE];
	uint64_t commit, size;
	struct sheaf_time mtime;
	const char *name; /* borrowed, or owned with the whole list */
	size_t name_len;
	bool nameless; /* it is lost+found/..., with some time and commit */
};

static int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	size_t len = x->name_len < y->name_len ? x->name_len : y->name_len;
	int order = memcmp(x->id, y->id, sizeof(x->id));

	if (order == 0)
		order = (x->commit > y->commit) - (x->commit < y->commit);
	if (order == 0)
		order = memcmp(x->name, y->name, len);
	if (order == 0)
		order = (x->name_len > y->name_len) -
			(x->name_len < y->name_len);
	return order;
}

static void wanted_list(struct fate *f, struct buf *out)
{
	const struct truth *t = f->t;
	size_t n = COUNT(t->records, struct trecord);
	struct buf has = { 0 }; /* struct sheaf_place */
	struct item *all;

	for (size_t i = 0; i < n; i++) {
		const struct trecord *r = &RECORDS(t)[i];
		struct item item = { .commit = r->commit,
				     .size = r->size,
				     .mtime = r->mtime,
				     .name = r->name,
				     .name_len = r->name_len };

		if (!f->block_whole[r->block] || !f->page_whole[r->page_number])
			continue;
		memcpy(item.id, r->id, sizeof(item.id));
		if (!f->page_whole[r->origin_number]) {
			item.name = FOUND;
			item.name_len = 0; /* any of lost+found */
		}
		buf_bytes(out, &item, sizeof(item));
		buf_bytes(&has, &r->place, sizeof(r->place));
	}
	if (has.len != 0)
		qsort(has.p, has.len / sizeof(struct sheaf_place),
		      sizeof(struct sheaf_place), place_compare);
	/* articles without any record left: once each */
	for (size_t i = 0; i < n; i++) {
		const struct trecord *r = &RECORDS(t)[i];
		struct item item = { .size = r->size,
				     .nameless = true,
				     .name = FOUND };

		if (!f->block_whole[r->block] ||
		    (has.len != 0 &&
		     bsearch(&r->place, has.p,
			     has.len / sizeof(struct sheaf_place),
			     sizeof(struct sheaf_place), place_compare)))
			continue;
		memcpy(item.id, r->id, sizeof(item.id));
		buf_bytes(out, &item, sizeof(item));
	}
	buf_done(&has);
	all = (struct item *)(void *)out->p;
	if (out->len != 0)
		qsort(all, out->len / sizeof(*all), sizeof(*all), item_compare);
	/* several records of one nameless article */
	n = 0;
	for (size_t i = 0; i < out->len / sizeof(*all); i++)
		if (n == 0 || !all[i].nameless || !all[n - 1].nameless ||
		    memcmp(all[i].id, all[n - 1].id, SHEAF_ID_SIZE) != 0)
			all[n++] = all[i];
	out->len = n * sizeof(*all);
}

struct listing {
	struct buf items;
	struct sheaf_corpus *c;
	bool failed;
};

static int list_take(const struct sheaf_record *r, void *arg)
{
	struct listing *l = arg;
	struct item item = { .commit = r->commit,
			     .size = r->size,
			     .mtime = r->mtime,
			     .name_len = r->name.len };
	struct sheaf_bytes bytes = { 0 };
	char *name = malloc(r->name.len + 1);

	if (name == NULL)
		abort();
	memcpy(name, r->name.p, r->name.len);
	item.name = name;
	if (sheaf_read(l->c, r->place, &bytes, item.id, NULL) != SHEAF_OK ||
	    bytes.len != r->size)
		l->failed = true;
	sheaf_bytes_done(&bytes);
	buf_bytes(&l->items, &item, sizeof(item));
	return 0;
}

static bool item_same(const struct item *want, const struct item *have)
{
	bool found = have->name_len >= sizeof(FOUND) - 1 &&
		     memcmp(have->name, FOUND, sizeof(FOUND) - 1) == 0;

	if (memcmp(want->id, have->id, SHEAF_ID_SIZE) != 0 ||
	    want->size != have->size)
		return false;
	if (want->nameless)
		return found;
	if (want->commit != have->commit ||
	    want->mtime.sec != have->mtime.sec ||
	    want->mtime.nsec != have->mtime.nsec)
		return false;
	if (want->name_len == 0)
		return found;
	return want->name_len == have->name_len &&
	       memcmp(want->name, have->name, want->name_len) == 0;
}

static void lists_compare(struct fate *f, const struct buf *want,
			  const struct buf *have)
{
	const struct item *w = (const struct item *)(const void *)want->p;
	struct item *h = (struct item *)(void *)have->p;
	size_t n = want->len / sizeof(*w), m = have->len / sizeof(*h);

	if (m != 0)
		qsort(h, m, sizeof(*h), item_compare);
	if (n != m)
		wrong(f, "records brought back", m, n);
	for (size_t i = 0; i < n && i < m; i++)
		if (!item_same(&w[i], &h[i])) {
			printf("  %.*s, wanted %.*s\n", (int)h[i].name_len,
			       h[i].name, (int)w[i].name_len, w[i].name);
			wrong(f, "record brought back of commit", h[i].commit,
			      w[i].commit);
			return;
		}
}

static int commit_count(const struct sheaf_commit *c, void *arg)
{
	(void)c;
	++*(uint64_t *)arg;
	return 0;
}

static void new_file_check(struct fate *f, const char *path,
			   const struct buf *want)
{
	struct listing l = { 0 };
	const struct sheaf_filter all = { .all_versions = true };
	uint64_t commits = 0;
	struct sheaf_error err;

	if (sheaf_open(&l.c, path, NULL, &err) != SHEAF_OK) {
		printf("  %s\n", err.text);
		wrong(f, "new file opens", 0, 1);
		return;
	}
	if (sheaf_list(l.c, &all, list_take, &l, &err) != SHEAF_OK || l.failed)
		wrong(f, "new file lists", 0, 1);
	lists_compare(f, want, &l.items);
	if (sheaf_log(l.c, commit_count, &commits, &err) != SHEAF_OK ||
	    commits != sheaf_corpus_commit(l.c)->number)
		wrong(f, "commits", commits, sheaf_corpus_commit(l.c)->number);
	sheaf_close(l.c);
	for (size_t i = 0; i < l.items.len / sizeof(struct item); i++)
		free((void *)(uintptr_t)((struct item *)(void *)l.items.p)[i]
			     .name);
	buf_done(&l.items);
}

static void salvage_check(struct fate *f, const char *path,
			  struct holes_count *count)
{
	const struct sheaf_salvage_options o = {
		.level = 1, .threads = 1, .has_time = true, .time = 1
	};
	struct sheaf_salvage_result r;
	struct buf want = { 0 };
	struct sheaf_error err;
	enum sheaf_status st;
	char to[64];

	snprintf(to, sizeof(to), "salvaged-%ld", (long)getpid());
	unlink(to);
	st = sheaf_salvage(path, to, &o, &r, &err);
	wanted_list(f, &want);
	if (f->whole == 0) {
		if (st != SHEAF_CORRUPT)
			wrong(f, "salvage of nothing", st, SHEAF_CORRUPT);
	} else if (st != SHEAF_OK) {
		printf("  salvage: %s\n", err.text);
		wrong(f, "salvage", st, SHEAF_OK);
	} else {
		count->salvaged += r.articles;
		if (r.articles != f->whole)
			wrong(f, "articles brought back", r.articles, f->whole);
		new_file_check(f, to, &want);
	}
	buf_done(&want);
	unlink(to);
}

bool holes_check(const struct truth *t, const uint8_t *p, size_t len,
		 bool salvage, struct holes_count *count)
{
	struct fate f = { .t = t, .p = p, .len = len };

	fate_find(&f);
	verify_check(&f, image_file(p, len));
	if (salvage)
		salvage_check(&f, image_file(p, len), count);
	count->lost += f.lost;
	count->whole += f.whole;
	count->reported += f.reported;
	fate_done(&f);
	return !f.wrong;
}
