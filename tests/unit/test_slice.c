/*
 * test_slice.c - a part of a corpus is a corpus that tells the same of it
 *
 * Which blocks were copied is read from the files: their zstd frames must be
 * the very bytes.
 */
#include <sheaf/slice.h>

#include "harness.h"
#include "read/corpus.h"
#include "read/scan.h"
#include "told.h"

static struct sheaf_slice_result slice_result;

static enum sheaf_status slice_as(const char *path, const char *output,
				  uint64_t as_of,
				  const struct sheaf_slice_options *o)
{
	const struct sheaf_open_options open = { .as_of = as_of };
	struct sheaf_corpus *corpus;
	enum sheaf_status st;

	if (!CHECK(sheaf_open(&corpus, path, &open, NULL) == SHEAF_OK))
		return SHEAF_IO;
	(void)remove(output);
	st = sheaf_slice(corpus, output, o, &slice_result, NULL);
	sheaf_close(corpus);
	return st;
}

static enum sheaf_status slice(const char *path, const char *output,
			       const struct sheaf_filter *filter,
			       unsigned int threads)
{
	const struct sheaf_slice_options o = { .filter = filter,
					       .threads = threads,
					       .has_time = true,
					       .time = 1670000000,
					       .message = { "slice", 5 } };

	return slice_as(path, output, 0, &o);
}

/* the zstd frames of all blocks, in order, each behind its length */
static void frames_load(const char *path, struct buf *out)
{
	struct sheaf_corpus *corpus;
	const struct scan_item *item;
	struct scan scan;

	buf_clear(out);
	if (!CHECK(sheaf_open(&corpus, path, NULL, NULL) == SHEAF_OK))
		return;
	scan_init(&scan, &corpus->view, 0);
	while (scan_next(&scan, &item, NULL) == SHEAF_OK) {
		size_t len;
		uint8_t *p;

		if (item->kind != SCAN_BLOCK)
			continue;
		len = (size_t)item->block.packed;
		buf_bytes(out, &len, sizeof(len));
		p = buf_room(out, len);
		CHECK(view_read(&corpus->view, item->frame, p, len, NULL) ==
		      SHEAF_OK);
		buf_grew(out, len);
	}
	scan_done(&scan);
	sheaf_close(corpus);
}

/* is every frame of @part, but for @fresh at its end, one of @all, in order */
static bool frames_among(const struct buf *part, const struct buf *all,
			 size_t fresh)
{
	size_t at = 0, other = 0, count = 0, n = 0;

	for (size_t i = 0; i < part->len; count++) {
		size_t len;

		memcpy(&len, part->p + i, sizeof(len));
		i += sizeof(len) + len;
	}
	for (; at < part->len && n + fresh < count; n++) {
		size_t len, have = 0;
		bool found = false;

		memcpy(&len, part->p + at, sizeof(len));
		for (; !found && other < all->len;
		     other += sizeof(have) + have) {
			memcpy(&have, all->p + other, sizeof(have));
			found = have == len &&
				memcmp(all->p + other, part->p + at,
				       sizeof(len) + len) == 0;
		}
		if (!found)
			return false;
		at += sizeof(len) + len;
	}
	return n + fresh == count;
}

static void test_slice_of_all_copies_every_frame(void)
{
	const struct sheaf_filter all = { .all_versions = true };
	struct buf before[COMMITS + 1] = { { 0 } };
	struct buf after[COMMITS + 1] = { { 0 } };
	struct buf a = { 0 }, b = { 0 };

	corpus_make("a.sheaf");
	CHECK(slice("a.sheaf", "s.sheaf", &all, 2) == SHEAF_OK);
	CHECK(whole("s.sheaf"));
	CHECK(slice_result.articles_copied == slice_result.articles);
	CHECK(slice_result.blocks_new == 0 && slice_result.blocks_copied > 50);
	frames_load("a.sheaf", &a);
	frames_load("s.sheaf", &b);
	CHECK(buf_same(&a, &b));
	dumps_make("a.sheaf", before, COMMITS + 1, 0);
	dumps_make("s.sheaf", after, COMMITS + 1, 1);
	dumps_compare(before, after, COMMITS + 1);
	dumps_done(before, COMMITS + 1);
	dumps_done(after, COMMITS + 1);
	buf_done(&a);
	buf_done(&b);
}

