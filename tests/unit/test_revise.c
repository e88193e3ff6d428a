/*
 * test_revise.c - which edits become revisions, and of what
 */
#include <stdint.h>
#include <string.h>

#include <sheaf/similar.h>
#include <sheaf/writer.h>

#include "harness.h"
#include "pack/kin.h"
#include "pack/likeness.h"
#include "scratch.h"

#define TEXT_MAX 8192
#define OTHERS 400

/* words that another seed does not give */
static size_t text_make(uint32_t seed, size_t len, char out[TEXT_MAX])
{
	uint64_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = "etaoin shrdlu"[x >> 33 & 7];
	}
	return len;
}

static void test_likeness_of_part_is_all_of_it(void)
{
	char whole[TEXT_MAX], other[TEXT_MAX];
	struct likeness *l;
	struct likeness_share n;

	text_make(1, 4000, whole);
	text_make(2, 4000, other);
	if (!CHECK(likeness_new(&l, whole, 4000, NULL) == SHEAF_OK))
		return;
	likeness_with(l, whole + 1000, 1000, &n);
	CHECK(n.of_second == 989 && n.second_total == 989);
	CHECK(n.of_first == 989 && n.first_total == 3989);
	likeness_with(l, other, 4000, &n);
	CHECK(n.of_first == 0 && n.of_second == 0);
	likeness_with(l, whole, 11, &n);
	CHECK(n.second_total == 0);
	likeness_free(l);
}

static void test_likeness_estimate_is_near(void)
{
	char whole[TEXT_MAX];
	struct sketch a, b;
	uint64_t about;

	text_make(3, 6000, whole);
	sketch_of(whole, 6000, &a);
	sketch_of(whole + 500, 3000, &b);
	about = likeness_bytes(likeness_bins(&a, &b), 6000, 3000);
	CHECK(about > 2000 && about <= 3000);
}

static void test_kin_finds_a_shortened_copy(void)
{
	static struct sketch sketches[OTHERS];
	static uint32_t lens[OTHERS];
	struct kin_match m[KIN_MOST];
	char text[TEXT_MAX];
	struct sketch wanted;
	struct kin *kin;
	size_t n;

	for (uint32_t i = 0; i < OTHERS; i++) {
		lens[i] = (uint32_t)text_make(i, 3000 + i, text);
		sketch_of(text, lens[i], &sketches[i]);
	}
	text_make(77, 1200, text);
	sketch_of(text, 1200, &wanted);
	if (!CHECK(kin_new(&kin, sketches, lens, OTHERS, NULL) == SHEAF_OK))
		return;
	n = kin_find(kin, &wanted, 1200, m);
	CHECK(n >= 1 && m[0].number == 77 && m[0].bytes > 600);
	/* once more: nothing is left of the first time */
	n = kin_find(kin, &wanted, 1200, m);
	CHECK(n >= 1 && m[0].number == 77);
	kin_free(kin);
}

/* one article as a commit; *r is what became of it */
static bool article_add(const char *path, const char *name, const char *text,
			size_t len, unsigned int threads,
			struct sheaf_commit_result *r)
{
	const struct sheaf_write_options o = { .threads = threads };
	const struct sheaf_commit_options co = { .has_time = true, .time = 1 };
	struct sheaf_article a = { .name = { name, strlen(name) },
				   .bytes = text,
				   .len = len };
	struct sheaf_writer *w;
	bool ok;

	memset(r, 0, sizeof(*r));
	ok = sheaf_writer_open(&w, path, &o, NULL) == SHEAF_OK &&
	     sheaf_writer_add(w, &a, NULL, NULL) == SHEAF_OK &&
	     sheaf_writer_commit(w, &co, r, NULL) == SHEAF_OK;
	sheaf_writer_free(w);
	return ok;
}

static void test_revise_shortened_copy_takes_little(void)
{
	struct sheaf_commit_result r;
	char text[TEXT_MAX];

	text_make(5, 6000, text);
	CHECK(article_add("short.sheaf", "a", text, 6000, 1, &r));
	CHECK(r.revisions == 0 && r.revisions_saved == 0);
	text[1500] = '!';
	CHECK(article_add("short.sheaf", "b", text + 1000, 2000, 1, &r));
	CHECK(r.revisions == 1 && r.revisions_saved > 500);
	CHECK(r.file_growth < 500);
	/* of the revision: against its parent, not against itself [S-14] */
	CHECK(article_add("short.sheaf", "c", text + 1000, 1900, 1, &r));
	CHECK(r.revisions == 1);
	text_make(6, 2000, text);
	CHECK(article_add("short.sheaf", "d", text, 2000, 1, &r));
	CHECK(r.revisions == 0);
}

