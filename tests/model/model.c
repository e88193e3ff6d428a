/*
 * model.c - what a corpus has to hold, in plain arrays
 *
 * Written from the specification and the public headers.
 */
#include "model.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void *model_alloc(size_t size)
{
	void *p = malloc(size != 0 ? size : 1);

	if (p == NULL) {
		fprintf(stderr, "model: out of memory\n");
		abort();
	}
	return p;
}

/* room for one more */
static void *grown(void *p, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return p;
	*cap = *cap != 0 ? *cap * 2 : 256;
	p = realloc(p, *cap * size);
	if (p == NULL) {
		fprintf(stderr, "model: out of memory\n");
		abort();
	}
	return p;
}

struct model *model_new(void)
{
	struct model *m = model_alloc(sizeof(*m));

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < MODEL_BUCKETS; i++) {
		m->article_heads[i] = MODEL_NONE;
		m->name_heads[i] = MODEL_NONE;
	}
	return m;
}

void model_free(struct model *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->kept_count; i++)
		free(m->kept[i]);
	free(m->kept);
	free(m->articles);
	free(m->records);
	free(m->order);
	free(m->commits);
	free(m->removals);
	free(m);
}

static void *keep(struct model *m, const void *p, size_t len)
{
	void *copy = model_alloc(len);

	m->kept = grown(m->kept, m->kept_count, &m->kept_cap, sizeof(void *));
	m->kept[m->kept_count++] = copy;
	if (len != 0)
		memcpy(copy, p, len);
	return copy;
}

struct sheaf_str model_keep(struct model *m, const void *p, size_t len)
{
	return (struct sheaf_str){ keep(m, p, len), len };
}

static const struct sheaf_str *
keep_list(struct model *m, const struct sheaf_str *list, size_t count)
{
	struct sheaf_str *copy = keep(m, list, count * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		copy[i] = model_keep(m, list[i].p, list[i].len);
	return copy;
}

bool model_equal(struct sheaf_str a, struct sheaf_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

size_t model_records_of(const struct model *m, uint64_t commit)
{
	return commit == 0 ? 0 : m->commits[commit - 1].records;
}

size_t model_articles_of(const struct model *m, uint64_t commit)
{
	return commit == 0 ? 0 : m->commits[commit - 1].articles;
}

static void id_of(const void *p, size_t len, uint32_t seed,
		  uint8_t id[SHEAF_ID_SIZE])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical,
				 XXH3_128bits_withSeed(p, len, seed));
	memcpy(id, canonical.digest, SHEAF_ID_SIZE);
}

static size_t bucket_of_id(const uint8_t id[SHEAF_ID_SIZE])
{
	return (size_t)id[14] << 8 | id[15];
}

static size_t bucket_of_name(struct sheaf_str name)
{
	return (size_t)(XXH64(name.p, name.len, 7) % MODEL_BUCKETS);
}

static bool same_bytes(const struct model_article *a, const void *p, size_t len)
{
	return a->len == len && (len == 0 || memcmp(a->p, p, len) == 0);
}

size_t model_article(const struct model *m, const void *p, size_t len)
{
	uint8_t plain[SHEAF_ID_SIZE];
	size_t i;

	id_of(p, len, 0, plain);
	for (i = m->article_heads[bucket_of_id(plain)]; i != MODEL_NONE;
	     i = m->articles[i].next)
		if (m->articles[i].erased == 0 &&
		    same_bytes(&m->articles[i], p, len))
			break;
	return i;
}

/* the lowest seed whose id no other article has [S-16]; what collides under
 * another seed collides under seed 0, in the same bucket */
static uint32_t seed_of(const struct model *m, const void *p, size_t len,
			const uint8_t plain[SHEAF_ID_SIZE],
			uint8_t id[SHEAF_ID_SIZE])
{
	for (uint32_t seed = 0;; seed++) {
		bool taken = false;

		id_of(p, len, seed, id);
		for (size_t i = m->article_heads[bucket_of_id(plain)];
		     i != MODEL_NONE; i = m->articles[i].next)
			taken |= m->articles[i].erased == 0 &&
				 memcmp(m->articles[i].id, id, SHEAF_ID_SIZE) ==
					 0;
		if (!taken)
			return seed;
	}
}

