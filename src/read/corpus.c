/*
 * corpus.c - open a corpus: from the newest footer to a handle that answers
 *
 * Opening reads the end of the file, the footer's small tables and the tail;
 * indexes, strings, record pages and dictionaries follow when they are first
 * needed.
 */
#include "read/corpus.h"

#include <stdlib.h>
#include <string.h>

#include "formats/sheaf/limits.h"
#include "read/gone.h"
#include "read/places.h"

void corpus_commit_of(const struct footer *f, struct sheaf_commit *out)
{
	memset(out, 0, sizeof(*out));
	out->number = f->commit;
	out->time = f->time;
	memcpy(out->id, f->id, sizeof(out->id));
	memcpy(out->fingerprint, f->fingerprint, sizeof(out->fingerprint));
	out->records = f->live;
	out->articles = f->articles;
	out->article_bytes = f->article_bytes;
	out->new_records = f->new_records;
	out->new_articles = f->new_articles;
	out->new_bytes = f->new_bytes;
	out->start = f->start;
	out->end = f->offset + f->size;
	out->message.p = f->message;
	out->message.len = f->message_len;
}

static enum sheaf_status removed_read(struct sheaf_corpus *c,
				      struct sheaf_error *err)
{
	struct buf in = { 0 };
	enum sheaf_status st;

	if (c->footer.removed == 0)
		return SHEAF_OK;
	st = view_frame(&c->view, c->footer.removed, FRAME_REMOVED,
			REMOVED_FRAME_MAX, &in, err);
	if (st == SHEAF_OK)
		st = removed_get(in.p, in.len, c->footer.removed, &c->removed,
				 err);
	buf_done(&in);
	return st;
}

enum sheaf_status corpus_history(const struct sheaf_corpus *c,
				 struct history *out, struct sheaf_error *err)
{
	uint64_t offset = c->footer.history;
	struct buf in = { 0 };
	enum sheaf_status st;

	memset(out, 0, sizeof(*out));
	if (offset == 0)
		return SHEAF_OK;
	st = view_frame(&c->view, offset, FRAME_HISTORY, HISTORY_MAX + 1024,
			&in, err);
	if (st == SHEAF_OK)
		st = history_get(in.p, in.len, offset, out, err);
	buf_done(&in);
	return st;
}

/* a commit of the history as the public struct; the message is borrowed */
static void past_commit_of(const struct history *h, uint64_t number,
			   uint64_t end, struct sheaf_commit *out)
{
	const struct past_commit *p = &h->commits[number - 1];

	memset(out, 0, sizeof(*out));
	out->number = number;
	out->time = p->time;
	memcpy(out->id, p->id, sizeof(out->id));
	memcpy(out->fingerprint, p->fingerprint, sizeof(out->fingerprint));
	out->records = p->live;
	out->articles = p->articles;
	out->article_bytes = p->article_bytes;
	out->new_records = p->new_records;
	out->new_articles = p->new_articles;
	out->new_bytes = p->new_bytes;
	out->end = end;
	out->message = p->message;
}

/* the footer of the commit that is to be shown */
static enum sheaf_status footer_find(struct sheaf_corpus *c, uint64_t as_of,
				     struct sheaf_error *err)
{
	enum sheaf_status st;

	st = source_size(&c->src, &c->file_size, err);
	if (st == SHEAF_OK && c->file_size > FILE_MAX)
		st = fail(err, SHEAF_LIMIT, "larger than 16 TiB");
	if (st == SHEAF_OK)
		st = chain_newest(&c->src, c->file_size, &c->footer, err);
	if (st != SHEAF_OK)
		return st;
	c->view.src = c->src;
	c->view.end = c->footer.offset + c->footer.size;
	if (as_of == 0) {
		c->torn = c->file_size - c->view.end;
		return SHEAF_OK;
	}
	if (as_of > c->footer.commit)
		return fail(err, SHEAF_NOT_FOUND,
			    "has no commit %llu, the newest is %llu",
			    (unsigned long long)as_of,
			    (unsigned long long)c->footer.commit);
	st = chain_find(&c->view, &c->footer, as_of, &c->footer, err);
	if (st != SHEAF_OK)
		return st;
	c->view.end = c->footer.offset + c->footer.size;
	if (c->footer.commit == as_of)
		return SHEAF_OK;
	/* a compaction has that commit's records, but not its bytes [S-39] */
	c->as_of = as_of;
	return corpus_history(c, &c->history, err);
}

enum sheaf_status corpus_open(struct sheaf_corpus **out, struct source src,
			      uint64_t as_of, struct sheaf_error *err)
{
	struct sheaf_corpus *c = calloc(1, sizeof(*c));
	enum sheaf_status st;

	*out = NULL;
	if (c == NULL) {
		source_done(&src);
		return fail_nomem(err);
	}
	c->src = src;
	st = footer_find(c, as_of, err);
	if (st == SHEAF_OK)
		st = blocks_new(&c->blocks, &c->view, err);
	if (st == SHEAF_OK)
		st = pages_new(&c->pages, &c->view, err);
	if (st == SHEAF_OK)
		st = indexes_new(&c->indexes, &c->view, &c->footer, err);
	if (st == SHEAF_OK)
		st = tail_read(&c->tail, &c->view, c->pages, &c->footer, err);
	if (st == SHEAF_OK)
		st = removed_read(c, err);
	if (st != SHEAF_OK) {
		sheaf_close(c);
		return st;
	}
	if (c->as_of == 0)
		corpus_commit_of(&c->footer, &c->commit);
	else if (c->as_of <= c->history.count)
		past_commit_of(&c->history, c->as_of, c->view.end, &c->commit);
	else
		st = fail(err, SHEAF_CORRUPT, "history: lacks commit %llu",
			  (unsigned long long)c->as_of);
	if (st != SHEAF_OK) {
		sheaf_close(c);
		return st;
	}
	*out = c;
	return SHEAF_OK;
}