/* the grown page becomes a parent, or each later edit would take all of its
 * growth again */
static void test_revise_page_that_outgrew_its_parent(void)
{
	struct sheaf_commit_result r;
	char text[TEXT_MAX];

	text_make(12, TEXT_MAX, text);
	CHECK(article_add("grown.sheaf", "a", text, 800, 1, &r));
	CHECK(article_add("grown.sheaf", "a", text, TEXT_MAX, 1, &r));
	CHECK(r.revisions == 0);
	text[5000] = '!';
	CHECK(article_add("grown.sheaf", "a", text, TEXT_MAX, 1, &r));
	CHECK(r.revisions == 1);
	CHECK(r.file_growth < 600);
}

/* what stock zstd -D would take for a formatted dictionary is no parent */
static void test_revise_dictionary_magic_is_no_parent(void)
{
	static const char magic[] = "\x37\xa4\x30\xec";
	struct sheaf_commit_result r;
	char text[TEXT_MAX];

	text_make(8, 3000, text);
	CHECK(article_add("plain.sheaf", "a", text, 3000, 1, &r));
	text[2000] = '!';
	CHECK(article_add("plain.sheaf", "a", text, 3000, 1, &r));
	CHECK(r.revisions == 1);
	memcpy(text, magic, 4);
	CHECK(article_add("magic.sheaf", "a", text, 3000, 1, &r));
	text[2000] = '?';
	CHECK(article_add("magic.sheaf", "a", text, 3000, 1, &r));
	CHECK(r.revisions == 0);
	text[1000] = '?';
	CHECK(article_add("magic.sheaf", "b", text, 2500, 1, &r));
	CHECK(r.revisions == 0);
}

static int place_take(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct sheaf_place *out = arg;

	(void)kind;
	(void)record;
	*out = place;
	return 0;
}

static int similar_take(const struct sheaf_similar *found, void *arg)
{
	const char **name = arg;

	CHECK(found->likeness > 0.9 && found->share_of_it > 0.9);
	CHECK(found->share_of_key < 0.5);
	*name = found->record->name.len == 1 &&
				found->record->name.p[0] == 'b' ?
			"b" :
			"another";
	return 0;
}

static void test_similar_finds_the_copy(void)
{
	struct sheaf_similar_result result;
	struct sheaf_commit_result r;
	struct sheaf_place a = { 0 }, b = { 0 }, base = { 0 };
	struct sheaf_corpus *c;
	const char *name = NULL;
	char text[TEXT_MAX];

	text_make(9, 6000, text);
	CHECK(article_add("like.sheaf", "a", text, 6000, 1, &r));
	CHECK(article_add("like.sheaf", "b", text + 1000, 2000, 1, &r));
	if (!CHECK(sheaf_open(&c, "like.sheaf", NULL, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_find(c, (struct sheaf_str){ "a", 1 }, place_take, &a,
			 NULL) == SHEAF_OK);
	CHECK(sheaf_find(c, (struct sheaf_str){ "b", 1 }, place_take, &b,
			 NULL) == SHEAF_OK);
	CHECK(sheaf_similar(c, a, NULL, similar_take, &name, &result, NULL) ==
	      SHEAF_OK);
	CHECK(name != NULL && strcmp(name, "b") == 0);
	CHECK(result.whole && result.articles == 2);
	CHECK(sheaf_revision_of(c, b, &base, NULL) == SHEAF_OK);
	CHECK(base.block == a.block && base.slot == a.slot);
	CHECK(sheaf_revision_of(c, a, &base, NULL) == SHEAF_NOT_FOUND);
	sheaf_close(c);
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_likeness_of_part_is_all_of_it) },
		{ HARNESS_TEST(test_likeness_estimate_is_near) },
		{ HARNESS_TEST(test_kin_finds_a_shortened_copy) },
		{ HARNESS_TEST(test_revise_shortened_copy_takes_little) },
		{ HARNESS_TEST(test_revise_page_that_outgrew_its_parent) },
		{ HARNESS_TEST(test_revise_dictionary_magic_is_no_parent) },
		{ HARNESS_TEST(test_similar_finds_the_copy) },
	};
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
