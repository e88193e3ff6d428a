/*
 * fault_remove.c - a removal that dies, or is refused, at every system call
 * that changes the file
 *
 * Afterwards the corpus is the old one or the new one: verified, with its
 * former bytes untouched; and the removal that follows makes of it what an
 * undisturbed one does, byte for byte.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "fault/world.h"
#include "harness.h"
#include "scratch.h"

#define SECONDS 60 /* for one case */

enum { KILLED, REFUSED, WELL, OLD, NEW };

static const struct world fates[] = {
	{ .fate = WORLD_KILL_BEFORE },
	{ .fate = WORLD_KILL_AFTER },
	{ .fate = WORLD_KILL_WITHIN, .part = 0 },
	{ .fate = WORLD_KILL_WITHIN, .part = 1 },
	{ .fate = WORLD_KILL_WITHIN, .part = 8 },
	{ .fate = WORLD_KILL_WITHIN, .part = 15 },
	{ .fate = WORLD_POWER_CUT, .chance = 1 },
	{ .fate = WORLD_POWER_CUT, .chance = 2 },
	{ .fate = WORLD_POWER_CUT, .chance = 3 },
	{ .fate = WORLD_POWER_CUT, .chance = 4 },
	{ .fate = WORLD_FAIL, .error = EIO },
	{ .fate = WORLD_FAIL, .error = ENOSPC },
	{ .fate = WORLD_FAIL, .error = EINTR },
	{ .fate = WORLD_FAIL_ON, .error = EIO },
	{ .fate = WORLD_FAIL_ON, .error = ENOSPC },
	{ .fate = WORLD_SHORT },
	{ .fate = WORLD_SHORT_FAIL, .error = ENOSPC },
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

struct scene {
	struct facts facts;
	struct image before, after;
	bool takes_back;
	uint64_t commit; /* in @after */
	uint64_t calls;	 /* of an undisturbed removal */
};

struct end {
	bool killed;
	enum sheaf_status status;
	uint64_t calls;
};

/* an article in a block, one more, and an id that the corpus lacks */
static enum sheaf_status change(const struct scene *s)
{
	struct sheaf_commit_options o = { .has_time = true, .time = 9 };
	uint8_t ids[3][SHEAF_ID_SIZE] = { { 7 } };
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	memcpy(ids[1], s->facts.list[0].id, SHEAF_ID_SIZE);
	memcpy(ids[2], s->facts.list[5].id, SHEAF_ID_SIZE);
	st = sheaf_writer_open(&w, "corpus", NULL, NULL);
	if (st == SHEAF_OK)
		st = (s->takes_back ? sheaf_writer_take_back :
				      sheaf_writer_remove)(
			w, (const uint8_t(*)[SHEAF_ID_SIZE])ids, 3, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

/* in a process of its own */
static bool change_run(const struct scene *s, const struct world *how,
		       struct end *end)
{
	uint64_t *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	if (shared == MAP_FAILED)
		return false;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(SECONDS);
		world = *how;
		world.called = shared;
		_exit((int)change(s));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	end->killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!end->killed && !WIFEXITED(status))
		return false;
	end->status =
		end->killed ? SHEAF_OK : (enum sheaf_status)WEXITSTATUS(status);
	end->calls = *shared;
	munmap(shared, sizeof(*shared));
	return true;
}

/* the file is @wanted; or only begins so */
static bool file_is(const struct image *wanted, bool begins)
{
	struct image now = { 0 };
	bool same =
		image_load(&now, "corpus") &&
		(begins ? now.len >= wanted->len : now.len == wanted->len) &&
		memcmp(now.p, wanted->p, wanted->len) == 0;

	image_done(&now);
	return same;
}

static uint64_t commit_shown(void)
{
	struct sheaf_corpus *c;
	uint64_t k;

	if (sheaf_open(&c, "corpus", NULL, NULL) != SHEAF_OK)
		return 0;
	k = sheaf_corpus_commit(c)->number;
	sheaf_close(c);
	return k;
}

/* says which of the demands is not met */
static const char *outcome(const struct scene *s, const struct end *end,
			   uint64_t count[SPREAD_COUNTS])
{
	uint64_t shown = commit_shown();
	enum sheaf_status st;

	if (shown != s->commit && shown != s->commit - 1)
		return "the corpus is neither old nor new";
	if (!file_is(&s->before, true))
		return "its former bytes changed";
	if (!end->killed && end->status == SHEAF_OK && shown != s->commit)
		return "removed, but the corpus is the old one";
	if (shown == s->commit && !file_is(&s->after, false))
		return "the new corpus is another one";
	if (verify_damages("corpus", &st) != 0)
		return "it is damaged";
	count[shown == s->commit ? NEW : OLD]++;
	if (change(s) != SHEAF_OK || !file_is(&s->after, false))
		return "the next removal makes another file";
	return NULL;
}

static bool disturb(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct scene *s = arg;
	struct world how = fates[i % FATES];
	const char *wrong = NULL;
	struct end end = { 0 };
	char folder[32];

	how.at = i / FATES;
	snprintf(folder, sizeof(folder), "case-%u-%" PRIu64, s->takes_back, i);
	if (mkdir(folder, 0777) != 0 || chdir(folder) != 0)
		return false;
	if (!scratch_write("corpus", s->before.p, s->before.len))
		wrong = "can't make the corpus";
	if (wrong == NULL && !change_run(s, &how, &end))
		wrong = "the removal crashed";
	if (wrong == NULL)
		wrong = outcome(s, &end, count);
	if (wrong == NULL)
		count[end.killed	     ? KILLED :
		      end.status != SHEAF_OK ? REFUSED :
					       WELL]++;
	else
		printf("  fate %" PRIu64 " (%d) at call %" PRIu64 ": %s\n",
		       i % FATES, (int)how.fate, how.at, wrong);
	unlink("corpus");
	return chdir("..") == 0 && wrong == NULL;
}

static void scene_play(struct scene *s, const char *what)
{
	struct world well = { 0 };
	struct end end = { 0 };
	struct spread sum;

	CHECK(scratch_write("corpus", s->before.p, s->before.len));
	if (!CHECK(change_run(s, &well, &end) && end.status == SHEAF_OK &&
		   image_load(&s->after, "corpus")))
		return;
	s->commit = commit_shown();
	unlink("corpus");
	/* the calls after the last: it gets through */
	CHECK(spread_run((end.calls + 1) * FATES, spread_is_slow() ? 3 : 1,
			 SECONDS, disturb, s, &sum));
	printf("%s: %" PRIu64 " calls, %" PRIu64 " cases: %" PRIu64
	       " killed, %" PRIu64 " refused, %" PRIu64
	       " got through; then old %" PRIu64 ", new %" PRIu64 "\n",
	       what, end.calls, sum.done, sum.count[KILLED], sum.count[REFUSED],
	       sum.count[WELL], sum.count[OLD], sum.count[NEW]);
}

static void test_disturbed_removal_leaves_old_or_new(void)
{
	struct scene s = { .takes_back = false };

	posts_small(&s.facts);
	CHECK(facts_write_all(&s.facts, "corpus", 1, 1, &posts_small_options));
	CHECK(image_load(&s.before, "corpus"));
	scene_play(&s, "remove");
	image_done(&s.before);
	s.before = s.after;
	s.after = (struct image){ 0 };
	s.takes_back = true;
	scene_play(&s, "take back");
	image_done(&s.before);
	image_done(&s.after);
	facts_done(&s.facts);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_disturbed_removal_leaves_old_or_new) },
	};
	int rc;

	if (!scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
