/*
 * fault_remove.c - a removal that dies, or is refused, at every system call
 * that changes the file
 *
 * Afterwards the corpus is the old one or the new one: verified, with its
 * former bytes untouched; and the removal that follows makes of it what an
 * undisturbed one does, byte for byte.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "fault/disturbed.h"
#include "fault/facts.h"
#include "fault/posts.h"
#include "harness.h"
#include "scratch.h"

enum { OLD = DISTURBED_COUNTS, NEW };

struct scene {
	struct facts facts;
	struct image before, after;
	bool takes_back;
	uint64_t commit; /* in @after */
};

/* an article in a block, one more, and an id that the corpus lacks */
static enum sheaf_status change(const void *scene)
{
	const struct scene *s = scene;
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

/* says which of the demands is not met */
static const char *outcome(const void *scene, const struct world *how,
			   const struct disturbed_end *end,
			   uint64_t count[SPREAD_COUNTS])
{
	const struct scene *s = scene;
	uint64_t shown = disturbed_commit();
	enum sheaf_status st;

	(void)how;
	if (shown != s->commit && shown != s->commit - 1)
		return "the corpus is neither old nor new";
	if (!disturbed_begins(&s->before, s->before.len))
		return "its former bytes changed";
	if (!end->killed && end->status == SHEAF_OK && shown != s->commit)
		return "removed, but the corpus is the old one";
	if (shown == s->commit && !disturbed_is(&s->after))
		return "the new corpus is another one";
	if (verify_damages("corpus", &st) != 0)
		return "it is damaged";
	count[shown == s->commit ? NEW : OLD]++;
	if (change(s) != SHEAF_OK || !disturbed_is(&s->after))
		return "the next removal makes another file";
	return NULL;
}

static void scene_play(struct scene *s, const char *what)
{
	struct disturbed d = { .before = &s->before,
			       .change = change,
			       .outcome = outcome,
			       .arg = s };
	struct world well = { 0 };
	struct disturbed_end end = { 0 };
	struct spread sum;

	CHECK(scratch_write("corpus", s->before.p, s->before.len));
	if (!CHECK(disturbed_run(&d, &well, &end) && end.status == SHEAF_OK &&
		   image_load(&s->after, "corpus")))
		return;
	d.calls = end.calls;
	s->commit = disturbed_commit();
	unlink("corpus");
	CHECK(disturbed_everywhere(&d, &sum));
	disturbed_tell(what, &d, &sum);
	printf("; then old %" PRIu64 ", new %" PRIu64 "\n", sum.count[OLD],
	       sum.count[NEW]);
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
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
