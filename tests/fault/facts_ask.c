/*
 * facts_ask.c - ask a corpus in every way that there is, and judge the answers
 */
#include "fault/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/hash.h"

#define SEEDS_TRIED 4

/* what one run of questions needs */
struct asking {
	const struct facts *facts;
	struct sheaf_corpus *corpus;
	unsigned int how;
	struct answers *out;
	struct sheaf_bytes bytes;
	const struct fact *about; /* for a find: the fact asked for */
	bool came;		  /* and whether it was among the answers */
	uint64_t last_commit;	  /* of the log */
};

static bool bytes_are(const struct fact *f, const struct sheaf_bytes *b)
{
	return f->len == b->len &&
	       (b->len == 0 || memcmp(f->bytes, b->p, b->len) == 0);
}

static bool name_is(const struct fact *f, struct sheaf_str name)
{
	return f->name.len == name.len &&
	       memcmp(f->name.p, name.p, name.len) == 0;
}

/* is @id that of the bytes, under one of the first seeds */
static bool id_fits(const struct sheaf_bytes *b,
		    const uint8_t id[SHEAF_ID_SIZE])
{
	uint8_t real[SHEAF_ID_SIZE];

	for (uint64_t seed = 0; seed < SEEDS_TRIED; seed++) {
		hash_id(b->p, b->len, seed, real);
		if (memcmp(real, id, SHEAF_ID_SIZE) == 0)
			return true;
	}
	return false;
}

/* did @name ever have these bytes with this id */
static bool name_had(const struct facts *f, struct sheaf_str name,
		     const struct sheaf_bytes *b,
		     const uint8_t id[SHEAF_ID_SIZE])
{
	size_t low = 0, high = f->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct sheaf_str at = f->list[f->named[middle]].name;
		size_t n = at.len < name.len ? at.len : name.len;
		int c = memcmp(at.p, name.p, n);

		if (c < 0 || (c == 0 && at.len < name.len))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < f->count && name_is(&f->list[f->named[low]], name); low++)
		if (bytes_are(&f->list[f->named[low]], b) &&
		    memcmp(f->list[f->named[low]].id, id, SHEAF_ID_SIZE) == 0)
			return true;
	return false;
}

/* the article at @place, which @record (or NULL) is said to be of */
static void place_read(struct asking *a, struct sheaf_place place,
		       const struct sheaf_record *record)
{
	uint8_t id[SHEAF_ID_SIZE];
	bool lie;

	if (sheaf_read(a->corpus, place, &a->bytes, id, NULL) != SHEAF_OK) {
		a->out->errors++;
		return;
	}
	a->out->read++;
	lie = !id_fits(&a->bytes, id);
	if ((a->how & ASK_OPEN) == 0 && record != NULL)
		lie = lie || !name_had(a->facts, record->name, &a->bytes, id) ||
		      record->size != a->bytes.len;
	a->out->lies += lie;
	if (a->about != NULL && !lie)
		a->came = a->came || bytes_are(a->about, &a->bytes);
}

static int record_come(const struct sheaf_record *record, void *arg)
{
	struct asking *a = arg;

	a->out->records++;
	place_read(a, record->place, record);
	return 0;
}

static int match_come(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct asking *a = arg;

	if (kind != SHEAF_KEY_ID && record == NULL)
		a->out->lies++;
	if (kind == SHEAF_KEY_NAME && record != NULL &&
	    !name_is(a->about, record->name))
		a->out->lies++;
	place_read(a, place, record);
	return 0;
}

static int commit_come(const struct sheaf_commit *commit, void *arg)
{
	struct asking *a = arg;

	if (a->last_commit != 0 && commit->number + 1 != a->last_commit)
		a->out->lies++;
	a->last_commit = commit->number;
	return 0;
}

static void find(struct asking *a, enum sheaf_key_kind kind,
		 struct sheaf_str key)
{
	enum sheaf_status st;

	a->came = false;
	st = sheaf_find_kind(a->corpus, kind, key, match_come, a, NULL);
	if (st != SHEAF_OK && st != SHEAF_NOT_FOUND)
		a->out->errors++;
	else if (!a->came &&
		 a->about->commit <= sheaf_corpus_commit(a->corpus)->number)
		a->out->absent++;
}