enum sheaf_status sheaf_open(struct sheaf_corpus **out, const char *path,
			     const struct sheaf_open_options *options,
			     struct sheaf_error *err)
{
	struct source src;
	enum sheaf_status st;

	*out = NULL;
	st = source_file(&src, path, err);
	if (st != SHEAF_OK)
		return st;
	return corpus_open(out, src, options != NULL ? options->as_of : 0, err);
}

enum sheaf_status sheaf_open_memory(struct sheaf_corpus **out,
				    const void *bytes, size_t len,
				    const struct sheaf_open_options *options,
				    struct sheaf_error *err)
{
	struct source src;
	enum sheaf_status st;

	*out = NULL;
	st = source_memory(&src, bytes, len, err);
	if (st != SHEAF_OK)
		return st;
	return corpus_open(out, src, options != NULL ? options->as_of : 0, err);
}

void sheaf_close(struct sheaf_corpus *c)
{
	struct codes *codes;

	if (c == NULL)
		return;
	codes = atomic_load(&c->codes);
	if (codes != NULL)
		codes_done(codes);
	free(codes);
	places_free(atomic_load(&c->places));
	gone_free(atomic_load(&c->gone));
	history_done(&c->history);
	removed_done(&c->removed);
	tail_done(&c->tail);
	indexes_free(c->indexes);
	pages_free(c->pages);
	blocks_free(c->blocks);
	source_done(&c->src);
	free(c);
}

const struct sheaf_commit *sheaf_corpus_commit(const struct sheaf_corpus *c)
{
	return &c->commit;
}

uint64_t sheaf_torn_bytes(const struct sheaf_corpus *c)
{
	return c->torn;
}

enum sheaf_status corpus_codes(struct sheaf_corpus *c, const struct codes **out,
			       struct sheaf_error *err)
{
	struct codes *codes = atomic_load(&c->codes);
	struct codes *none = NULL;
	enum sheaf_status st;

	*out = codes;
	if (codes != NULL)
		return SHEAF_OK;
	codes = calloc(1, sizeof(*codes));
	if (codes == NULL)
		return fail_nomem(err);
	st = codes_read(codes, &c->view, &c->footer, err);
	if (st == SHEAF_OK &&
	    !atomic_compare_exchange_strong(&c->codes, &none, codes)) {
		codes_done(codes);
		free(codes);
		codes = none;
	} else if (st != SHEAF_OK) {
		free(codes);
		codes = NULL;
	}
	*out = codes;
	return st;
}

enum sheaf_status corpus_lookup(struct sheaf_corpus *c, enum index_which which,
				uint64_t key, unsigned int bits, struct hits *h,
				struct sheaf_error *err)
{
	enum sheaf_status st;

	st = indexes_find(c->indexes, which, key, bits, h, err);
	if (st == SHEAF_OK)
		st = tail_find(&c->tail, which, key, bits, h, err);
	return st;
}

/* the commits before the first footer, newest first */
static enum sheaf_status log_history(struct sheaf_corpus *c, uint64_t newest,
				     sheaf_commit_fn *fn, void *arg,
				     struct sheaf_error *err)
{
	struct history h;
	struct sheaf_commit commit;
	enum sheaf_status st = corpus_history(c, &h, err);

	if (st == SHEAF_OK && newest > h.count)
		st = fail(err, SHEAF_CORRUPT, "history: too short");
	for (uint64_t k = newest; k != 0 && st == SHEAF_OK; k--) {
		past_commit_of(&h, k, c->view.end, &commit);
		if (fn(&commit, arg) != 0)
			st = fail(err, SHEAF_CANCELLED, "stopped");
	}
	history_done(&h);
	return st;
}

enum sheaf_status sheaf_log(struct sheaf_corpus *c, sheaf_commit_fn *fn,
			    void *arg, struct sheaf_error *err)
{
	struct footer *f = malloc(sizeof(*f));
	struct sheaf_commit commit;
	enum sheaf_status st = SHEAF_OK;

	if (f == NULL)
		return fail_nomem(err);
	memcpy(f, &c->footer, sizeof(*f));
	while (c->as_of == 0) {
		corpus_commit_of(f, &commit);
		if (fn(&commit, arg) != 0)
			st = fail(err, SHEAF_CANCELLED, "stopped");
		if (st != SHEAF_OK || f->previous == 0)
			break;
		st = chain_previous(&c->view, f, f, err);
		if (st != SHEAF_OK)
			break;
	}
	if (st == SHEAF_OK && (c->as_of != 0 || f->commit > 1))
		st = log_history(c, c->as_of != 0 ? c->as_of : f->commit - 1,
				 fn, arg, err);
	free(f);
	return st;
}
