/*
 * fault_crash.c - every state that a power failure could have left
 *
 * What the library does to files is recorded (disk.h), and replayed up to each
 * of its steps with what was not synced dropped, torn and out of order
 * (crash.h).  Whatever is on the disk then, the corpus is the old or the new
 * commit, byte for byte, and the new one once the caller was told so; verify
 * finds no damage; and the next add makes of it what it makes of an undisturbed
 * one.
 *
 * SHEAF_CRASH_STATES (20,000): how many different states to visit at least.
 * SHEAF_CRASH_SEED (1): another number visits others.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fault/crash.h"
#include "fault/posts.h"
#include "fault/scene.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

#define SECONDS 300 /* for one case */
#define STATES 20000
#define ROUNDS_MAX 400
#define SEEN_BITS 23 /* of the table of states that were visited */
#define PROBES 4096
#define AGAIN_STATES 2 /* that the next writer finds, of one moment */
#define AGAIN_ROUNDS 4 /* so seldom, since each is an add of its own */
#define DIRTY_MOST 32  /* beyond, more sectors don't get more states */
#define DIRTY_SLOW 400 /* beyond, a state takes long: fewer of them */
#define ROUND 4000     /* states */

enum { VISITED, DISTINCT, ABSENT, OLD, NEW, TORN, ON_DISK, AGAIN };

/* what may be found, and what the next add makes of it */
struct wanted {
	const struct moment *is, *next; /* NULL: no such */
	uint64_t next_commit;
};

/* a state is judged by: */
struct rules {
	const struct scene *scene;
	const struct disk *disk;
	struct wanted wanted[2]; /* old, new */
	/* what makes the new one of the old one; run NULL: nothing */
	struct operation step;
	uint64_t salt; /* sets states apart for which the rules are others */
};

static bool image_is(const char *path, const struct image *wanted)
{
	struct image now = { 0 };
	bool same = image_load(&now, path) && now.len == wanted->len &&
		    memcmp(now.p, wanted->p, now.len) == 0;

	image_done(&now);
	return same;
}

static bool content_is(const struct crash_content *c, const struct moment *m)
{
	struct sheaf_corpus *open;
	bool same;

	if (!c->there || !m->there)
		return c->there == m->there;
	if (sheaf_open_memory(&open, c->p, c->len, NULL, NULL) != SHEAF_OK)
		return false;
	same = sheaf_corpus_commit(open)->number == m->commit &&
	       sheaf_corpus_commit(open)->end == m->end &&
	       memcmp(c->p, m->file.p, m->end) == 0;
	sheaf_close(open);
	return same;
}

/* a state is verified and added to without touching a disk */
static const char *judge_in_memory(const struct rules *r,
				   const struct crash_state *state,
				   const struct wanted *w, uint64_t *count)
{
	const struct crash_content *c = &state->named[0];
	struct sheaf_verify_options o = { .deep = state->hash % 8 == 0,
					  .threads = 1 };
	struct sheaf_verify_result v;
	const char *path;

	if (!c->there)
		return NULL;
	path = image_file(c->p, c->len);
	if (sheaf_verify(path, &o, &v, NULL) != SHEAF_OK || v.damages != 0)
		return "verify finds damage";
	if (v.torn_bytes != c->len - w->is->end)
		return "verify tells of another torn tail";
	count[TORN] += v.torn_bytes != 0;
	if (scene_add(r->scene, path, w->next_commit) != SHEAF_OK)
		return "the next add fails";
	return image_is(path, &w->next->file) ?
		       NULL :
		       "the next add makes another file";
}

/* files under all names, as the next program finds them */
static bool state_put(const struct disk *d, const struct crash_state *state)
{
	bool ok = true;

	for (int i = 0; i < d->name_count; i++) {
		unlink(d->names[i]);
		if (state->named[i].there)
			ok = scratch_write(d->names[i], state->named[i].p,
					   state->named[i].len) &&
			     ok;
	}
	return ok;
}

static void state_remove(const struct disk *d)
{
	for (int i = 0; i < d->name_count; i++)
		unlink(d->names[i]);
}

/* what was under way is done once more, or the next add */
static const char *judge_on_disk(const struct rules *r,
				 const struct crash_state *state,
				 const struct wanted *w)
{
	const struct image *after = &w->next->file;
	const char *wrong = NULL;
	enum sheaf_status st;

	if (!state_put(r->disk, state))
		return "can't make the files";
	if (w == &r->wanted[0] && r->step.run != NULL) {
		st = r->step.run(r->scene, r->step.arg);
		after = &r->wanted[1].is->file;
	} else {
		st = scene_add(r->scene, "corpus", w->next_commit);
	}
	if (st != SHEAF_OK)
		wrong = "it can't be done once more";
	else if (!image_is("corpus", after))
		wrong = "done once more it makes another file";
	state_remove(r->disk);
	return wrong;
}

