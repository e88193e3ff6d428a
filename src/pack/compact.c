/*
 * compact.c - the same records and history in a new, smaller file
 *
 * Reads everything through an ordinary handle and writes it through the
 * ordinary stage and commit: one segment, whose first footer has the commits
 * before it in a history table.
 */
#include <sheaf/compact.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "codec/hash.h"
#include "formats/sheaf/description.h"
#include "formats/sheaf/limits.h"
#include "pack/arena.h"
#include "pack/stage.h"
#include "read/places.h"
#include "read/row.h"
#include "write/commit.h"

#define LEVEL_DEFAULT 19
#define BLOCK_DEFAULT ((size_t)64 << 10)
/* A dictionary of a third of the articles: 41 MB of laws came to 6.483 MB with
 * a fifth, 6.370 with a third, 6.340 with a half, which is all in memory then.
 */
#define DICT_SHARE 3
#define DICT_MAX ((size_t)32 << 20) /* no larger than `zstd -D` takes */
#define DICT_LEAST ((size_t)64 << 10)
#define DICT_MOST ((size_t)48 << 20) /* with tables it is a block still */
#define BLOCK_LEAST ((size_t)1 << 10)
#define THREADS_MAX 64
#define MEMORY ((size_t)1 << 30)       /* for a batch of articles, as in add */
#define SORT_BUDGET ((size_t)64 << 20) /* of records, and of each index */

/* an article on its way from the old file to the new */
struct moved {
	struct sheaf_place place; /* in the old file */
	uint32_t number;	  /* see stage_add() */
	bool seen;		  /* a record has it already */
	uint8_t id[SHEAF_ID_SIZE];
	uint32_t seed;
};

struct compaction {
	const struct sheaf_compact_options *options;
	struct sink *old_sink; /* holds the lock */
	struct sheaf_corpus *old;
	struct sink *sink;
	struct segment segment;
	struct stage *stage;
	struct names *names;
	struct places *urls; /* record reference to url key */
	struct history history;
	struct arena arena; /* messages of the history */
	struct buf moved;   /* struct moved, by place */
	struct scratch *scratch;
	struct entries *entries;
	uint64_t bytes;
	enum sheaf_status status;
	struct sheaf_error *err;
};

static int moved_compare(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;

	if (x->place.block != y->place.block)
		return x->place.block < y->place.block ? -1 : 1;
	return x->place.slot < y->place.slot ? -1 :
					       x->place.slot > y->place.slot;
}

static struct moved *moved_find(struct compaction *c, struct sheaf_place place)
{
	struct moved wanted = { .place = place };

	return bsearch(&wanted, c->moved.p, c->moved.len / sizeof(wanted),
		       sizeof(wanted), moved_compare);
}

/* each footer from the newest to the first: fn sees them oldest first */
typedef enum sheaf_status footer_fn(struct compaction *c,
				    const struct footer *f);
static enum sheaf_status footers_walk(struct compaction *c, footer_fn *fn)
{
	struct footer *f = malloc(sizeof(*f));
	struct buf offsets = { 0 };
	enum sheaf_status st = f == NULL ? fail_nomem(c->err) : SHEAF_OK;

	if (st == SHEAF_OK)
		memcpy(f, &c->old->footer, sizeof(*f));
	while (st == SHEAF_OK) {
		buf_bytes(&offsets, &f->offset, sizeof(f->offset));
		if (f->previous == 0)
			break;
		st = chain_previous(&c->old->view, f, f, c->err);
	}
	if (st == SHEAF_OK && offsets.bad)
		st = fail_nomem(c->err);
	for (size_t n = offsets.len / sizeof(uint64_t), i = n;
	     st == SHEAF_OK && i-- != 0;) {
		uint64_t at;

		memcpy(&at, offsets.p + i * sizeof(at), sizeof(at));
		st = chain_read(&c->old->view, at, c->old->footer.commit - i, f,
				c->err);
		if (st == SHEAF_OK)
			st = fn(c, f);
	}
	buf_done(&offsets);
	free(f);
	return st;
}

static int places_take(struct page *page, void *arg)
{
	struct compaction *c = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		struct moved m = { .place = page->table.records[i].place };

		buf_bytes(&c->moved, &m, sizeof(m));
	}
	return c->moved.bad;
}

static enum sheaf_status footer_places(struct compaction *c,
				       const struct footer *f)
{
	return pages_walk(c->old->pages, f, places_take, c, c->err);
}

