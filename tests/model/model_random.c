/*
 * model_random.c - random operations on a corpus against a plain model
 *
 * Lives follow each other: a corpus grows by random commits, is torn, refused,
 * dropped and read as of any commit, and must say at each step what the model
 * says.  The first life goes on until commits, records and layers have passed
 * the limits at which the library changes its ways.
 *   SHEAF_MODEL_SECONDS  how long (15)
 *   SHEAF_MODEL_SEED     the seed, which is printed, for the same once more
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "run.h"
#include "scratch.h"
#include "write/late.h"

enum {
	FIRST_LIFE = 300, /* steps: more than 128 commits and a full tail */
	MESSAGE_LONGEST = RUN_MESSAGE_LONGEST,
	FLOOD_EACH = 1 << 20,
	FLOOD_COUNT = 24, /* more than the 16 MiB that wait for a dictionary */
};

__attribute__((noreturn, format(printf, 2, 3))) void
run_differs(const struct run *r, const char *format, ...)
{
	va_list args;

	printf("SHEAF_MODEL_SEED=%llu, corpus %u, step %llu, commit %zu: %s: ",
	       (unsigned long long)r->seed, r->life,
	       (unsigned long long)r->step, r->m->commit_count, r->doing);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n0 passed, 1 failed\n");
	exit(1);
}

/* --- writing --- */

uint64_t run_file_size(void)
{
	struct stat sb;

	return stat(RUN_CORPUS, &sb) == 0 ? (uint64_t)sb.st_size : 0;
}

uint64_t run_corpus_end(const struct run *r)
{
	const struct model *m = r->m;

	return m->commit_count != 0 ? m->commits[m->commit_count - 1].end : 0;
}

static void bad_adds(struct run *r, struct sheaf_writer *w)
{
	static const char name[SHEAF_NAME_MAX + 1] = "a\0b";
	struct sheaf_article a = { .name = { name, 3 } };
	struct sheaf_error err;

	r->doing = "bad add";
	if (sheaf_writer_add(w, &a, NULL, &err) != SHEAF_MISUSE)
		run_differs(r, "a name with NUL");
	a.name.len = 0;
	if (sheaf_writer_add(w, &a, NULL, &err) != SHEAF_MISUSE)
		run_differs(r, "an empty name");
	a.name.len = sizeof(name);
	if (sheaf_writer_add(w, &a, NULL, &err) != SHEAF_LIMIT)
		run_differs(r, "a name that is too long");
	a.name.len = 1;
	a.bytes = name;
	a.len = SHEAF_ARTICLE_MAX + 1;
	if (sheaf_writer_add(w, &a, NULL, &err) != SHEAF_LIMIT)
		run_differs(r, "an article that is too long");
}

/* @sums gets what the commit has to tell */
static void add_all(struct run *r, struct sheaf_writer *w, size_t count,
		    bool take_back, struct sheaf_commit_result *sums)
{
	size_t articles = r->m->article_count, records = r->m->record_count;
	size_t removed = model_removed_count(r->m, UINT64_MAX);
	struct sheaf_article a;
	struct sheaf_error err;

	for (size_t i = 0; i < count; i++) {
		enum sheaf_added wanted, got;

		draw_article(&r->draw, &a);
		wanted = model_add(r->m, &a, take_back);
		r->doing = "add";
		if (sheaf_writer_add(w, &a, &got, &err) != SHEAF_OK)
			run_differs(r, "%s", err.text);
		if (got != wanted)
			run_differs(r, "%d instead of %d", (int)got,
				    (int)wanted);
		sums->bytes_in += a.len;
		sums->copies += wanted == SHEAF_ADDED_COPY;
		sums->versions += wanted == SHEAF_ADDED_VERSION;
		sums->known += wanted == SHEAF_ADDED_KNOWN;
		sums->refused += wanted == SHEAF_ADDED_REFUSED;
		if (draw_once_in(&r->draw, 500))
			bad_adds(r, w);
	}
	r->reached.adds += count;
	sums->records = r->m->record_count - records;
	sums->articles = r->m->article_count - articles;
	for (size_t i = articles; i < r->m->article_count; i++)
		sums->bytes_new += r->m->articles[i].len;
	sums->taken_back += removed - model_removed_count(r->m, UINT64_MAX);
	r->reached.refused += sums->refused;
}

