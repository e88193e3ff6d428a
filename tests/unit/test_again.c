/*
 * test_again.c - src/pack/again.c: records of articles without their bytes
 */
#include <stdlib.h>

#include <sheaf/corpus.h>
#include <sheaf/writer.h>

#include "harness.h"
#include "scratch.h"

static struct sheaf_str str(const char *s)
{
	return (struct sheaf_str){ s, strlen(s) };
}

static enum sheaf_status add(struct sheaf_writer *w, const char *name,
			     const char *text)
{
	const struct sheaf_article a = { .name = str(name),
					 .bytes = text,
					 .len = strlen(text) };

	return sheaf_writer_add(w, &a, NULL, NULL);
}

static struct sheaf_writer *writer(bool dry_run)
{
	const struct sheaf_write_options o = { .dry_run = dry_run,
					       .threads = 1 };
	struct sheaf_writer *w;

	CHECK(sheaf_writer_open(&w, "corpus", &o, NULL) == SHEAF_OK);
	return w;
}

static bool commit(struct sheaf_writer *w)
{
	bool ok = sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK;

	sheaf_writer_free(w);
	return ok;
}

static bool finds(struct sheaf_writer *w, const char *name, const char *text)
{
	uint8_t id[SHEAF_ID_SIZE], wanted[SHEAF_ID_SIZE];

	sheaf_id_of(text, strlen(text), wanted);
	return sheaf_writer_find(w, str(name), id, NULL) == SHEAF_OK &&
	       memcmp(id, wanted, sizeof(id)) == 0;
}

static bool reads(struct sheaf_writer *w, const char *text)
{
	struct sheaf_bytes b = { 0 };
	uint8_t id[SHEAF_ID_SIZE];
	bool ok;

	sheaf_id_of(text, strlen(text), id);
	ok = sheaf_writer_read(w, id, &b, NULL) == SHEAF_OK &&
	     b.len == strlen(text) &&
	     (b.len == 0 || memcmp(b.p, text, b.len) == 0);
	sheaf_bytes_done(&b);
	return ok;
}

static enum sheaf_status again(struct sheaf_writer *w, const char *name,
			       const char *text, enum sheaf_added *added)
{
	const struct sheaf_article a = { .name = str(name), .format = "f" };
	uint8_t id[SHEAF_ID_SIZE];

	sheaf_id_of(text, strlen(text), id);
	return sheaf_writer_add_again(w, &a, id, added, NULL);
}

static int count(const struct sheaf_record *record, void *arg)
{
	struct sheaf_record *last = arg;

	*last = *record;
	return 0;
}

/* a corpus with "old" under the name "a", and an empty article as "e" */
static void corpus(void)
{
	struct sheaf_writer *w;

	unlink("corpus");
	w = writer(false);
	CHECK(add(w, "a", "old") == SHEAF_OK);
	CHECK(add(w, "e", "") == SHEAF_OK);
	CHECK(commit(w));
}

static void test_find_prefers_what_was_given_last(void)
{
	struct sheaf_writer *w;
	uint8_t id[SHEAF_ID_SIZE];

	corpus();
	w = writer(false);
	CHECK(finds(w, "a", "old"));
	CHECK(finds(w, "e", ""));
	CHECK(sheaf_writer_find(w, str("none"), id, NULL) == SHEAF_NOT_FOUND);
	CHECK(add(w, "a", "new") == SHEAF_OK);
	CHECK(finds(w, "a", "new"));
	CHECK(add(w, "b", "old") == SHEAF_OK);
	CHECK(finds(w, "b", "old"));
	CHECK(commit(w));
	w = writer(false);
	CHECK(finds(w, "a", "new") && finds(w, "b", "old"));
	sheaf_writer_free(w);
}

static void test_again_is_a_copy_with_its_size(void)
{
	struct sheaf_record last = { .size = 99 };
	struct sheaf_bytes b = { 0 };
	enum sheaf_added added;
	struct sheaf_writer *w;
	struct sheaf_corpus *c;

	corpus();
	w = writer(false);
	CHECK(add(w, "n", "fresh") == SHEAF_OK);
	CHECK(again(w, "c", "old", &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_COPY);
	CHECK(again(w, "c", "old", &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_KNOWN);
	CHECK(again(w, "a", "old", &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_KNOWN);
	CHECK(again(w, "z", "fresh", &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_COPY);
	CHECK(again(w, "e2", "", &added) == SHEAF_OK);
	CHECK(again(w, "x", "never", &added) == SHEAF_NOT_FOUND);
	CHECK(again(w, "", "old", &added) == SHEAF_MISUSE);
	CHECK(reads(w, "old") && reads(w, "fresh") && reads(w, ""));
	CHECK(!reads(w, "never"));
	CHECK(commit(w));
	if (!CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK))
		return;
	CHECK(sheaf_list(c, NULL, count, &last, NULL) == SHEAF_OK);
	CHECK(last.size == 5); /* of "z", the last by name */
	CHECK(sheaf_read(c, last.place, &b, NULL, NULL) == SHEAF_OK);
	CHECK(b.len == 5 && memcmp(b.p, "fresh", 5) == 0);
	sheaf_bytes_done(&b);
	sheaf_close(c);
}

/* more than a batch, so that what is asked for is in a block already */
static void test_again_of_what_is_pressed(void)
{
	const struct sheaf_write_options o = { .threads = 1,
					       .memory = (size_t)16 << 20,
					       .level = 1 };
	const char *first = "the first of them";
	struct sheaf_writer *w;
	enum sheaf_added added;
	char *text = malloc(1 << 16);

	unlink("corpus");
	CHECK(sheaf_writer_open(&w, "corpus", &o, NULL) == SHEAF_OK);
	CHECK(add(w, "first", first) == SHEAF_OK);
	memset(text, 'x', 65535);
	text[65535] = '\0';
	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d", i);
		memcpy(text, name, strlen(name));
		CHECK(add(w, name, text) == SHEAF_OK);
	}
	CHECK(finds(w, "first", first) && reads(w, first));
	CHECK(again(w, "copy", first, &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_COPY);
	CHECK(commit(w));
	free(text);
}

static void test_dry_run_finds_but_does_not_read(void)
{
	struct sheaf_writer *w;
	enum sheaf_added added;

	corpus();
	w = writer(true);
	CHECK(add(w, "n", "fresh") == SHEAF_OK);
	CHECK(finds(w, "n", "fresh"));
	CHECK(again(w, "m", "fresh", &added) == SHEAF_OK);
	CHECK(added == SHEAF_ADDED_COPY);
	CHECK(!reads(w, "fresh") && reads(w, "old"));
	sheaf_writer_free(w);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_find_prefers_what_was_given_last) },
	{ HARNESS_TEST(test_again_is_a_copy_with_its_size) },
	{ HARNESS_TEST(test_again_of_what_is_pressed) },
	{ HARNESS_TEST(test_dry_run_finds_but_does_not_read) },
};

int main(int argc, char **argv)
{
	int rc = 1;

	if (!scratch_enter())
		return 1;
	rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return rc;
}