static size_t article_put(struct model *m, const struct sheaf_article *a)
{
	struct model_article *out;
	size_t *head;

	m->articles = grown(m->articles, m->article_count, &m->article_cap,
			    sizeof(*m->articles));
	out = &m->articles[m->article_count];
	out->p = keep(m, a->bytes, a->len);
	out->len = a->len;
	id_of(a->bytes, a->len, 0, out->plain);
	out->seed = seed_of(m, out->p, out->len, out->plain, out->id);
	out->url = model_keep(m, a->fields->url.p, a->fields->url.len);
	out->format = a->format;
	out->commit = m->commit_count + 1;
	out->erased = 0;
	head = &m->article_heads[bucket_of_id(out->plain)];
	out->next = *head;
	*head = m->article_count;
	return m->article_count++;
}

static void record_put(struct model *m, const struct sheaf_article *a,
		       size_t article)
{
	struct model_record *r;
	struct sheaf_fields *f;
	size_t *head = &m->name_heads[bucket_of_name(a->name)];

	m->records = grown(m->records, m->record_count, &m->record_cap,
			   sizeof(*m->records));
	r = &m->records[m->record_count];
	r->name = model_keep(m, a->name.p, a->name.len);
	r->mtime = a->mtime;
	r->format = a->format;
	r->article = article;
	r->commit = m->commit_count + 1;
	r->fields = *a->fields;
	f = &r->fields;
	f->outlet = model_keep(m, f->outlet.p, f->outlet.len);
	f->lang = model_keep(m, f->lang.p, f->lang.len);
	f->url = m->articles[article].url;
	f->categories = keep_list(m, f->categories, f->category_count);
	f->tags = keep_list(m, f->tags, f->tag_count);
	r->next = *head;
	*head = m->record_count++;
}

size_t model_latest(const struct model *m, struct sheaf_str name,
		    uint64_t commit)
{
	size_t i;

	for (i = m->name_heads[bucket_of_name(name)]; i != MODEL_NONE;
	     i = m->records[i].next)
		if (m->records[i].commit <= commit &&
		    !model_gone(m, m->records[i].article, commit) &&
		    model_equal(m->records[i].name, name))
			break;
	return i;
}

enum sheaf_added model_add(struct model *m, const struct sheaf_article *a,
			   bool take_back)
{
	size_t article = model_article(m, a->bytes, a->len), latest;
	enum sheaf_added added = SHEAF_ADDED_COPY;
	uint8_t id[SHEAF_ID_SIZE], plain[SHEAF_ID_SIZE];

	id_of(a->bytes, a->len, 0, plain);
	if (article != MODEL_NONE)
		memcpy(id, m->articles[article].id, sizeof(id));
	else
		seed_of(m, a->bytes, a->len, plain, id);
	if (model_removed(m, id, UINT64_MAX)) {
		if (!take_back)
			return SHEAF_ADDED_REFUSED;
		model_take_back(m, id);
	}
	latest = model_latest(m, a->name, UINT64_MAX);
	if (article != MODEL_NONE && latest != MODEL_NONE &&
	    m->records[latest].article == article)
		return SHEAF_ADDED_KNOWN;
	if (article == MODEL_NONE) {
		article = article_put(m, a);
		added = latest == MODEL_NONE ? SHEAF_ADDED_NEW :
					       SHEAF_ADDED_VERSION;
	}
	record_put(m, a, article);
	return added;
}

static int by_name(const void *x, const void *y, void *arg)
{
	const struct model *m = arg;
	size_t a = *(const size_t *)x, b = *(const size_t *)y;
	struct sheaf_str n = m->records[a].name, o = m->records[b].name;
	int c = memcmp(n.p, o.p, n.len < o.len ? n.len : o.len);

	if (c == 0 && n.len != o.len)
		c = n.len < o.len ? -1 : 1;
	return c != 0 ? c : a < b ? -1 : 1;
}

void model_sort(const struct model *m, size_t *records, size_t count)
{
	if (count != 0)
		qsort_r(records, count, sizeof(*records), by_name, (void *)m);
}

