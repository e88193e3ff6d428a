/*
 * hold.c - an open corpus held against the model as of its commit
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { SEEN_MAX = 120, CENSUS_KEYS = 1500, ANY_KIND = -1 };

static void expect(struct run *r, enum sheaf_status got,
		   enum sheaf_status wanted, const struct sheaf_error *err)
{
	if (got != wanted)
		run_differs(r, "%s instead of %s: %s", sheaf_status_name(got),
			    sheaf_status_name(wanted),
			    got == SHEAF_OK ? "" : err->text);
}

static void same(struct run *r, const char *what, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		run_differs(r, "%s: %llu instead of %llu", what,
			    (unsigned long long)got,
			    (unsigned long long)wanted);
}

const char *hold_name(struct sheaf_str name)
{
	static char texts[2][SEEN_MAX + 5];
	static unsigned int turn;
	char *text = texts[turn++ % 2];
	size_t n = 0;

	for (size_t i = 0; i < name.len && n < SEEN_MAX - 4; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c > ' ' && c < 0x7f && c != '\\')
			text[n++] = (char)c;
		else
			n += (size_t)snprintf(text + n, 5, "\\x%02x", c);
	}
	text[n] = '\0';
	return text;
}

/* --- commits --- */

static void commit_same(struct run *r, const struct sheaf_commit *c, uint64_t k)
{
	const struct model *m = r->m;
	const struct model_commit *w = &m->commits[k - 1];
	unsigned __int128 sum = 0;

	same(r, "commit number", c->number, k);
	same(r, "commit time", (uint64_t)c->time, (uint64_t)w->time);
	if (!model_equal(c->message, w->message))
		run_differs(r, "message of commit %llu", (unsigned long long)k);
	for (int i = 0; i < 16; i++)
		sum = sum << 8 | c->fingerprint[i];
	if (sum != w->fingerprint)
		run_differs(r, "set fingerprint of commit %llu",
			    (unsigned long long)k);
	same(r, "records", c->records, w->live);
	same(r, "articles", c->articles, w->stored);
	same(r, "article bytes", c->article_bytes, w->bytes);
	same(r, "new records", c->new_records, w->new_records);
	same(r, "new articles", c->new_articles, w->new_articles);
	same(r, "new bytes", c->new_bytes, w->new_bytes);
	same(r, "start", c->start, k > m->first ? w[-1].end : 0);
	if (k >= m->first)
		same(r, "end", c->end, w->end);
	if (memcmp(c->id, w->id, sizeof(w->id)) != 0)
		run_differs(r, "id of commit %llu", (unsigned long long)k);
}

void hold_commit(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	r->doing = "commit";
	commit_same(r, sheaf_corpus_commit(c), k);
}

struct log_arg {
	struct run *r;
	uint64_t next;
};

static int log_take(const struct sheaf_commit *c, void *arg)
{
	struct log_arg *l = arg;

	if (l->next == 0)
		run_differs(l->r, "a commit too many");
	commit_same(l->r, c, l->next--);
	return 0;
}

void hold_log(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	struct log_arg l = { r, k };
	struct sheaf_error err;

	r->doing = "log";
	expect(r, sheaf_log(c, log_take, &l, &err), SHEAF_OK, &err);
	same(r, "commits that the log left out", l.next, 0);
}

/* --- records --- */

static bool list_same(const struct sheaf_str *a, size_t n,
		      const struct sheaf_str *b, size_t k)
{
	for (size_t i = 0; n == k && i < n; i++)
		if (!model_equal(a[i], b[i]))
			return false;
	return n == k;
}

static void fields_same(struct run *r, const struct sheaf_fields *f,
			const struct sheaf_fields *w)
{
	if (!model_equal(f->outlet, w->outlet))
		run_differs(r, "outlet");
	if (!model_equal(f->lang, w->lang))
		run_differs(r, "lang");
	if (!list_same(f->categories, f->category_count, w->categories,
		       w->category_count))
		run_differs(r, "categories");
	if (!list_same(f->tags, f->tag_count, w->tags, w->tag_count))
		run_differs(r, "tags");
	if (f->has_date != w->has_date || (f->has_date && f->date != w->date))
		run_differs(r, "date");
}

