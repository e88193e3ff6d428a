/*
 * upkeep.c - taking down, writing anew, salvage and death, beside the model
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define BEFORE "before.sheaf"
#define DAMAGED "damaged.sheaf"
#define OTHER "other.sheaf"

enum { REMOVE_MOST = 4, CRASH_LONGEST = 40000 /* microseconds */ };

/* --- removal --- */

static void id_draw(struct run *r, uint8_t id[SHEAF_ID_SIZE])
{
	struct draw *d = &r->draw;
	const struct model *m = r->m;

	draw_bytes(d, id, SHEAF_ID_SIZE); /* of nothing */
	if (m->article_count != 0 && !draw_once_in(d, 8))
		memcpy(id, m->articles[draw_below(d, m->article_count)].id,
		       SHEAF_ID_SIZE);
	if (m->removal_count != 0 && draw_once_in(d, 8))
		memcpy(id, m->removals[draw_below(d, m->removal_count)].id,
		       SHEAF_ID_SIZE);
}

void upkeep_remove(struct run *r, struct sheaf_writer *w,
		   struct sheaf_commit_result *sums)
{
	uint8_t ids[REMOVE_MOST][SHEAF_ID_SIZE];
	size_t n = 1 + draw_below(&r->draw, REMOVE_MOST);
	bool back = r->m->removal_count != 0 && draw_once_in(&r->draw, 3);
	uint64_t wanted = 0, got;
	struct sheaf_error err;
	enum sheaf_status st;