static void get(struct asking *a)
{
	enum sheaf_status st =
		sheaf_get(a->corpus, a->about->id, &a->bytes, NULL);

	if (st == SHEAF_OK) {
		a->out->read++;
		a->out->lies += !bytes_are(a->about, &a->bytes);
	} else if (st != SHEAF_NOT_FOUND) {
		a->out->errors++;
	} else if (a->about->commit <= sheaf_corpus_commit(a->corpus)->number) {
		a->out->absent++;
	}
}

static void fact_ask(struct asking *a, const struct fact *f)
{
	char hex[SHEAF_ID_HEX + 1];
	struct sheaf_str key = { hex, SHEAF_ID_HEX };

	a->about = f;
	get(a);
	find(a, SHEAF_KEY_NAME, f->name);
	sheaf_id_hex(f->id, hex);
	find(a, SHEAF_KEY_ID, key);
	key.len = 12;
	if ((a->how & ASK_QUICK) == 0)
		find(a, SHEAF_KEY_ID, key);
	if ((a->how & ASK_QUICK) == 0 && f->url.len != 0)
		find(a, SHEAF_KEY_URL, f->url);
	a->about = NULL;
}

void facts_ask(const struct facts *f, struct sheaf_corpus *corpus,
	       unsigned int how, struct answers *out)
{
	struct sheaf_filter all = { .all_versions = true };
	struct asking a = {
		.facts = f, .corpus = corpus, .how = how, .out = out
	};
	struct sheaf_info info;

	memset(out, 0, sizeof(*out));
	if (sheaf_list(corpus, &all, record_come, &a, NULL) != SHEAF_OK)
		out->errors++;
	for (size_t i = 0; i < f->count; i++)
		fact_ask(&a, &f->list[i]);
	if (sheaf_log(corpus, commit_come, &a, NULL) != SHEAF_OK)
		out->errors++;
	if (sheaf_info_read(corpus, &info, NULL) != SHEAF_OK)
		out->errors++;
	sheaf_bytes_done(&a.bytes);
}

bool facts_complete(const struct facts *f, const struct answers *a,
		    uint64_t commit)
{
	return a->lies == 0 && a->errors == 0 && a->absent == 0 &&
	       a->records == facts_until(f, commit);
}

uint64_t verify_damages(const char *path, enum sheaf_status *st)
{
	struct sheaf_verify_options o = { .deep = true, .threads = 1 };
	struct sheaf_verify_result result;

	*st = sheaf_verify(path, &o, &result, NULL);
	return *st == SHEAF_OK ? result.damages : UINT64_MAX;
}

static void damage_say(const struct sheaf_damage *damage,
		       const struct sheaf_record *lost, void *arg)
{
	(void)lost;
	(void)arg;
	if (damage != NULL)
		printf("  damage at %llu: %s\n",
		       (unsigned long long)damage->offset, damage->what);
}

bool facts_whole(const struct facts *f, const char *path, uint64_t commit)
{
	struct sheaf_verify_options o = { .deep = true,
					  .threads = 1,
					  .on_damage = damage_say };
	struct sheaf_verify_result v;
	struct sheaf_corpus *c;
	struct sheaf_error err;
	struct answers a;
	uint64_t number;
	bool ok;

	if (sheaf_open(&c, path, NULL, &err) != SHEAF_OK) {
		printf("%s: can't be opened: %s\n", path, err.text);
		return false;
	}
	number = sheaf_corpus_commit(c)->number;
	facts_ask(f, c, 0, &a);
	sheaf_close(c);
	ok = facts_complete(f, &a, number) && (commit == 0 || number == commit);
	if (!ok)
		printf("%s: commit %llu (wanted %llu): %llu records, %llu lies, %llu errors, %llu absent\n",
		       path, (unsigned long long)number,
		       (unsigned long long)commit,
		       (unsigned long long)a.records,
		       (unsigned long long)a.lies, (unsigned long long)a.errors,
		       (unsigned long long)a.absent);
	if (sheaf_verify(path, &o, &v, &err) != SHEAF_OK) {
		printf("%s: can't be verified: %s\n", path, err.text);
		return false;
	}
	return ok && v.damages == 0;
}
