/*
 * past.c - the commits of a corpus, as the history of a new one
 *
 * For whoever writes a corpus anew (carry.c): the new file has one footer, and
 * the commits before it in a history table [S-37].
 */
#include "pack/past.h"

#include <stdlib.h>
#include <string.h>

enum sheaf_status past_walk(struct sheaf_corpus *c, past_fn *fn, void *arg,
			    struct sheaf_error *err)
{
	struct footer *f = malloc(sizeof(*f));
	struct buf offsets = { 0 };
	enum sheaf_status st = f == NULL ? fail_nomem(err) : SHEAF_OK;

	if (st == SHEAF_OK)
		memcpy(f, &c->footer, sizeof(*f));
	while (st == SHEAF_OK) {
		buf_bytes(&offsets, &f->offset, sizeof(f->offset));
		if (f->previous == 0)
			break;
		st = chain_previous(&c->view, f, f, err);
	}
	if (st == SHEAF_OK && offsets.bad)
		st = fail_nomem(err);
	for (size_t n = offsets.len / sizeof(uint64_t), i = n;
	     st == SHEAF_OK && i-- != 0;) {
		uint64_t at;

		memcpy(&at, offsets.p + i * sizeof(at), sizeof(at));
		st = chain_read(&c->view, at, c->footer.commit - i, f, err);
		if (st == SHEAF_OK)
			st = fn(f, arg, err);
	}
	buf_done(&offsets);
	free(f);
	return st;
}

static enum sheaf_status message_keep(struct arena *messages,
				      struct sheaf_str *s,
				      struct sheaf_error *err)
{
	s->p = arena_copy(messages, s->p, s->len);
	return s->p != NULL ? SHEAF_OK : fail_nomem(err);
}

enum sheaf_status past_commit(struct past_commit *out, const struct footer *f,
			      struct arena *messages, struct sheaf_error *err)
{
	memset(out, 0, sizeof(*out));
	out->time = f->time;
	memcpy(out->id, f->id, sizeof(out->id));
	memcpy(out->fingerprint, f->fingerprint, sizeof(out->fingerprint));
	out->live = f->live;
	out->articles = f->articles;
	out->article_bytes = f->article_bytes;
	out->new_records = f->new_records;
	out->new_articles = f->new_articles;
	out->new_bytes = f->new_bytes;
	out->message.p = f->message;
	out->message.len = f->message_len;
	return message_keep(messages, &out->message, err);
}

struct past {
	struct arena *messages;
	struct history *out;
};

static enum sheaf_status footer_take(const struct footer *f, void *arg,
				     struct sheaf_error *err)
{
	struct past *past = arg;

	if (f->commit > past->out->count) /* of a handle as of its history */
		return SHEAF_OK;
	return past_commit(&past->out->commits[f->commit - 1], f,
			   past->messages, err);
}

enum sheaf_status past_history(struct sheaf_corpus *c, struct arena *messages,
			       struct history *out, struct sheaf_error *err)
{
	struct past past = { messages, out };
	size_t n = (size_t)c->commit.number;
	struct history before;
	enum sheaf_status st = corpus_history(c, &before, err);

	memset(out, 0, sizeof(*out));
	if (st != SHEAF_OK)
		return st;
	out->commits = calloc(n, sizeof(*out->commits));
	out->count = n;
	if (out->commits == NULL)
		st = fail_nomem(err);
	for (size_t i = 0; st == SHEAF_OK && i < before.count && i < n; i++) {
		out->commits[i] = before.commits[i];
		st = message_keep(messages, &out->commits[i].message, err);
	}
	history_done(&before);
	return st == SHEAF_OK ? past_walk(c, footer_take, &past, err) : st;
}