	r->doing = back ? "take back" : "remove";
	for (size_t i = 0; i < n; i++) {
		id_draw(r, ids[i]);
		wanted += back ? model_take_back(r->m, ids[i]) :
				 model_remove(r->m, ids[i]);
	}
	st = back ? sheaf_writer_take_back(w, (const uint8_t(*)[16])ids, n,
					   &got, &err) :
		    sheaf_writer_remove(w, (const uint8_t(*)[16])ids, n, &got,
					&err);
	if (st != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (got != wanted)
		run_differs(r, "%llu instead of %llu", (unsigned long long)got,
			    (unsigned long long)wanted);
	if (back)
		sums->taken_back += wanted;
	else
		sums->removed += wanted;
	r->reached.removals += back ? 0 : wanted;
	r->reached.taken_back += back ? wanted : 0;
}

/* --- the file written anew --- */

static void rewritten(struct run *r, const bool *erase,
		      const struct sheaf_commit_options *o, uint64_t commit)
{
	struct model_commit *c = model_rewrite(r->m, erase);

	c->time = o->time;
	c->message = model_keep(r->m, o->message.p, o->message.len);
	c->end = run_file_size();
	/* nothing of the old file has to be there */
	free(r->file);
	r->draw.file = r->file = NULL;
	r->draw.file_len = 0;
	r->torn = 0;
	r->torn_copies = false;
	r->reached.layers = 0;
	if (commit != r->m->commit_count)
		run_differs(r, "number of the commit");
}

static void compact(struct run *r)
{
	static const size_t blocks[] = { 0, 1024, 16384, 65536, 1 << 20 };
	struct draw *d = &r->draw;
	char message[RUN_MESSAGE_LONGEST + 1];
	struct sheaf_commit_options c;
	struct sheaf_compact_options o = { .level = 1 + (int)draw_below(d, 6),
					   .has_time = true };
	struct sheaf_commit_result result;
	struct sheaf_error err;
	enum sheaf_status st;

	r->doing = "compact";
	run_commit_draw(r, &c, message);
	o.time = c.time;
	o.message = c.message;
	o.block_size = blocks[draw_below(d, 5)];
	o.threads = 1 + (unsigned int)draw_below(d, 3);
	st = sheaf_compact(RUN_CORPUS, &o, &result, &err);
	if (c.message.len > RUN_MESSAGE_LONGEST) {
		if (st != SHEAF_MISUSE && st != SHEAF_LIMIT)
			run_differs(r, "a message that is too long");
		return;
	}
	if (st != SHEAF_OK)
		run_differs(r, "%s", err.text);
	rewritten(r, NULL, &c, result.commit);
	r->reached.compactions++;
}

/* every article of these ids, and whether anything has to change */
static bool erase_mark(struct run *r, uint8_t (*ids)[SHEAF_ID_SIZE], size_t n,
		       bool *erase)
{
	const struct model *m = r->m;
	bool any = false;

	for (size_t k = 0; k < n; k++) {
		any |= model_remove(r->m, ids[k]);
		for (size_t i = 0; i < m->article_count; i++)
			if (m->articles[i].erased == 0 &&
			    memcmp(m->articles[i].id, ids[k], SHEAF_ID_SIZE) ==
				    0)
				erase[i] = any = true;
	}
	return any;
}

static void erase(struct run *r)
{
	struct draw *d = &r->draw;
	uint8_t ids[REMOVE_MOST][SHEAF_ID_SIZE];
	size_t n = 1 + draw_below(d, REMOVE_MOST);
	bool *marks = calloc(r->m->article_count + 1, sizeof(*marks)), any;
	char message[RUN_MESSAGE_LONGEST + 1];
	struct sheaf_commit_options c;
	struct sheaf_erase_options o = { .level = 1, .has_time = true };
	struct sheaf_erase_result result;
	struct sheaf_error err;
	enum sheaf_status st;

	if (marks == NULL)
		abort();
	r->doing = "erase";
	run_commit_draw(r, &c, message);
	if (c.message.len > RUN_MESSAGE_LONGEST)
		c.message.len = RUN_MESSAGE_LONGEST;
	o.time = c.time;
	o.message = c.message;
	o.threads = 1 + (unsigned int)draw_below(d, 3);
	for (size_t i = 0; i < n; i++)
		id_draw(r, ids[i]);
	any = erase_mark(r, ids, n, marks);
	st = sheaf_erase(RUN_CORPUS, (const uint8_t(*)[SHEAF_ID_SIZE])ids, n,
			 &o, &result, &err);
	if (st != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (result.committed != any)
		run_differs(r, "committed");
	if (any)
		rewritten(r, marks, &c, result.commit);
	free(marks);
	r->reached.erasures += any;
}

/* --- a writer that is killed --- */

static void copy(struct run *r, const char *from, const char *to)
{
	char room[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t n;

	if (in == NULL || out == NULL)
		run_differs(r, "%s: %s", to, strerror(errno));
	while ((n = fread(room, 1, sizeof(room), in)) != 0)
		if (fwrite(room, 1, n, out) != n)
			run_differs(r, "%s: %s", to, strerror(errno));
	fclose(in);
	if (fclose(out) != 0)
		run_differs(r, "%s: %s", to, strerror(errno));
}

static bool whole(struct run *r, uint64_t commits)
{
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result res;
	struct sheaf_error err;

	if (sheaf_verify(RUN_CORPUS, &o, &res, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (res.damages != 0)
		run_differs(r, "%llu damages", (unsigned long long)res.damages);
	return res.commits + r->m->first - 1 == commits;
}

/* The child does what the parent would, on the file alone; whatever came of it
 * is the old corpus or a later one.  The old one is then put back. */
static void crash(struct run *r)
{
	struct timespec nap = { 0, 0 };
	size_t steps = 1 + draw_below(&r->draw, 3);
	int status;
	pid_t child;

	/* a copy of a footer behind the end is told as one that is damaged */
	if (r->torn_copies)
		return;
	r->doing = "crash";
	r->reached.crashes++;
	nap.tv_nsec = 1000 * (long)draw_below(&r->draw, CRASH_LONGEST);
	copy(r, RUN_CORPUS, BEFORE);
	fflush(stdout);
	child = fork();
	if (child < 0)
		run_differs(r, "fork: %s", strerror(errno));
	if (child == 0) {
		for (size_t i = 0; i < steps; i++)
			run_write(r);
		if (draw_once_in(&r->draw, 3))
			compact(r);
		_exit(0);
	}
	nanosleep(&nap, NULL);
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child ||
	    (!WIFSIGNALED(status) &&
	     !(WIFEXITED(status) && WEXITSTATUS(status) == 0)))
		run_differs(r, "the child ended otherwise");
	if (WIFEXITED(status)) {
		; /* it was quicker */
	} else if (whole(r, r->m->commit_count)) {
		r->reached.crashes_before++;
		r->torn = run_file_size() - run_corpus_end(r);
		r->torn_copies = false;
		unlink(BEFORE);
		return;
	}
	/* another corpus than the model's: as good, but not ours */
	if (rename(BEFORE, RUN_CORPUS) != 0)
		run_differs(r, "%s: %s", BEFORE, strerror(errno));
}

/* --- other files, made of this one --- */

struct part {
	struct run *r;
	struct sheaf_corpus *c;
	size_t *wanted; /* records, by name, as a file written anew has them */
	size_t count, next;
};

static void part_want(struct part *p, const struct sheaf_filter *filter,
		      uint64_t k)
{
	const struct model *m = p->r->m;

	p->wanted = model_alloc((m->record_count + 1) * sizeof(*p->wanted));
	for (size_t i = 0; i < m->record_count; i++)
		if (model_takes(m, i, k, filter))
			p->wanted[p->count++] = i;
	model_sort(m, p->wanted, p->count);
}

static size_t part_next(struct part *p)
{
	return p->next < p->count ? p->wanted[p->next++] : MODEL_NONE;
}

static int part_take(const struct sheaf_record *got, void *arg)
{
	struct part *p = arg;
	struct run *r = p->r;
	const struct model *m = r->m;
	size_t wanted = part_next(p);
	struct sheaf_bytes out = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	struct sheaf_error err;
	const struct model_article *a;

	if (wanted == MODEL_NONE)
		run_differs(r, "too many: %s", hold_name(got->name));
	a = &m->articles[m->records[wanted].article];
	if (!model_equal(got->name, m->records[wanted].name) ||
	    got->commit != m->records[wanted].commit)
		run_differs(r, "%s instead of %s", hold_name(got->name),
			    hold_name(m->records[wanted].name));
	if (sheaf_read(p->c, got->place, &out, id, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (memcmp(id, a->id, sizeof(id)) != 0 || out.len != a->len ||
	    (a->len != 0 && memcmp(out.p, a->p, a->len) != 0))
		run_differs(r, "%s: another article", hold_name(got->name));
	sheaf_bytes_done(&out);
	return 0;
}

/* the corpus at @path has just what the filter takes */
static void part_same(struct run *r, const char *path,
		      const struct sheaf_filter *filter, uint64_t k)
{
	static const struct sheaf_filter all = { .all_versions = true };
	struct part p = { .r = r };
	struct sheaf_error err;
	size_t left;

	part_want(&p, filter, k);
	if (sheaf_open(&p.c, path, NULL, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (sheaf_list(p.c, &all, part_take, &p, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	left = part_next(&p);
	if (left != MODEL_NONE)
		run_differs(r, "too few: %s is missing",
			    hold_name(r->m->records[left].name));
	if (sheaf_removed_count(p.c) != model_removed_count(r->m, k))
		run_differs(r, "other ids are removed");
	sheaf_close(p.c);
	free(p.wanted);
}

static bool any_taken(const struct run *r, const struct sheaf_filter *filter,
		      uint64_t k)
{
	for (size_t i = 0; i < model_records_of(r->m, k); i++)
		if (model_takes(r->m, i, k, filter))
			return true;
	return false;
}

static void slice(struct run *r)
{
	struct draw *d = &r->draw;
	uint64_t k = draw_once_in(d, 2) ? r->m->commit_count :
					  1 + draw_below(d, r->m->commit_count);
	struct sheaf_open_options open = { .as_of = k };
	struct draw_filter f;
	struct sheaf_slice_options o = { .level = 1, .has_time = true };
	struct sheaf_slice_result result;
	struct sheaf_corpus *c;
	struct sheaf_error err;
	enum sheaf_status st;
	bool any;

	r->doing = "slice";
	draw_filter(d, &f);
	o.filter = &f.f;
	o.threads = 1 + (unsigned int)draw_below(d, 3);
	any = any_taken(r, &f.f, k);
	if (sheaf_open(&c, RUN_CORPUS, &open, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	st = sheaf_slice(c, OTHER, &o, &result, &err);
	sheaf_close(c);
	if (st != (any ? SHEAF_OK : SHEAF_NOT_FOUND))
		run_differs(r, "%s: %s", sheaf_status_name(st), err.text);
	if (any)
		part_same(r, OTHER, &f.f, k);
	unlink(OTHER);
	r->reached.slices += any;
}

/* a hole, or what is gone from the end; returns how many bytes that touches */
static size_t damage(struct run *r)
{
	struct draw *d = &r->draw;
	size_t size = (size_t)run_file_size(), at = draw_below(d, size);
	size_t len = 1 + draw_below(d, draw_once_in(d, 2) ? 3000 : 70000);
	FILE *f;

	if (draw_once_in(d, 4))
		return 0;
	if (draw_once_in(d, 4)) {
		if (truncate(DAMAGED, (off_t)at) != 0)
			run_differs(r, "%s: %s", DAMAGED, strerror(errno));
		return size - at;
	}
	if (len > size - at)
		len = size - at;
	f = fopen(DAMAGED, "r+b");
	if (f == NULL || fseek(f, (long)at, SEEK_SET) != 0)
		run_differs(r, "%s: %s", DAMAGED, strerror(errno));
	for (size_t i = 0; i < len; i++)
		(void)fputc(0, f);
	if (fclose(f) != 0)
		run_differs(r, "%s: %s", DAMAGED, strerror(errno));
	return len;
}

/* every article of the salvaged corpus is one of ours */
static int saved_take(const struct sheaf_record *got, void *arg)
{
	struct part *p = arg;
	struct run *r = p->r;
	struct sheaf_bytes out = { 0 };
	struct sheaf_error err;
	size_t i;

	if (sheaf_read(p->c, got->place, &out, NULL, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	i = model_article(r->m, out.p, out.len);
	if (i == MODEL_NONE)
		run_differs(r, "%s: no article of ours", hold_name(got->name));
	p->next += got->is_latest;
	sheaf_bytes_done(&out);
	return 0;
}

static void saved_same(struct run *r, const struct sheaf_salvage_result *result)
{
	static const struct sheaf_filter all = { .all_versions = true };
	struct part p = { .r = r };
	struct sheaf_error err;
	size_t records, articles;
	uint64_t bytes;

	model_stored(r->m, &records, &articles, &bytes);
	if (result->articles > articles)
		run_differs(r, "more articles than there were");
	if (sheaf_open(&p.c, OTHER, NULL, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (sheaf_list(p.c, &all, saved_take, &p, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	sheaf_close(p.c);
}

/* is there an article at all */
static bool last_has(const struct run *r)
{
	size_t records, articles;
	uint64_t bytes;

	model_stored(r->m, &records, &articles, &bytes);
	return articles != 0;
}

static void salvage(struct run *r)
{
	struct sheaf_salvage_options o = { .level = 1, .has_time = true };
	struct sheaf_salvage_result result;
	const struct model_commit *last;
	struct sheaf_corpus *c;
	struct sheaf_error err;
	enum sheaf_status st;
	size_t touched;

	if (r->torn_copies)
		return;
	r->doing = "salvage";
	copy(r, RUN_CORPUS, DAMAGED);
	touched = damage(r);
	o.threads = 1 + (unsigned int)draw_below(&r->draw, 3);
	st = sheaf_salvage(DAMAGED, OTHER, &o, &result, &err);
	if (st == SHEAF_OK && touched != 0) {
		saved_same(r, &result);
	} else if (st == SHEAF_OK) {
		last = &r->m->commits[r->m->commit_count - 1];
		if (sheaf_open(&c, OTHER, NULL, &err) != SHEAF_OK)
			run_differs(r, "%s", err.text);
		for (int i = 0; i < 16; i++)
			if (sheaf_corpus_commit(c)->fingerprint[15 - i] !=
			    (uint8_t)(last->fingerprint >> 8 * i))
				run_differs(r, "set fingerprint");
		sheaf_close(c);
	} else if (touched == 0 && last_has(r)) {
		run_differs(r, "%s", err.text);
	}
	unlink(DAMAGED);
	unlink(OTHER);
	r->reached.salvages++;
}

void upkeep_step(struct run *r)
{
	switch (draw_below(&r->draw, 8)) {
	case 0:
		compact(r);
		break;
	case 1:
		erase(r);
		break;
	case 2:
	case 3:
		slice(r);
		break;
	case 4:
	case 5:
		salvage(r);
		break;
	default:
		crash(r);
	}
}