static bool has_others(const struct crash_state *state)
{
	for (int i = 1; i < DISK_NAMES; i++)
		if (state->named[i].there)
			return true;
	return false;
}

static const struct wanted *found(const struct rules *r,
				  const struct crash_state *state)
{
	for (int i = 0; i < 2; i++)
		if (r->wanted[i].is != NULL &&
		    content_is(&state->named[0], r->wanted[i].is))
			return &r->wanted[i];
	return NULL;
}

/* says which of the demands is not met */
static const char *judge(const struct rules *r, const struct crash_state *state,
			 uint64_t *count)
{
	const struct wanted *w = found(r, state);
	const char *wrong;

	if (w == NULL)
		return r->wanted[1].is != NULL ?
			       "neither the old commit nor the new one" :
			       "not the commit that the caller was told of";
	count[!w->is->there ? ABSENT : w == &r->wanted[0] ? OLD : NEW]++;
	wrong = judge_in_memory(r, state, w, count);
	if (wrong == NULL &&
	    (!w->is->there ||
	     state->hash / 8 % (has_others(state) ? 4 : 16) == 0)) {
		count[ON_DISK]++;
		wrong = judge_on_disk(r, state, w);
	}
	return wrong;
}

/* shared by all processes: hashes of what was visited */
static _Atomic uint64_t *seen;

/* true the first time */
static bool seen_add(uint64_t hash)
{
	uint64_t mask = ((uint64_t)1 << SEEN_BITS) - 1, at = hash & mask;

	hash |= 1;
	for (int i = 0; i < PROBES; i++, at = (at + 1) & mask) {
		uint64_t there = 0;

		if (atomic_compare_exchange_strong(&seen[at], &there, hash))
			return true;
		if (there == hash)
			return false;
	}
	return false;
}

/* one moment of a scene at which the power fails */
struct failure {
	struct scene *scene;
	size_t at;     /* operations that are done */
	size_t weight; /* for its share of the states by chance */
};

struct round {
	uint64_t number, seed;
	uint64_t by_chance; /* so many states of a moment for each weight */
	struct failure *failures;
	size_t count;
};

static bool states_judge(const struct rules *r, struct crash *c, uint64_t seed,
			 uint64_t from, uint64_t end, uint64_t *count)
{
	bool ok = true;

	for (uint64_t i = from; i < end; i++) {
		struct crash_state state;
		const char *wrong;

		crash_state(c, i, seed, &state);
		count[VISITED]++;
		if (!seen_add(state.hash * 31 + r->salt))
			continue;
		count[DISTINCT]++;
		wrong = judge(r, &state, count);
		if (wrong == NULL)
			continue;
		printf("  %s, %u done, seed %" PRIu64 ", state %" PRIu64
		       ": %s\n",
		       r->scene->what, crash_steps(c), seed, i, wrong);
		ok = false;
	}
	return ok;
}

static struct rules rules_at(const struct scene *s, unsigned int step)
{
	const struct moment(*m)[SCENE_AFTERS] = &s->moments[step];
	struct rules r = {
		.scene = s,
		.disk = &s->disk,
		.wanted[0] = { &m[0][0], &m[0][1], SCENE_NEXT },
		.salt = (uint64_t)(s - scenes) * 64 + step,
	};

	if (step < s->step_count) {
		r.wanted[1] = (struct wanted){ &m[1][0], &m[1][1], SCENE_NEXT };
		r.step = s->steps[step];
	}
	return r;
}

/* the same for an add that follows on @m[0] */
static struct rules rules_again(const struct rules *before,
				const struct disk *d, const struct moment *m,
				bool told)
{
	struct rules r = {
		.scene = before->scene,
		.disk = d,
		.wanted[0] = { &m[0], &m[1], SCENE_NEXT },
		.wanted[1] = { &m[1], &m[2], SCENE_LATER },
		.salt = before->salt + 32,
	};

	if (told) {
		r.wanted[0] = r.wanted[1];
		r.wanted[1] = (struct wanted){ 0 };
		r.salt += 16;
	}
	return r;
}

static size_t weight_of(const struct crash *c)
{
	size_t dirty = crash_dirty(c);

	if (dirty > DIRTY_SLOW)
		return 2;
	return dirty < DIRTY_MOST ? dirty : DIRTY_MOST;
}