static void result_same(struct run *r, const struct sheaf_commit_result *got,
			const struct sheaf_commit_result *w)
{
	if (got->records != w->records || got->articles != w->articles ||
	    got->copies != w->copies || got->versions != w->versions ||
	    got->known != w->known || got->refused != w->refused ||
	    got->removed != w->removed || got->taken_back != w->taken_back ||
	    got->bytes_in != w->bytes_in || got->bytes_new != w->bytes_new)
		run_differs(r,
			    "%llu records, %llu articles instead of %llu, %llu",
			    (unsigned long long)got->records,
			    (unsigned long long)got->articles,
			    (unsigned long long)w->records,
			    (unsigned long long)w->articles);
}

/* nothing was committed: the file is as it was, perhaps without its torn tail
 */
static void nothing_new(struct run *r)
{
	uint64_t size = run_file_size();

	model_drop(r->m);
	if (size != run_corpus_end(r) && size != run_corpus_end(r) + r->torn)
		run_differs(r, "the file has %llu bytes",
			    (unsigned long long)size);
	r->torn = size - run_corpus_end(r);
	r->torn_copies &= r->torn != 0;
}

void run_commit_draw(struct run *r, struct sheaf_commit_options *o,
		     char message[MESSAGE_LONGEST + 1])
{
	struct draw *d = &r->draw;

	memset(o, 0, sizeof(*o));
	o->has_time = true;
	o->time = 1700000000 + (int64_t)r->step;
	if (draw_once_in(d, 50))
		o->time = (int64_t)draw_u64(d);
	o->message.p = message;
	if (draw_once_in(d, 3))
		o->message.len = draw_below(d, 40);
	if (draw_once_in(d, 60))
		o->message.len = MESSAGE_LONGEST + draw_below(d, 2);
	draw_bytes(d, message, o->message.len);
	o->allow_empty = draw_once_in(d, 3);
}

static void commit_made(struct run *r, const struct sheaf_commit_options *o,
			const struct sheaf_commit_result *got)
{
	uint64_t before = run_corpus_end(r);
	struct model_commit *c = model_commit(r->m);

	c->time = o->time;
	c->message = model_keep(r->m, o->message.p, o->message.len);
	c->end = got->file_size;
	r->torn = 0;
	r->torn_copies = false;
	r->reached.commits++;
	if (got->commit != r->m->commit_count ||
	    got->file_growth != got->file_size - before ||
	    got->file_size != run_file_size())
		run_differs(r, "number or sizes of the commit");
}

