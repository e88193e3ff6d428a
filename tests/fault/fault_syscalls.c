/*
 * fault_syscalls.c - an add that dies, or is refused, at every system call that
 * changes the file
 *
 * Afterwards the corpus is absent, the old one or the new one: whole, with its
 * former bytes untouched; and the next add makes of it what an undisturbed one
 * does, byte for byte.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
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

enum { KILLED, REFUSED, WELL, ABSENT, OLD, NEW };

static const struct sheaf_write_options options = {
	.level = 3,
	.block_size = 2048,
	.dictionary_size = 2048,
	.threads = 1,
};

/* an add that is disturbed: commit @commit over @before */
struct scene {
	struct facts facts;
	struct image before; /* the corpus that it finds; len 0: none */
	struct image after;  /* undisturbed */
	struct image later;  /* and with one more commit */
	size_t old_end;	     /* of the last commit in @before */
	uint64_t commit;     /* the next one is in the facts, too */
	unsigned int number; /* sets the scenes' folders apart */
	bool no_tmpfile;
	uint64_t calls; /* of an undisturbed add */
};

/* how a call goes wrong; each is tried at each call */
static const struct world fates[] = {
	{ .fate = WORLD_KILL_BEFORE },
	{ .fate = WORLD_KILL_AFTER },
	{ .fate = WORLD_KILL_WITHIN, .part = 0 },
	{ .fate = WORLD_KILL_WITHIN, .part = 1 },
	{ .fate = WORLD_KILL_WITHIN, .part = 5 },
	{ .fate = WORLD_KILL_WITHIN, .part = 8 },
	{ .fate = WORLD_KILL_WITHIN, .part = 11 },
	{ .fate = WORLD_KILL_WITHIN, .part = 15 },
	{ .fate = WORLD_POWER_CUT, .chance = 1 },
	{ .fate = WORLD_POWER_CUT, .chance = 2 },
	{ .fate = WORLD_POWER_CUT, .chance = 3 },
	{ .fate = WORLD_POWER_CUT, .chance = 4 },
	{ .fate = WORLD_POWER_CUT, .chance = 5 },
	{ .fate = WORLD_POWER_CUT, .chance = 6 },
	{ .fate = WORLD_FAIL, .error = EIO },
	{ .fate = WORLD_FAIL, .error = ENOSPC },
	{ .fate = WORLD_FAIL, .error = EDQUOT },
	{ .fate = WORLD_FAIL, .error = EINTR },
	{ .fate = WORLD_FAIL_ON, .error = EIO },
	{ .fate = WORLD_FAIL_ON, .error = ENOSPC },
	{ .fate = WORLD_SHORT },
	{ .fate = WORLD_SHORT_FAIL, .error = ENOSPC },
	{ .fate = WORLD_SHORT_FAIL, .error = EIO },
};

#define FATES (sizeof(fates) / sizeof(fates[0]))

/* what the process that added came to */
struct end {
	bool killed;
	enum sheaf_status status;
	uint64_t calls;
};

/* the disturbed add, in a process of its own */
static bool add_run(const struct scene *s, const struct world *how,
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
		world.no_tmpfile = s->no_tmpfile;
		_exit((int)facts_write(&s->facts, "corpus", s->commit, &options,
				       NULL));
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

/* files in the current folder other than the corpus */
static int strays(void)
{
	DIR *d = opendir(".");
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		     strcmp(e->d_name, "..") != 0 &&
		     strcmp(e->d_name, "corpus") != 0;
	if (d != NULL)
		closedir(d);
	return n;
}

static bool file_is(const struct image *wanted)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len == wanted->len &&
		    memcmp(now.p, wanted->p, now.len) == 0;

	image_done(&now);
	return same;
}

static bool starts_as_before(const struct scene *s)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len >= s->old_end &&
		    (s->old_end == 0 ||
		     memcmp(now.p, s->before.p, s->old_end) == 0);

	image_done(&now);
	return same;
}

/* the commit that the file shows; 0: there is no file */
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
static const char *outcome(const struct scene *s, const struct world *how,
			   const struct end *end, uint64_t count[SPREAD_COUNTS])
{
	bool exists = access("corpus", F_OK) == 0, is_new;

	if (!exists && s->commit != 1)
		return "the corpus is gone";
	if (!exists && !end->killed && end->status == SHEAF_OK)
		return "added, but there is no corpus";
	/* a hidden name outlives its writer, and a call that fails for good */
	if (strays() != 0 &&
	    !(s->no_tmpfile && (end->killed || how->fate == WORLD_FAIL_ON)))
		if (!s->no_tmpfile || strays() > 1 || end->status == SHEAF_OK)
			return "a stray file";
	is_new = exists && commit_shown() == s->commit;
	if (exists && !facts_whole(&s->facts, "corpus",
				   is_new ? s->commit : s->commit - 1))
		return "the corpus is neither old nor new";
	if (exists && !starts_as_before(s))
		return "its former bytes changed";
	if (!end->killed && end->status == SHEAF_OK && !is_new)
		return "added, but the corpus is the old one";
	count[!exists ? ABSENT : is_new ? NEW : OLD]++;
	if (facts_write(&s->facts, "corpus", s->commit, &options, NULL) !=
	    SHEAF_OK)
		return "the next add fails";
	if (!is_new && !file_is(&s->after))
		return "the next add makes another file";
	if (facts_write(&s->facts, "corpus", s->commit + 1, &options, NULL) !=
		    SHEAF_OK ||
	    !file_is(&s->later))
		return "the add after the next one is not right";
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
	snprintf(folder, sizeof(folder), "case-%u-%" PRIu64, s->number, i);
	if (mkdir(folder, 0777) != 0 || chdir(folder) != 0)
		return false;
	if (s->before.len != 0 &&
	    !scratch_write("corpus", s->before.p, s->before.len))
		wrong = "can't make the corpus";
	if (wrong == NULL && !add_run(s, &how, &end))
		wrong = "the add crashed";
	if (wrong == NULL)
		wrong = outcome(s, &how, &end, count);
	if (wrong == NULL)
		count[end.killed	     ? KILLED :
		      end.status != SHEAF_OK ? REFUSED :
					       WELL]++;
	if (wrong != NULL)
		printf("  fate %" PRIu64 " (%d) at call %" PRIu64 ": %s\n",
		       i % FATES, (int)how.fate, how.at, wrong);
	unlink("corpus");
	return chdir("..") == 0 && wrong == NULL;
}