/* XXH3-128 of the id and the name [S-30] */
static unsigned __int128 fingerprint_of(const struct model *m, size_t record)
{
	const struct model_record *r = &m->records[record];
	uint8_t *text = model_alloc(SHEAF_ID_SIZE + r->name.len);
	XXH128_hash_t h;

	memcpy(text, m->articles[r->article].id, SHEAF_ID_SIZE);
	memcpy(text + SHEAF_ID_SIZE, r->name.p, r->name.len);
	h = XXH3_128bits(text, SHEAF_ID_SIZE + r->name.len);
	free(text);
	return (unsigned __int128)h.high64 << 64 | h.low64;
}

/* what can be seen, in all, as of the last commit */
static void live_count(const struct model *m, struct model_commit *c)
{
	c->live = 0;
	c->fingerprint = 0;
	for (size_t i = 0; i < m->record_count; i++) {
		if (model_gone(m, m->records[i].article, m->commit_count))
			continue;
		c->live++;
		c->fingerprint += m->records[i].print;
	}
}

void model_stored(const struct model *m, size_t *records, size_t *articles,
		  uint64_t *bytes)
{
	*records = *articles = 0;
	*bytes = 0;
	for (size_t i = 0; i < m->article_count; i++)
		if (m->articles[i].erased == 0) {
			++*articles;
			*bytes += m->articles[i].len;
		}
	for (size_t i = 0; i < m->record_count; i++)
		*records += m->articles[m->records[i].article].erased == 0;
}

struct model_commit *model_commit(struct model *m)
{
	uint64_t k = m->commit_count;
	size_t records = model_records_of(m, k), stored_records, stored;
	size_t articles = model_articles_of(m, k);
	struct model_commit *c;

	m->commits = grown(m->commits, m->commit_count, &m->commit_cap,
			   sizeof(*m->commits));
	c = &m->commits[m->commit_count++];
	memset(c, 0, sizeof(*c));
	c->records = m->record_count;
	c->articles = m->article_count;
	c->new_records = m->record_count - records;
	c->new_articles = m->article_count - articles;
	for (size_t i = articles; i < m->article_count; i++)
		c->new_bytes += m->articles[i].len;
	for (size_t i = records; i < m->record_count; i++) {
		m->order = grown(m->order, i, &m->order_cap, sizeof(*m->order));
		m->order[i] = i;
		m->records[i].print = fingerprint_of(m, i);
	}
	if (m->record_count > records)
		model_sort(m, m->order + records, m->record_count - records);
	model_stored(m, &stored_records, &stored, &c->bytes);
	c->stored = stored;
	if (m->first == 0)
		m->first = 1;
	live_count(m, c);
	return c;
}

void model_drop(struct model *m)
{
	size_t records = model_records_of(m, m->commit_count);
	size_t articles = model_articles_of(m, m->commit_count);

	while (m->record_count > records) {
		struct model_record *r = &m->records[--m->record_count];

		m->name_heads[bucket_of_name(r->name)] = r->next;
	}
	while (m->article_count > articles) {
		struct model_article *a = &m->articles[--m->article_count];

		m->article_heads[bucket_of_id(a->plain)] = a->next;
	}
	for (size_t i = m->removal_count; i-- != 0;) {
		if (m->removals[i].from > m->commit_count)
			m->removals[i] = m->removals[--m->removal_count];
		else if (m->removals[i].back > m->commit_count)
			m->removals[i].back = 0;
	}
}

/* --- what was taken down --- */

bool model_removed(const struct model *m, const uint8_t id[SHEAF_ID_SIZE],
		   uint64_t commit)
{
	for (size_t i = 0; i < m->removal_count; i++) {
		const struct model_removal *r = &m->removals[i];

		if (r->from <= commit && (r->back == 0 || r->back > commit) &&
		    memcmp(r->id, id, sizeof(r->id)) == 0)
			return true;
	}
	return false;
}

size_t model_removed_count(const struct model *m, uint64_t commit)
{
	size_t n = 0;

	for (size_t i = 0; i < m->removal_count; i++)
		n += m->removals[i].from <= commit &&
		     (m->removals[i].back == 0 || m->removals[i].back > commit);
	return n;
}

bool model_gone(const struct model *m, size_t article, uint64_t commit)
{
	const struct model_article *a = &m->articles[article];

	return a->erased != 0 || model_removed(m, a->id, commit);
}

bool model_remove(struct model *m, const uint8_t id[SHEAF_ID_SIZE])
{
	struct model_removal *r;

	if (model_removed(m, id, UINT64_MAX))
		return false;
	m->removals = grown(m->removals, m->removal_count, &m->removal_cap,
			    sizeof(*m->removals));
	r = &m->removals[m->removal_count++];
	memcpy(r->id, id, sizeof(r->id));
	r->from = m->commit_count + 1;
	r->back = 0;
	return true;
}