static void record_same(struct run *r, const struct sheaf_record *got,
			size_t wanted)
{
	const struct model_record *w = &r->m->records[wanted];
	const struct model_article *a = &r->m->articles[w->article];
	uint64_t prefix = 0;

	if (!model_equal(got->name, w->name))
		run_differs(r, "name: %.*s instead of %.*s", (int)got->name.len,
			    got->name.p, (int)w->name.len, w->name.p);
	same(r, "commit of the record", got->commit, w->commit);
	same(r, "mtime", (uint64_t)got->mtime.sec, (uint64_t)w->mtime.sec);
	same(r, "mtime nsec", got->mtime.nsec, w->mtime.nsec);
	same(r, "size", got->size, a->len);
	for (int i = 0; i < 6; i++)
		prefix = prefix << 8 | a->id[i];
	same(r, "id prefix", got->id_prefix, prefix);
	if (got->format.len != strlen(w->format) ||
	    memcmp(got->format.p, w->format, got->format.len) != 0)
		run_differs(r, "format");
	fields_same(r, &got->fields, &w->fields);
}

static void article_same(struct run *r, struct sheaf_corpus *c,
			 struct sheaf_place place, size_t wanted)
{
	const struct model_article *a = &r->m->articles[wanted];
	struct sheaf_bytes out = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_error err;

	expect(r, sheaf_read(c, place, &out, id, &err), SHEAF_OK, &err);
	same(r, "length of the article", out.len, a->len);
	if (a->len != 0 && memcmp(out.p, a->p, a->len) != 0)
		run_differs(r, "bytes of the article");
	if (memcmp(id, a->id, sizeof(id)) != 0)
		run_differs(r, "id of the article");
	sheaf_bytes_done(&out);
}

/* --- lists --- */

struct list_arg {
	struct run *r;
	struct sheaf_corpus *c;
	uint64_t k;
	const struct sheaf_filter *filter;
	size_t next; /* in the model's order */
	size_t read; /* one in so many articles */
};

/* the next record that the model's list has, or MODEL_NONE */
static size_t list_next(struct list_arg *l)
{
	const struct model *m = l->r->m;

	while (l->next < m->record_count) {
		size_t record = m->order[l->next++];

		if (model_takes(m, record, l->k, l->filter))
			return record;
	}
	return MODEL_NONE;
}

static int list_take(const struct sheaf_record *got, void *arg)
{
	struct list_arg *l = arg;
	struct run *r = l->r;
	size_t wanted = list_next(l);

	if (wanted == MODEL_NONE)
		run_differs(r, "too many: %s", hold_name(got->name));
	record_same(r, got, wanted);
	if (got->is_latest != (model_latest(r->m, got->name, l->k) == wanted))
		run_differs(r, "is_latest of %s", hold_name(got->name));
	if (draw_once_in(&r->draw, l->read))
		article_same(r, l->c, got->place,
			     r->m->records[wanted].article);
	return 0;
}

void hold_list(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	struct draw_filter f;
	struct list_arg l = { .r = r, .c = c, .k = k, .read = 50 };
	struct sheaf_error err;
	size_t left;

	r->doing = "list";
	r->reached.lists++;
	draw_filter(&r->draw, &f);
	if (!draw_once_in(&r->draw, 5))
		l.filter = &f.f;
	expect(r, sheaf_list(c, l.filter, list_take, &l, &err), SHEAF_OK, &err);
	left = list_next(&l);
	if (left != MODEL_NONE)
		run_differs(r, "too few: %s is missing",
			    hold_name(r->m->records[left].name));
}

/* --- keys --- */

struct find_arg {
	struct run *r;
	struct sheaf_corpus *c;
	uint64_t k;
	enum sheaf_key_kind kind;
	struct sheaf_str key;
	size_t left; /* records: matches are below it, in the model's order */
	size_t count;
	bool *seen; /* of articles */
};

/* 4 to 32 hex digits that the id begins with */
static bool id_matches(const struct model_article *a, struct sheaf_str key)
{
	char hex[SHEAF_ID_HEX + 1];

	sheaf_id_hex(a->id, hex);
	return key.len >= 4 && key.len <= SHEAF_ID_HEX &&
	       strncasecmp(hex, key.p, key.len) == 0;
}

