/*
 * fault_syscalls.c - an add that dies, or is refused, at every system call that
 * changes the file
 *
 * Afterwards the corpus is absent, the old one or the new one: whole, with its
 * former bytes untouched; and the next add makes of it what an undisturbed one
 * does, byte for byte.
 */
#include <dirent.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "fault/disturbed.h"
#include "fault/facts.h"
#include "fault/posts.h"
#include "harness.h"
#include "scratch.h"
#include "write/late.h"

enum { ABSENT = DISTURBED_COUNTS, OLD, NEW };

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
	bool no_tmpfile;
};

static enum sheaf_status change(const void *scene)
{
	const struct scene *s = scene;

	return facts_write(&s->facts, "corpus", s->commit, &options, NULL);
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

/* says which of the demands is not met */
static const char *outcome(const void *scene, const struct world *how,
			   const struct disturbed_end *end,
			   uint64_t count[SPREAD_COUNTS])
{
	const struct scene *s = scene;
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
	is_new = exists && disturbed_commit() == s->commit;
	if (exists && !facts_whole(&s->facts, "corpus",
				   is_new ? s->commit : s->commit - 1))
		return "the corpus is neither old nor new";
	if (exists && !disturbed_begins(&s->before, s->old_end))
		return "its former bytes changed";
	if (!end->killed && end->status == SHEAF_OK && !is_new)
		return "added, but the corpus is the old one";
	count[!exists ? ABSENT : is_new ? NEW : OLD]++;
	if (change(s) != SHEAF_OK)
		return "the next add fails";
	if (!is_new && !disturbed_is(&s->after))
		return "the next add makes another file";
	if (facts_write(&s->facts, "corpus", s->commit + 1, &options, NULL) !=
		    SHEAF_OK ||
	    !disturbed_is(&s->later))
		return "the add after the next one is not right";
	return NULL;
}

/* what an undisturbed add makes of @s->before, and how many calls that takes */
static bool undisturbed(struct scene *s, struct disturbed *d)
{
	struct world well = { 0 };
	struct disturbed_end end = { 0 };
	bool ok = s->before.len == 0 ||
		  scratch_write("corpus", s->before.p, s->before.len);

	ok = ok && disturbed_run(d, &well, &end) && end.status == SHEAF_OK &&
	     image_load(&s->after, "corpus") &&
	     facts_whole(&s->facts, "corpus", s->commit) &&
	     facts_write(&s->facts, "corpus", s->commit + 1, &options, NULL) ==
		     SHEAF_OK &&
	     image_load(&s->later, "corpus");
	d->calls = end.calls;
	unlink("corpus");
	return ok;
}

static void scene_play(struct scene *s, const char *what)
{
	struct disturbed d = { .before = &s->before,
			       .no_tmpfile = s->no_tmpfile,
			       .change = change,
			       .outcome = outcome,
			       .arg = s };
	struct spread sum;

	if (!CHECK(undisturbed(s, &d)))
		return;
	CHECK(disturbed_everywhere(&d, &sum));
	disturbed_tell(what, &d, &sum);
	printf("; then absent %" PRIu64 ", old %" PRIu64 ", new %" PRIu64 "\n",
	       sum.count[ABSENT], sum.count[OLD], sum.count[NEW]);
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
	late_shift = 8; /* small commits have late blocks */
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