/* which articles there are, in the order of the old file */
static enum sheaf_status articles_find(struct compaction *c)
{
	struct moved *m;
	size_t n, kept = 0;
	enum sheaf_status st = footers_walk(c, footer_places);

	if (st != SHEAF_OK)
		return c->moved.bad ? fail_nomem(c->err) : st;
	m = (struct moved *)(void *)c->moved.p;
	n = c->moved.len / sizeof(*m);
	if (n != 0)
		qsort(m, n, sizeof(*m), moved_compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || moved_compare(&m[i], &m[i - 1]) != 0)
			m[kept++] = m[i];
	c->moved.len = kept * sizeof(*m);
	return SHEAF_OK;
}

static enum sheaf_status article_move(struct compaction *c, struct moved *m)
{
	struct block *block;
	const uint8_t *p;
	size_t len;
	enum sheaf_status st;

	st = blocks_get(c->old->blocks, m->place.block, &block, c->err);
	if (st != SHEAF_OK)
		return st;
	st = block_article(block, m->place.slot, &p, &len, &m->seed, c->err);
	if (st == SHEAF_OK) {
		hash_id(p, len, m->seed, m->id);
		st = stage_add(c->stage, p, len, m->seed, NULL, &m->number,
			       c->err);
		c->bytes += len;
	}
	blocks_release(block);
	if (st == SHEAF_OK && c->options->on_progress != NULL &&
	    c->options->on_progress(c->bytes, c->old->footer.article_bytes,
				    c->options->arg) != 0)
		st = fail(c->err, SHEAF_CANCELLED, "stopped");
	return st;
}

static enum sheaf_status articles_move(struct compaction *c)
{
	struct moved *m = (struct moved *)(void *)c->moved.p;
	size_t n = c->moved.len / sizeof(*m);
	enum sheaf_status st = SHEAF_OK;

	for (size_t i = 0; i < n && st == SHEAF_OK; i++)
		st = article_move(c, &m[i]);
	return st;
}

/* a record of the old file as an entry of the new one; its url key is hashed
 * from the article */
static enum sheaf_status entry_take(struct compaction *c,
				    const struct page *page, uint32_t slot)
{
	struct entry e = { .record = page->table.records[slot] };
	struct moved *m = moved_find(c, e.record.place);
	struct page *held;
	enum sheaf_status st;

	if (e.record.has_url && !page->table.has_keys &&
	    !places_find(c->urls, page->table.offset, slot, &e.record.url_key))
		return fail_at(c->err, SHEAF_CORRUPT, page->table.offset,
			       "record: its url is in no index");
	st = pages_name(c->old->pages, page, slot, &e.name, &held, c->err);
	if (st != SHEAF_OK)
		return st;
	memcpy(e.id, m->id, sizeof(e.id));
	e.is_new = !m->seen;
	m->seen = true;
	e.origin.is_fresh = true;
	e.origin.fresh = m->number;
	e.record.seed = m->seed;
	st = entries_add(c->entries, &e, c->err);
	pages_release(held);
	return st;
}

static int page_take(struct page *page, void *arg)
{
	struct compaction *c = arg;

	for (uint32_t i = 0; i < page->table.count; i++) {
		c->status = entry_take(c, page, i);
		if (c->status != SHEAF_OK)
			return 1;
	}
	return 0;
}

static enum sheaf_status footer_records(struct compaction *c,
					const struct footer *f)
{
	enum sheaf_status st =
		pages_walk(c->old->pages, f, page_take, c, c->err);

	return st == SHEAF_CANCELLED ? c->status : st;
}

static void past_commit_add(struct compaction *c, const struct footer *f,
			    struct past_commit *p)
{
	memset(p, 0, sizeof(*p));
	p->time = f->time;
	memcpy(p->id, f->id, sizeof(p->id));
	memcpy(p->fingerprint, f->fingerprint, sizeof(p->fingerprint));
	p->live = f->live;
	p->articles = f->articles;
	p->article_bytes = f->article_bytes;
	p->new_records = f->new_records;
	p->new_articles = f->new_articles;
	p->new_bytes = f->new_bytes;
	p->message.p = arena_copy(&c->arena, f->message, f->message_len);
	p->message.len = f->message_len;
}

static enum sheaf_status footer_history(struct compaction *c,
					const struct footer *f)
{
	struct past_commit *p = &c->history.commits[f->commit - 1];

	past_commit_add(c, f, p);
	return p->message.p != NULL ? SHEAF_OK : fail_nomem(c->err);
}