/* the next writer finds @state, and its power fails as well */
static bool again_judge(const struct rules *before,
			const struct crash_state *state, uint64_t seed,
			uint64_t by_chance, uint64_t *count)
{
	const struct wanted *w = found(before, state);
	struct disk d = { .no_tmpfile = before->scene->no_tmpfile };
	bool ok = w != NULL && state_put(before->disk, state) &&
		  disk_start(&d, "corpus") &&
		  scene_add(before->scene, "corpus", SCENE_NEXT) == SHEAF_OK;

	disk_mark(&d);
	disk_stop();
	state_remove(before->disk);
	for (size_t n = 0; ok && n <= d.count; n++) {
		struct crash *c = crash_new(&d, n);
		struct rules r =
			rules_again(before, &d, w->is, crash_steps(c) != 0);

		count[AGAIN]++;
		ok = states_judge(&r, c, seed, 0,
				  crash_count(c) + by_chance * weight_of(c),
				  count);
		crash_free(c);
	}
	disk_done(&d);
	return ok;
}

static bool failure_judge(const struct round *round, const struct failure *f,
			  uint64_t *count)
{
	struct crash *c = crash_new(&f->scene->disk, f->at);
	struct rules r = rules_at(f->scene, crash_steps(c));
	uint64_t made_out = crash_count(c);
	uint64_t by_chance = round->by_chance * f->weight;
	bool again = f->scene->again && round->number % AGAIN_ROUNDS == 0;
	bool ok = states_judge(&r, c, round->seed,
			       round->number == 0 ? 0 : made_out,
			       made_out + by_chance, count);

	for (uint64_t i = 0; again && ok && i < AGAIN_STATES; i++) {
		struct crash_state state;

		crash_state(c, made_out + i, round->seed ^ f->at, &state);
		ok = again_judge(&r, &state, round->seed, round->by_chance,
				 count);
	}
	crash_free(c);
	return ok;
}

static bool case_run(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct round *round = arg;
	char folder[32];
	bool ok;

	snprintf(folder, sizeof(folder), "case-%" PRIu64, i);
	(void)mkdir(folder, 0777);
	if (chdir(folder) != 0)
		return false;
	ok = failure_judge(round, &round->failures[i], count);
	return chdir("..") == 0 && ok;
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
	const char *text = getenv(variable);

	return text != NULL && *text != 0 ? strtoull(text, NULL, 10) :
					    otherwise;
}

/* the sum of their weights, 1 at least */
static size_t failures_find(struct round *r)
{
	size_t sum = 0;

	for (size_t i = 0; i < scene_count; i++)
		r->count += scenes[i].disk.count + 1;
	r->failures = calloc(r->count + 1, sizeof(*r->failures));
	if (r->failures == NULL)
		exit(3);
	r->count = 0;
	for (size_t i = 0; i < scene_count; i++)
		for (size_t n = 0; n <= scenes[i].disk.count; n++) {
			struct failure *f = &r->failures[r->count++];
			struct crash *c = crash_new(&scenes[i].disk, n);

			*f = (struct failure){ &scenes[i], n, weight_of(c) };
			sum += f->weight;
			crash_free(c);
		}
	return sum != 0 ? sum : 1;
}

static void sums_print(const uint64_t *sum, const struct round *r)
{
	printf("%" PRIu64 " states, %" PRIu64
	       " different, of %zu moments of %zu scenes: absent %" PRIu64
	       ", old %" PRIu64 ", new %" PRIu64 ", with a torn tail %" PRIu64
	       ", once more on disk %" PRIu64 ", second failures at %" PRIu64
	       " moments\n",
	       sum[VISITED], sum[DISTINCT], r->count, scene_count, sum[ABSENT],
	       sum[OLD], sum[NEW], sum[TORN], sum[ON_DISK], sum[AGAIN]);
}

static void test_power_failure_leaves_old_or_new(void)
{
	uint64_t wanted = number_of("SHEAF_CRASH_STATES",
				    spread_is_slow() ? STATES / 20 : STATES);
	uint64_t sum[SPREAD_COUNTS] = { 0 };
	struct round r = { .seed = number_of("SHEAF_CRASH_SEED", 1) };
	bool ok = true;

	printf("seed %" PRIu64 "\n", r.seed);
	for (size_t i = 0; i < scene_count; i++)
		if (!CHECK(scene_record(&scenes[i])))
			printf("  %s\n", scenes[i].what);
	r.by_chance = ROUND / failures_find(&r) + 1;
	for (; r.number < ROUNDS_MAX && ok && sum[DISTINCT] < wanted;
	     r.number++) {
		struct spread s;

		ok = CHECK(spread_run(r.count, 1, SECONDS, case_run, &r, &s));
		for (int k = 0; k < SPREAD_COUNTS; k++)
			sum[k] += s.count[k];
		r.seed = posts_random(&r.seed) | 1;
	}
	CHECK(sum[DISTINCT] >= wanted);
	sums_print(sum, &r);
	free(r.failures);
	for (size_t i = 0; i < scene_count; i++)
		scene_done(&scenes[i]);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_power_failure_leaves_old_or_new) },
};

int main(int argc, char **argv)
{
	size_t size = sizeof(*seen) << SEEN_BITS;
	int rc;

	/* thousands of small files: in memory where that is to be had */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	seen = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || !scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