static void commit(struct run *r, struct sheaf_writer *w,
		   const struct sheaf_commit_result *sums, bool dry)
{
	char message[MESSAGE_LONGEST + 1];
	struct sheaf_commit_options o;
	struct sheaf_commit_result got;
	struct sheaf_error err;
	enum sheaf_status st;
	bool wanted;

	run_commit_draw(r, &o, message);
	wanted = !dry && (sums->records != 0 || sums->removed != 0 ||
			  sums->taken_back != 0 || o.allow_empty);
	st = sheaf_writer_commit(w, &o, &got, &err);
	r->doing = "commit";
	if (o.message.len > MESSAGE_LONGEST) {
		if (st != SHEAF_LIMIT)
			run_differs(r, "a message that is too long");
		sheaf_writer_free(w);
		nothing_new(r);
		return;
	}
	if (st != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (got.committed != wanted)
		run_differs(r, "committed");
	result_same(r, &got, sums);
	sheaf_writer_free(w);
	if (wanted)
		commit_made(r, &o, &got);
	else
		nothing_new(r);
}

static size_t batch_size(struct run *r)
{
	struct draw *d = &r->draw;
	size_t kind = draw_below(d, 100);

	d->mood = DRAW_MIXED;
	if (kind < 65)
		return 1 + draw_below(d, 3);
	if (kind < 85)
		return 1 + draw_below(d, 20);
	if (kind < 94)
		return 1 + draw_below(d, 120);
	d->mood = kind < 97 ? DRAW_BULK : DRAW_VERSIONS;
	return kind < 99 ? 1 + draw_below(d, 1500) : 0;
}

/* so much that a part of it is in the file when the writer gives up */
static void drop_flood(struct run *r)
{
	static const struct sheaf_write_options o = { .level = 1,
						      .memory = 16 << 20,
						      .no_dictionary = true };
	struct sheaf_article a = { .name = { "flood", 5 }, .len = FLOOD_EACH };
	uint64_t *text = model_alloc(FLOOD_EACH);
	struct sheaf_writer *w;
	struct sheaf_error err;

	r->doing = "flood";
	a.bytes = text;
	draw_bytes(&r->draw, text, FLOOD_EACH);
	if (sheaf_writer_open(&w, RUN_CORPUS, &o, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	for (unsigned int i = 0; i < FLOOD_COUNT; i++) {
		text[0] = draw_u64(&r->draw);
		if (sheaf_writer_add(w, &a, NULL, &err) != SHEAF_OK)
			run_differs(r, "%s", err.text);
	}
	if (r->m->commit_count != 0 &&
	    run_file_size() <= run_corpus_end(r) + r->torn)
		run_differs(r, "none of it went to the file");
	sheaf_writer_free(w);
	free(text);
	r->reached.dropped++;
	nothing_new(r);
}

/* a writer is opened, given something, and commits or does not */
void run_write(struct run *r)
{
	struct sheaf_write_options o;
	struct sheaf_commit_result sums = { 0 };
	struct sheaf_writer *w;
	struct sheaf_error err;
	size_t count = batch_size(r);

	draw_options(&r->draw, &o);
	o.dry_run = draw_once_in(&r->draw, 25);
	o.create_only = r->m->commit_count == 0;
	o.take_back = draw_once_in(&r->draw, 6);
	r->draw.no_collisions = o.dry_run; /* which keeps no bytes to compare */
	r->doing = "writer";
	if (sheaf_writer_open(&w, RUN_CORPUS, &o, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (draw_once_in(&r->draw, 6))
		upkeep_remove(r, w, &sums);
	add_all(r, w, count, o.take_back, &sums);
	if (draw_once_in(&r->draw, 15)) {
		sheaf_writer_free(w);
		r->doing = "drop";
		r->reached.dropped++;
		nothing_new(r);
		return;
	}
	r->reached.dry += o.dry_run;
	commit(r, w, &sums, o.dry_run);
}

/* --- reading --- */

static void hold(struct run *r, uint64_t as_of)
{
	struct model *m = r->m;
	uint64_t k = as_of != 0 ? as_of : m->commit_count;
	struct sheaf_open_options o = { .as_of = as_of };
	struct draw *d = &r->draw;
	struct sheaf_corpus *c;
	struct sheaf_error err;
	static const uint8_t none[32];

	r->doing = "open";
	if (sheaf_open(&c, RUN_CORPUS, &o, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	if (sheaf_torn_bytes(c) != (as_of != 0 ? 0 : r->torn))
		run_differs(r, "torn bytes");
	if (memcmp(m->commits[k - 1].id, none, sizeof(none)) == 0)
		memcpy(m->commits[k - 1].id, sheaf_corpus_commit(c)->id,
		       sizeof(none));
	hold_commit(r, c, k);
	for (size_t i = draw_below(d, 4); i != 0; i--)
		hold_get(r, c, k);
	for (size_t i = draw_below(d, 4); i != 0; i--)
		hold_find(r, c, k);
	if (draw_once_in(d, 5))
		hold_list(r, c, k);
	if (draw_once_in(d, 12))
		hold_log(r, c, k);
	if (as_of == 0)
		hold_layers(r, c);
	if (draw_once_in(d, 40))
		check_extract(r, c, k);
	sheaf_close(c);
}

static void refuse(struct run *r, uint64_t as_of)
{
	struct sheaf_open_options o = { .as_of = as_of };
	struct sheaf_corpus *c;
	struct sheaf_error err;

	r->doing = "open what is not there";
	if (sheaf_open(&c, RUN_CORPUS, &o, &err) != SHEAF_NOT_FOUND || c)
		run_differs(r, "commit %llu", (unsigned long long)as_of);
}

static void reached_note(struct run *r)
{
	const struct model *m = r->m;

	r->reached.steps++;
	if (m->commit_count > r->reached.most_commits)
		r->reached.most_commits = m->commit_count;
	if (m->record_count > r->reached.most_records)
		r->reached.most_records = m->record_count;
	if (m->article_count > r->reached.most_articles)
		r->reached.most_articles = m->article_count;
}

static void step(struct run *r)
{
	struct draw *d = &r->draw;

	if (draw_once_in(d, 60))
		drop_flood(r);
	run_write(r);
	reached_note(r);
	if (r->m->commit_count == 0) {
		refuse(r, 0);
		return;
	}
	if (draw_once_in(d, 10))
		check_torn(r);
	if (draw_once_in(d, 10))
		check_file(r);
	hold(r, 0);
	if (draw_once_in(d, 20)) {
		upkeep_step(r);
		hold(r, 0);
	}
	if (draw_once_in(d, 25))
		check_verify(r);
	if (draw_once_in(d, 3))
		hold(r, 1 + draw_below(d, r->m->commit_count));
	if (draw_once_in(d, 30))
		refuse(r, r->m->commit_count + 1 + draw_below(d, 9));
}

/* --- lives --- */

static void life_begin(struct run *r)
{
	r->m = model_new();
	r->draw.model = r->m;
	r->draw.file = r->file = NULL;
	r->draw.file_len = 0;
	r->torn = 0;
	r->torn_copies = false;
	r->reached.layers = 0;
	unlink(RUN_CORPUS);
}

static void hold_all(struct run *r)
{
	struct sheaf_corpus *c;
	struct sheaf_error err;

	r->doing = "open";
	if (sheaf_open(&c, RUN_CORPUS, NULL, &err) != SHEAF_OK)
		run_differs(r, "%s", err.text);
	hold_census(r, c);
	hold_log(r, c, r->m->commit_count);
	hold_list(r, c, r->m->commit_count);
	sheaf_close(c);
}

static void life_end(struct run *r)
{
	if (r->m->commit_count != 0) {
		hold_all(r);
		check_file(r);
		check_verify(r);
	}
	model_free(r->m);
	free(r->file);
	r->m = NULL;
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text != NULL && *text != '\0' ? strtoull(text, NULL, 0) :
					       otherwise;
}

static int64_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void report(const struct run *r)
{
	printf("%llu steps in %u corpora: %llu commits of %llu records, "
	       "%llu dropped, %llu dry, %llu torn; at most %llu commits, "
	       "%llu records, %llu articles, %u layers, %u merges\n",
	       (unsigned long long)r->reached.steps, r->life,
	       (unsigned long long)r->reached.commits,
	       (unsigned long long)r->reached.adds,
	       (unsigned long long)r->reached.dropped,
	       (unsigned long long)r->reached.dry,
	       (unsigned long long)r->reached.torn,
	       (unsigned long long)r->reached.most_commits,
	       (unsigned long long)r->reached.most_records,
	       (unsigned long long)r->reached.most_articles,
	       r->reached.most_layers, r->reached.merges);
	printf("%llu removals, %llu taken back, %llu refused, %llu compactions, "
	       "%llu erasures, %llu slices, %llu salvages, %llu crashes "
	       "(%llu before the commit)\n",
	       (unsigned long long)r->reached.removals,
	       (unsigned long long)r->reached.taken_back,
	       (unsigned long long)r->reached.refused,
	       (unsigned long long)r->reached.compactions,
	       (unsigned long long)r->reached.erasures,
	       (unsigned long long)r->reached.slices,
	       (unsigned long long)r->reached.salvages,
	       (unsigned long long)r->reached.crashes,
	       (unsigned long long)r->reached.crashes_before);
	printf("%llu lists, %llu keys, %llu gets, %llu verified, "
	       "%llu extracted\n",
	       (unsigned long long)r->reached.lists,
	       (unsigned long long)r->reached.finds,
	       (unsigned long long)r->reached.gets,
	       (unsigned long long)r->reached.verifies,
	       (unsigned long long)r->reached.extracts);
}

int main(void)
{
	int64_t end = seconds() + (int64_t)number_of("SHEAF_MODEL_SECONDS", 15);
	struct run *r = calloc(1, sizeof(*r));

	/* what waits for disks here is better spent on steps */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	if (r == NULL || !scratch_enter()) {
		free(r);
		return 1;
	}
	atexit(scratch_leave);
	r->seed = number_of("SHEAF_MODEL_SEED",
			    (uint64_t)time(NULL) ^ (uint64_t)getpid() << 32);
	r->draw.state = r->seed;
	printf("SHEAF_MODEL_SEED=%llu\n", (unsigned long long)r->seed);
	fflush(stdout);
	do {
		size_t steps = 30 + draw_below(&r->draw, 300);

		if (r->life == 0)
			steps = FIRST_LIFE;
		/* late blocks in commits of 4 KB, or of none but large ones */
		late_shift = r->life % 3 == 1 ? 0 : 8;
		life_begin(r);
		for (r->step = 0;
		     r->step < steps && (r->life == 0 || seconds() < end);
		     r->step++)
			step(r);
		life_end(r);
		r->life++;
	} while (seconds() < end);
	report(r);
	draw_done(&r->draw);
	free(r);
	printf("1 passed, 0 failed\n");
	return 0;
}