/* all commits so far, those of an earlier compaction included */
static enum sheaf_status history_make(struct compaction *c)
{
	uint64_t n = c->old->footer.commit;
	struct history before;
	enum sheaf_status st = corpus_history(c->old, &before, c->err);

	if (st != SHEAF_OK)
		return st;
	c->history.commits = calloc((size_t)n, sizeof(*c->history.commits));
	c->history.count = (size_t)n;
	if (c->history.commits == NULL)
		st = fail_nomem(c->err);
	for (size_t i = 0; st == SHEAF_OK && i < before.count && i < n; i++) {
		struct past_commit *p = &c->history.commits[i];

		*p = before.commits[i];
		p->message.p =
			arena_copy(&c->arena, p->message.p, p->message.len);
		if (p->message.p == NULL)
			st = fail_nomem(c->err);
	}
	history_done(&before);
	return st == SHEAF_OK ? footers_walk(c, footer_history) : st;
}

/* the same strings under the same codes */
static enum sheaf_status codes_make(struct compaction *c)
{
	const struct codes *codes;
	uint32_t code;
	enum sheaf_status st = corpus_codes(c->old, &codes, c->err);

	if (st == SHEAF_OK)
		st = names_new(&c->names, NULL, c->err);
	for (uint32_t i = 0; st == SHEAF_OK && i < codes->count; i++)
		st = names_code(c->names, codes->strings[i], &code, c->err);
	return st;
}

static size_t dictionary_size(const struct compaction *c)
{
	size_t size = c->options->dictionary_size;

	if (size != 0)
		return size;
	size = (size_t)(c->old->footer.article_bytes / DICT_SHARE);
	if (size < DICT_LEAST)
		return 0;
	return size > DICT_MAX ? DICT_MAX : size;
}

static enum sheaf_status start(struct compaction *c, const char *output)
{
	const struct sheaf_compact_options *o = c->options;
	struct stage_options so = {
		.level = o->level != 0 ? o->level : LEVEL_DEFAULT,
		.block_size =
			o->block_size != 0 ? o->block_size : BLOCK_DEFAULT,
		.article_dictionary = dictionary_size(c),
		.threads = o->threads,
		.batch = stage_batch_of(MEMORY),
		.commit = c->old->footer.commit + 1,
	};
	struct buf first = { 0 };
	enum sheaf_status st;

	if (so.threads == 0)
		so.threads = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (so.threads < 1 || so.threads > THREADS_MAX)
		so.threads = 1;
	st = sink_create(&c->sink, output, c->err);
	if (st == SHEAF_OK)
		st = scratch_new(&c->scratch, output, c->err);
	if (st == SHEAF_OK)
		st = entries_new(&c->entries, c->scratch, SORT_BUDGET, c->err);
	if (st == SHEAF_OK)
		st = segment_init(&c->segment, c->sink, c->err);
	if (st == SHEAF_OK) {
		description_put(&first);
		st = first.bad ? fail_nomem(c->err) :
				 segment_bytes(&c->segment, first.p, first.len,
					       c->err);
		buf_done(&first);
	}
	if (st == SHEAF_OK)
		st = stage_new(&c->stage, &c->segment, &so, c->err);
	return st;
}

static struct sheaf_place place_of(const void *arg, uint32_t number)
{
	return stage_place(arg, number);
}

static enum sheaf_status finish(struct compaction *c,
				struct sheaf_commit_result *result)
{
	const struct sheaf_compact_options *o = c->options;
	struct commit_input in = {
		.entries = c->entries,
		.place = place_of,
		.place_arg = c->stage,
		.scratch = c->scratch,
		.budget = SORT_BUDGET,
		.names = c->names,
		.new_articles = c->moved.len / sizeof(struct moved),
		.new_bytes = c->bytes,
		.time = o->has_time ? o->time : (int64_t)time(NULL),
		.message = o->message,
		.removed = &c->old->removed,
		.history = &c->history,
	};
	struct footer *f = malloc(sizeof(*f));
	enum sheaf_status st;

	if (f == NULL)
		return fail_nomem(c->err);
	st = stage_finish(c->stage, c->err);
	if (st == SHEAF_OK) {
		in.blocks = stage_blocks(c->stage);
		in.dictionary = stage_dictionary(c->stage);
		st = commit_write(&c->segment, &in, f, c->err);
	}
	if (st == SHEAF_OK && result != NULL) {
		memset(result, 0, sizeof(*result));
		result->committed = true;
		result->commit = f->commit;
		result->records = f->records;
		result->articles = f->articles;
		result->bytes_new = f->article_bytes;
		result->file_size = f->offset + f->size;
	}
	free(f);
	return st;
}