/* what an undisturbed add makes of @s->before, and how many calls that takes */
static bool undisturbed(struct scene *s)
{
	struct world well = { 0 };
	struct end end = { 0 };
	bool ok = s->before.len == 0 ||
		  scratch_write("corpus", s->before.p, s->before.len);

	ok = ok && add_run(s, &well, &end) && end.status == SHEAF_OK &&
	     image_load(&s->after, "corpus") &&
	     facts_whole(&s->facts, "corpus", s->commit) &&
	     facts_write(&s->facts, "corpus", s->commit + 1, &options, NULL) ==
		     SHEAF_OK &&
	     image_load(&s->later, "corpus");
	s->calls = end.calls;
	unlink("corpus");
	return ok;
}

static void scene_play(struct scene *s, const char *what)
{
	static unsigned int number;
	struct spread sum;

	s->number = number++;
	if (!CHECK(undisturbed(s)))
		return;
	/* the calls after the last: the run gets through */
	CHECK(spread_run((s->calls + 1) * FATES, spread_is_slow() ? 5 : 1,
			 SECONDS, disturb, s, &sum));
	printf("%s: %" PRIu64 " calls, %" PRIu64 " cases: %" PRIu64
	       " killed, %" PRIu64 " refused, %" PRIu64
	       " got through; then absent %" PRIu64 ", old %" PRIu64
	       ", new %" PRIu64 "\n",
	       what, s->calls, sum.done, sum.count[KILLED], sum.count[REFUSED],
	       sum.count[WELL], sum.count[ABSENT], sum.count[OLD],
	       sum.count[NEW]);
}

static void scene_done(struct scene *s)
{
	facts_done(&s->facts);
	image_done(&s->before);
	image_done(&s->after);
	image_done(&s->later);
}

/* the corpus of the commits before, as the add finds it */
static bool scene_before(struct scene *s)
{
	bool ok = facts_write_all(&s->facts, "corpus", 1, s->commit - 1,
				  &options) &&
		  image_load(&s->before, "corpus");

	s->old_end = s->before.len;
	unlink("corpus");
	return ok;
}

static void test_disturbed_create_leaves_none_or_all(void)
{
	struct scene s = { .commit = 1 };

	posts_small(&s.facts);
	scene_play(&s, "create");
	s.no_tmpfile = true;
	image_done(&s.after);
	image_done(&s.later);
	scene_play(&s, "create under a hidden name");
	scene_done(&s);
}

static void test_disturbed_add_leaves_old_or_new(void)
{
	struct scene s = { .commit = 2 };

	posts_small(&s.facts);
	if (CHECK(scene_before(&s)))
		scene_play(&s, "add");
	scene_done(&s);
}

static void test_disturbed_add_of_layers_leaves_old_or_new(void)
{
	struct scene s = { .commit = 2 };

	posts_many(&s.facts, 1, 5000, 3);
	posts_many(&s.facts, 2, 0, 2060);
	posts_many(&s.facts, 3, 6000, 2);
	if (CHECK(scene_before(&s)))
		scene_play(&s, "add with index layers");
	scene_done(&s);
}

/* half of a segment, and some zeros */
static void test_disturbed_add_over_torn_tail_leaves_old_or_new(void)
{
	struct scene s = { .commit = 2 };
	struct image full = { 0 };
	size_t cut;

	posts_small(&s.facts);
	if (!CHECK(scene_before(&s)))
		return;
	CHECK(facts_write_all(&s.facts, "corpus", 1, 2, &options));
	CHECK(image_load(&full, "corpus"));
	cut = s.old_end + (full.len - s.old_end) / 2;
	memset(full.p + cut, 0, full.len - cut);
	image_done(&s.before);
	s.before = full;
	unlink("corpus");
	scene_play(&s, "add over a torn tail");
	scene_done(&s);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_disturbed_create_leaves_none_or_all) },
	{ HARNESS_TEST(test_disturbed_add_leaves_old_or_new) },
	{ HARNESS_TEST(test_disturbed_add_of_layers_leaves_old_or_new) },
	{ HARNESS_TEST(test_disturbed_add_over_torn_tail_leaves_old_or_new) },
};

int main(int argc, char **argv)
{
	int rc;

	if (!scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