/* what a filter takes of each, as text */
static void listed(const char *path, const struct sheaf_filter *filter,
		   struct buf *out)
{
	struct dump d = { .out = out, .alone = true };

	buf_clear(out);
	if (!CHECK(sheaf_open(&d.corpus, path, NULL, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_list(d.corpus, filter, record_dump, &d, NULL) == SHEAF_OK);
	if (d.count != 0)
		qsort(d.lines, d.count, sizeof(*d.lines), line_compare);
	for (size_t i = 0; i < d.count; i++) {
		put(out, d.lines[i]);
		put(out, "\n");
		free(d.lines[i]);
	}
	free(d.lines);
	sheaf_bytes_done(&d.bytes);
	sheaf_close(d.corpus);
}

static bool has_string(const char *path, const char *s)
{
	const struct codes *codes;
	struct sheaf_corpus *corpus;
	bool found = false;

	if (!CHECK(sheaf_open(&corpus, path, NULL, NULL) == SHEAF_OK))
		return false;
	CHECK(corpus_codes(corpus, &codes, NULL) == SHEAF_OK);
	for (uint32_t i = 0; i < codes->count; i++)
		found |= codes->strings[i].len == strlen(s) &&
			 memcmp(codes->strings[i].p, s, strlen(s)) == 0;
	sheaf_close(corpus);
	return found;
}

static void part_check(const char *path, const struct sheaf_filter *filter,
		       bool copies)
{
	const struct sheaf_filter all = { .all_versions = true };
	struct buf a = { 0 }, b = { 0 };

	CHECK(slice(path, "s.sheaf", filter, 2) == SHEAF_OK);
	CHECK(whole("s.sheaf"));
	CHECK((slice_result.articles_copied != 0) == copies);
	listed(path, filter, &a);
	listed("s.sheaf", &all, &b);
	CHECK(a.len > 1000 && buf_same(&a, &b));
	frames_load(path, &a);
	frames_load("s.sheaf", &b);
	CHECK(frames_among(&b, &a, (size_t)slice_result.blocks_new));
	buf_done(&a);
	buf_done(&b);
}

static void test_slice_holds_what_was_chosen_and_nothing_else(void)
{
	static const struct sheaf_str outlet = { "courier", 7 };
	static const char *const most = "*[!3]*-?*";
	static const char *const few = "day/0[1-4]/*";
	const struct sheaf_filter of_outlet = { .outlets = &outlet,
						.outlet_count = 1,
						.all_versions = true };
	const struct sheaf_filter of_most = { .name_globs = &most,
					      .name_glob_count = 1,
					      .all_versions = true };
	const struct sheaf_filter of_few = { .name_globs = &few,
					     .name_glob_count = 1,
					     .all_versions = true };

	corpus_make("a.sheaf");
	CHECK(has_string("a.sheaf", "bote"));
	part_check("a.sheaf", &of_outlet, false);
	CHECK(!has_string("s.sheaf", "bote"));
	CHECK(has_string("s.sheaf", "courier"));
	part_check("a.sheaf", &of_most, true);
	part_check("a.sheaf", &of_few, false);
	/* a dictionary of whole articles stays behind */
	CHECK(sheaf_compact("a.sheaf", NULL, NULL, NULL) == SHEAF_OK);
	part_check("a.sheaf", &of_most, false);
	part_check("a.sheaf", &of_few, false);
}

/* only the latest: their parents, older versions, stay behind */
static void test_slice_of_revisions_without_their_parents(void)
{
	const struct sheaf_filter latest = { 0 };

	corpus_make("a.sheaf");
	part_check("a.sheaf", &latest, true);
	CHECK(slice_result.articles_copied < slice_result.articles);
}

static void test_slice_as_of_an_older_commit(void)
{
	const struct sheaf_filter all = { .all_versions = true };
	const struct sheaf_slice_options o = { .filter = &all, .threads = 2 };
	struct buf a = { 0 }, b = { 0 };

	corpus_make("a.sheaf");
	for (int compacted = 0; compacted < 2; compacted++) {
		for (unsigned int k = 1; k <= COMMITS; k++) {
			CHECK(slice_as("a.sheaf", "s.sheaf", k, &o) ==
			      SHEAF_OK);
			CHECK(slice_result.commit == k + 1 && whole("s.sheaf"));
			corpus_dump("a.sheaf", k, 0, &a);
			corpus_dump("s.sheaf", 0, 1, &b);
			CHECK(buf_same(&a, &b));
		}
		CHECK(sheaf_compact("a.sheaf", NULL, NULL, NULL) == SHEAF_OK);
	}
	buf_done(&a);
	buf_done(&b);
}

static int place_take(const struct sheaf_record *r, void *arg)
{
	struct buf *places = arg;

	buf_bytes(places, &r->place, sizeof(r->place));
	return places->len >= 5 * sizeof(r->place);
}

static void test_slice_of_places(void)
{
	const struct sheaf_filter all = { .all_versions = true };
	struct sheaf_slice_options o = { .filter = &all };
	struct sheaf_corpus *corpus;
	struct buf places = { 0 };

	corpus_make("a.sheaf");
	if (!CHECK(sheaf_open(&corpus, "a.sheaf", NULL, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_list(corpus, &all, place_take, &places, NULL) ==
	      SHEAF_CANCELLED);
	o.places = (const struct sheaf_place *)(void *)places.p;
	o.place_count = 5;
	(void)remove("s.sheaf");
	CHECK(sheaf_slice(corpus, "s.sheaf", &o, &slice_result, NULL) ==
	      SHEAF_OK);
	CHECK(slice_result.articles == 5 && slice_result.records >= 5);
	CHECK(whole("s.sheaf"));
	CHECK(sheaf_slice(corpus, "s.sheaf", &o, NULL, NULL) == SHEAF_MISUSE);
	o.place_count = 0;
	CHECK(sheaf_slice(corpus, "none.sheaf", &o, NULL, NULL) ==
	      SHEAF_NOT_FOUND);
	CHECK(access("none.sheaf", F_OK) != 0);
	sheaf_close(corpus);
	buf_done(&places);
}

static int stop_now(uint64_t done, uint64_t total, void *arg)
{
	(void)arg;
	CHECK(done <= total);
	return done > total / 2;
}

static void test_slice_that_is_stopped_leaves_nothing(void)
{
	const struct sheaf_slice_options o = { .on_progress = stop_now };

	corpus_make("a.sheaf");
	CHECK(slice_as("a.sheaf", "s.sheaf", 0, &o) == SHEAF_CANCELLED);
	CHECK(access("s.sheaf", F_OK) != 0);
}

static void test_slice_can_be_added_to_and_sliced(void)
{
	const struct sheaf_filter all = { .all_versions = true };
	struct sheaf_commit_result r;

	corpus_make("a.sheaf");
	CHECK(slice("a.sheaf", "s.sheaf", NULL, 2) == SHEAF_OK);
	story_add("s.sheaf", COMMITS + 1, &r);
	CHECK(r.commit == COMMITS + 2 && r.records == 31);
	CHECK(whole("s.sheaf"));
	CHECK(slice("s.sheaf", "t.sheaf", &all, 2) == SHEAF_OK);
	CHECK(whole("t.sheaf"));
	CHECK(slice_result.articles_copied == slice_result.articles);
}

static void test_slice_same_file_for_any_number_of_threads(void)
{
	static const unsigned int threads[] = { 1, 2, 7 };
	struct buf first = { 0 }, next = { 0 };

	corpus_make("a.sheaf");
	for (size_t i = 0; i < HARNESS_COUNT(threads); i++) {
		CHECK(slice("a.sheaf", "s.sheaf", NULL, threads[i]) ==
		      SHEAF_OK);
		file_load("s.sheaf", i == 0 ? &first : &next);
		CHECK(i == 0 || buf_same(&first, &next));
	}
	buf_done(&first);
	buf_done(&next);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_slice_of_all_copies_every_frame) },
		{ HARNESS_TEST(
			test_slice_holds_what_was_chosen_and_nothing_else) },
		{ HARNESS_TEST(test_slice_of_revisions_without_their_parents) },
		{ HARNESS_TEST(test_slice_as_of_an_older_commit) },
		{ HARNESS_TEST(test_slice_of_places) },
		{ HARNESS_TEST(test_slice_that_is_stopped_leaves_nothing) },
		{ HARNESS_TEST(test_slice_can_be_added_to_and_sliced) },
		{ HARNESS_TEST(
			test_slice_same_file_for_any_number_of_threads) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