static bool record_matches(const struct model_record *r,
			   enum sheaf_key_kind kind, struct sheaf_str key)
{
	return key.len != 0 &&
	       model_equal(kind == SHEAF_KEY_NAME ? r->name : r->fields.url,
			   key);
}

static size_t match_count(const struct model *m, uint64_t k,
			  enum sheaf_key_kind kind, struct sheaf_str key)
{
	size_t articles = model_articles_of(m, k);
	size_t records = model_records_of(m, k), n = 0;

	if (kind == SHEAF_KEY_ID)
		for (size_t i = 0; i < articles; i++)
			n += id_matches(&m->articles[i], key) &&
			     !model_gone(m, i, k);
	else
		for (size_t i = 0; i < records; i++)
			n += record_matches(&m->records[i], kind, key) &&
			     !model_gone(m, m->records[i].article, k);
	return n;
}

static void match_id(struct find_arg *f, struct sheaf_place place)
{
	struct sheaf_bytes out = { 0 };
	struct sheaf_error err;
	size_t i;

	expect(f->r, sheaf_read(f->c, place, &out, NULL, &err), SHEAF_OK, &err);
	i = model_article(f->r->m, out.p, out.len);
	if (i == MODEL_NONE || !id_matches(&f->r->m->articles[i], f->key))
		run_differs(f->r, "not an article of this id");
	if (f->seen[i])
		run_differs(f->r, "an article twice");
	f->seen[i] = true;
	sheaf_bytes_done(&out);
}

static void match_record(struct find_arg *f, const struct sheaf_record *got)
{
	const struct model *m = f->r->m;

	while (f->left != 0) {
		size_t record = m->order[--f->left];

		if (m->records[record].commit > f->k ||
		    !record_matches(&m->records[record], f->kind, f->key) ||
		    model_gone(m, m->records[record].article, f->k))
			continue;
		record_same(f->r, got, record);
		article_same(f->r, f->c, got->place,
			     m->records[record].article);
		if (f->kind == SHEAF_KEY_NAME)
			same(f->r, "is_latest", got->is_latest, f->count == 1);
		return;
	}
	run_differs(f->r, "a record too many, or not newest first");
}

static int find_take(enum sheaf_key_kind kind, struct sheaf_place place,
		     const struct sheaf_record *record, void *arg)
{
	struct find_arg *f = arg;

	same(f->r, "kind of key", kind, f->kind);
	f->count++;
	if (kind == SHEAF_KEY_ID) {
		match_id(f, place);
		return 0;
	}
	if (record == NULL)
		run_differs(f->r, "a match without a record");
	if (record->place.block != place.block ||
	    record->place.slot != place.slot)
		run_differs(f->r, "a match elsewhere than its record");
	match_record(f, record);
	return 0;
}

/* ANY_KIND: whichever gives anything first */
static void find_as(struct run *r, struct sheaf_corpus *c, uint64_t k, int kind,
		    struct sheaf_str key)
{
	struct find_arg f = { .r = r, .c = c, .k = k, .key = key };
	size_t wanted = 0;
	struct sheaf_error err;
	enum sheaf_status st;

	r->reached.finds++;
	f.left = r->m->record_count;
	f.seen = calloc(r->m->article_count + 1, sizeof(*f.seen));
	if (f.seen == NULL)
		abort();
	if (kind != ANY_KIND) {
		f.kind = (enum sheaf_key_kind)kind;
		wanted = match_count(r->m, k, f.kind, key);
		st = sheaf_find_kind(c, f.kind, key, find_take, &f, &err);
	} else {
		for (kind = SHEAF_KEY_ID; kind <= SHEAF_KEY_URL && wanted == 0;
		     kind++) {
			f.kind = (enum sheaf_key_kind)kind;
			wanted = match_count(r->m, k, f.kind, key);
		}
		st = sheaf_find(c, key, find_take, &f, &err);
	}
	expect(r, st, wanted == 0 ? SHEAF_NOT_FOUND : SHEAF_OK, &err);
	same(r, "matches", f.count, wanted);
	free(f.seen);
}