static enum sheaf_status flow(struct compaction *c, const char *output,
			      struct sheaf_commit_result *result)
{
	enum sheaf_status st = start(c, output);

	if (st == SHEAF_OK)
		st = history_make(c);
	if (st == SHEAF_OK)
		st = codes_make(c);
	if (st == SHEAF_OK)
		st = places_new(&c->urls, c->old->indexes,
				c->old->footer.layer_count, INDEX_URLS, c->err);
	if (st == SHEAF_OK)
		st = articles_find(c);
	if (st == SHEAF_OK)
		st = articles_move(c);
	if (st == SHEAF_OK)
		st = footers_walk(c, footer_records);
	if (st == SHEAF_OK)
		st = finish(c, result);
	return st;
}

static void compaction_done(struct compaction *c)
{
	stage_free(c->stage);
	segment_done(&c->segment);
	sink_free(c->sink);
	names_free(c->names);
	places_free(c->urls);
	history_done(&c->history);
	sheaf_close(c->old);
	arena_done(&c->arena);
	buf_done(&c->moved);
	entries_free(c->entries);
	scratch_free(c->scratch);
}

/* is the new file whole, article by article */
static enum sheaf_status new_check(const char *path, unsigned int threads,
				   struct sheaf_error *err)
{
	struct sheaf_verify_options o = { .deep = true, .threads = threads };
	struct sheaf_verify_result r;
	enum sheaf_status st = sheaf_verify(path, &o, &r, err);

	if (st == SHEAF_OK && r.damages != 0)
		st = fail(
			err, SHEAF_CORRUPT,
			"the compacted file did not verify; the old one stays");
	return st;
}

/* ".NAME.sheaf-compact" beside the corpus */
static char *draft_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash != NULL ? (int)(slash + 1 - path) : 0;
	size_t size = strlen(path) + 32;
	char *name = malloc(size);

	if (name != NULL)
		(void)snprintf(name, size, "%.*s.%s.sheaf-compact", folder,
			       path, path + folder);
	return name;
}

static enum sheaf_status old_open(struct compaction *c, const char *path)
{
	struct source src;
	enum sheaf_status st = sink_open(&c->old_sink, path, c->err);

	if (st == SHEAF_OK)
		st = source_fd(&src, sink_fd(c->old_sink), c->err);
	if (st == SHEAF_OK)
		st = corpus_open(&c->old, src, 0, c->err);
	return st;
}

static enum sheaf_status options_check(const struct sheaf_compact_options *o,
				       struct sheaf_error *err)
{
	if (o->level < 0 || o->level > 22)
		return fail(err, SHEAF_MISUSE, "level: 1 to 22");
	if (o->block_size != 0 &&
	    (o->block_size < BLOCK_LEAST || o->block_size > BLOCK_MAX))
		return fail(err, SHEAF_MISUSE, "block size: 1K to 64M");
	if (o->dictionary_size > DICT_MOST)
		return fail(err, SHEAF_MISUSE, "dictionary size: at most 48M");
	if (o->message.len > MESSAGE_MAX)
		return fail(err, SHEAF_MISUSE, "message: at most 4,096 bytes");
	return SHEAF_OK;
}

enum sheaf_status sheaf_compact(const char *path,
				const struct sheaf_compact_options *options,
				struct sheaf_commit_result *result,
				struct sheaf_error *err)
{
	static const struct sheaf_compact_options defaults;
	struct compaction c = { .options =
					options != NULL ? options : &defaults,
				.err = err };
	struct sink *lock = NULL;
	char *draft = NULL;
	const char *output = c.options->output;
	enum sheaf_status st = options_check(c.options, err);

	if (st == SHEAF_OK)
		st = old_open(&c, path);
	if (st == SHEAF_OK && output == NULL) {
		draft = draft_name(path);
		output = draft;
		if (draft == NULL)
			st = fail_nomem(err);
		else
			(void)unlink(draft); /* of a run that was killed */
	}
	if (st == SHEAF_OK)
		st = flow(&c, output, result);
	lock = c.old_sink;
	compaction_done(&c);
	if (st == SHEAF_OK)
		st = new_check(output, c.options->threads, err);
	if (st == SHEAF_OK && draft != NULL && rename(draft, path) != 0)
		st = fail_io(err, errno, "can't replace the corpus");
	if (st != SHEAF_OK && draft != NULL)
		(void)unlink(draft);
	sink_free(lock);
	free(draft);
	return st;
}