bool model_take_back(struct model *m, const uint8_t id[SHEAF_ID_SIZE])
{
	for (size_t i = 0; i < m->removal_count; i++) {
		struct model_removal *r = &m->removals[i];

		if (r->back == 0 && memcmp(r->id, id, sizeof(r->id)) == 0) {
			r->back = m->commit_count + 1;
			return true;
		}
	}
	return false;
}

struct model_commit *model_rewrite(struct model *m, const bool *erase)
{
	struct model_commit *c;
	size_t records, articles;

	for (size_t i = 0; erase != NULL && i < m->article_count; i++)
		if (erase[i])
			m->articles[i].erased = m->commit_count + 1;
	c = model_commit(m);
	m->first = m->commit_count;
	model_stored(m, &records, &articles, &c->new_bytes);
	c->new_records = records;
	c->new_articles = articles;
	/* one segment: by name, then as they came */
	model_sort(m, m->order, m->record_count);
	/* the one list of the new file has only what is removed now */
	for (size_t i = m->removal_count; i-- != 0;)
		if (m->removals[i].back != 0)
			m->removals[i] = m->removals[--m->removal_count];
	return c;
}

static bool any_of(const struct sheaf_str *wanted, size_t count,
		   const struct sheaf_str *have, size_t have_count)
{
	bool found = count == 0;

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < have_count; k++)
			found |= model_equal(wanted[i], have[k]);
	return found;
}

static bool starts(struct sheaf_str s, struct sheaf_str start)
{
	return s.len >= start.len &&
	       (start.len == 0 || memcmp(s.p, start.p, start.len) == 0);
}

static bool any_lang(const struct sheaf_filter *f, struct sheaf_str lang)
{
	bool found = f->lang_count == 0;

	for (size_t i = 0; i < f->lang_count; i++) {
		struct sheaf_str part = lang;

		/* the primary part, or all of it */
		found |= model_equal(lang, f->langs[i]);
		for (part.len = 0; part.len < lang.len; part.len++)
			if (lang.p[part.len] == '-' || lang.p[part.len] == '_')
				found |= model_equal(part, f->langs[i]);
	}
	return found;
}

static bool any_glob(const struct sheaf_filter *f, struct sheaf_str name)
{
	bool found = f->name_glob_count == 0;
	char *text = model_alloc(name.len + 1);

	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	for (size_t i = 0; i < f->name_glob_count; i++)
		found |= fnmatch(f->name_globs[i], text, 0) == 0;
	free(text);
	return found;
}

/* an article without a url has its name's, if that is one */
static bool any_url(const struct sheaf_filter *f, struct sheaf_str url,
		    struct sheaf_str name)
{
	bool found = f->url_prefix_count == 0;

	if (url.len == 0 && (starts(name, (struct sheaf_str){ "http://", 7 }) ||
			     starts(name, (struct sheaf_str){ "https://", 8 })))
		url = name;

	for (size_t i = 0; i < f->url_prefix_count; i++)
		found |= url.len != 0 && starts(url, f->url_prefixes[i]);
	return found;
}

bool model_takes(const struct model *m, size_t record, uint64_t commit,
		 const struct sheaf_filter *filter)
{
	static const struct sheaf_filter all;
	const struct sheaf_filter *f = filter != NULL ? filter : &all;
	const struct model_record *r = &m->records[record];
	const struct sheaf_fields *has = &r->fields;
	int64_t when = has->has_date ? has->date : r->mtime.sec;

	if (r->commit > commit || model_gone(m, r->article, commit))
		return false;
	if (!f->all_versions && model_latest(m, r->name, commit) != record)
		return false;
	return (!f->has_since || when >= f->since) &&
	       (!f->has_until || when < f->until) &&
	       any_of(f->outlets, f->outlet_count, &has->outlet, 1) &&
	       any_lang(f, has->lang) &&
	       any_of(f->categories, f->category_count, has->categories,
		      has->category_count) &&
	       any_of(f->tags, f->tag_count, has->tags, has->tag_count) &&
	       any_glob(f, r->name) && any_url(f, has->url, r->name);
}