void hold_find(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	struct draw *d = &r->draw;
	const struct model *m = r->m;
	char hex[SHEAF_ID_HEX + 1];
	struct sheaf_str key = { hex, 0 };

	r->doing = "find";
	if (m->record_count == 0)
		return;
	switch (draw_below(d, 8)) {
	case 0: /* most likely absent */
		key.len = 1 + draw_below(d, SHEAF_ID_HEX);
		memset(hex, '5', sizeof(hex));
		break;
	case 1:
	case 2:
	case 3: /* an id, or a prefix, of few digits for ambiguous ones */
		sheaf_id_hex(m->articles[draw_below(d, m->article_count)].id,
			     hex);
		key.len = 3 + draw_below(d, draw_once_in(d, 2) ? 3 : 30);
		if (draw_once_in(d, 4))
			for (size_t i = 0; i < key.len; i++)
				hex[i] = (char)(hex[i] >= 'a' ? hex[i] - 32 :
								hex[i]);
		break;
	case 4:
	case 5:
		key = m->records[draw_below(d, m->record_count)].fields.url;
		break;
	default:
		key = m->records[draw_below(d, m->record_count)].name;
	}
	find_as(r, c, k, draw_once_in(d, 2) ? ANY_KIND : (int)draw_below(d, 3),
		key);
}

void hold_get(struct run *r, struct sheaf_corpus *c, uint64_t k)
{
	struct draw *d = &r->draw;
	const struct model *m = r->m;
	size_t i;
	struct sheaf_bytes out = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_error err;
	bool shown;

	r->doing = "get";
	r->reached.gets++;
	draw_bytes(d, id, sizeof(id));
	expect(r, sheaf_get(c, id, &out, &err), SHEAF_NOT_FOUND, &err);
	if (m->article_count == 0)
		return;
	i = draw_below(d, m->article_count);
	memcpy(id, m->articles[i].id, sizeof(id));
	shown = m->articles[i].commit <= k && !model_gone(m, i, k);
	/* the same bytes may have come again, or others under this id */
	if (m->articles[i].erased != 0)
		return;
	expect(r, sheaf_get(c, id, &out, &err),
	       shown ? SHEAF_OK : SHEAF_NOT_FOUND, &err);
	if (shown &&
	    (out.len != m->articles[i].len ||
	     (out.len != 0 && memcmp(out.p, m->articles[i].p, out.len) != 0)))
		run_differs(r, "other bytes than were added");
	sheaf_bytes_done(&out);
}

void hold_census(struct run *r, struct sheaf_corpus *c)
{
	const struct model *m = r->m;
	struct sheaf_bytes out = { 0 };
	struct sheaf_error err;

	r->doing = "census";
	for (size_t i = 0; i < m->article_count; i++) {
		const struct model_article *a = &m->articles[i];
		bool gone = model_gone(m, i, m->commit_count);

		if (a->erased != 0)
			continue;
		expect(r, sheaf_get(c, a->id, &out, &err),
		       gone ? SHEAF_NOT_FOUND : SHEAF_OK, &err);
		if (gone)
			continue;
		if (out.len != a->len ||
		    (a->len != 0 && memcmp(out.p, a->p, a->len) != 0))
			run_differs(r, "other bytes than were added");
	}
	sheaf_bytes_done(&out);
	for (size_t i = 0; m->record_count != 0 && i < CENSUS_KEYS; i++) {
		const struct model_record *w =
			&m->records[draw_below(&r->draw, m->record_count)];

		find_as(r, c, m->commit_count, SHEAF_KEY_NAME, w->name);
		if (w->fields.url.len != 0)
			find_as(r, c, m->commit_count, SHEAF_KEY_URL,
				w->fields.url);
	}
}

void hold_layers(struct run *r, struct sheaf_corpus *c)
{
	struct sheaf_info info;
	struct sheaf_error err;

	r->doing = "info";
	expect(r, sheaf_info_read(c, &info, &err), SHEAF_OK, &err);
	same(r, "file", info.file, sheaf_corpus_commit(c)->end);
	if (info.layers > 8)
		run_differs(r, "%u layers", info.layers);
	same(r, "parts",
	     info.blocks + info.dictionaries + info.headers + info.records +
			     info.names + info.indexes + info.strings +
			     info.trees + info.footers + info.dead <=
		     info.file,
	     true);
	if (info.layers > r->reached.most_layers)
		r->reached.most_layers = info.layers;
	r->reached.merges += info.layers < r->reached.layers;
	r->reached.layers = info.layers;
}
