/*
 * test_contain.c - formats/folder/contain.c: files of many articles on their
 * way to the writer
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include <sheaf/corpus.h>
#include <sheaf/folder.h>

#include "harness.h"
#include "scratch.h"

static char notes[1000];

static void on_warning(const char *text, void *arg)
{
	(void)arg;
	snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes), "%s\n",
		 text);
}

static bool tar_make(const char *path, unsigned int members)
{
	struct archive *a = archive_write_new();
	bool ok = archive_write_set_format_ustar(a) == ARCHIVE_OK &&
		  archive_write_open_filename(a, path) == ARCHIVE_OK;

	for (unsigned int i = 0; i < members && ok; i++) {
		struct archive_entry *e = archive_entry_new();
		char name[32];

		snprintf(name, sizeof(name), "m/%u.txt", i);
		archive_entry_set_pathname(e, name);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_size(e, 7);
		archive_entry_set_mtime(e, 1000 + i, 0);
		snprintf(name, sizeof(name), "text %u\n", i % 10);
		ok = archive_write_header(a, e) == ARCHIVE_OK &&
		     archive_write_data(a, name, 7) == 7;
		archive_entry_free(e);
	}
	ok = archive_write_close(a) == ARCHIVE_OK && ok;
	archive_write_free(a);
	return ok;
}

/* adds @path; the writer is dropped unless all went well */
static enum sheaf_status add(const char *path, struct sheaf_folder_options *o,
			     struct sheaf_folder_result *r,
			     struct sheaf_error *err)
{
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	notes[0] = '\0';
	o->on_warning = on_warning;
	st = sheaf_writer_open(&w, "corpus", NULL, err);
	if (st == SHEAF_OK)
		st = sheaf_folder_add(w, &path, 1, o, r, err);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, err);
	sheaf_writer_free(w);
	return st;
}

static int grow(uint64_t files, uint64_t bytes, uint64_t total, void *arg)
{
	FILE *f = files == 3 ? fopen(arg, "ab") : NULL;

	(void)bytes, (void)total;
	if (f) {
		fputs("more", f);
		fclose(f);
	}
	return 0;
}

static void test_container_that_grows_meanwhile_ends_it(void)
{
	char path[] = "grows.tar";
	struct sheaf_folder_options o = { .format = "archive",
					  .on_progress = grow,
					  .arg = path };
	struct sheaf_folder_result r = { 0 };
	struct sheaf_error err = { 0 };

	CHECK(tar_make(path, 10));
	CHECK(add(path, &o, &r, &err) == SHEAF_CORRUPT);
	CHECK(r.input_failed);
	CHECK(!strcmp(err.text, "grows.tar: changed while it was read"));
	CHECK(access("corpus", F_OK) != 0);
}

static int stop(uint64_t files, uint64_t bytes, uint64_t total, void *arg)
{
	(void)bytes, (void)total, (void)arg;
	return files == 5;
}

static void test_members_count_for_progress_and_can_be_stopped(void)
{
	struct sheaf_folder_options o = { .on_progress = stop };
	struct sheaf_folder_result r = { 0 };
	struct sheaf_error err = { 0 };

	CHECK(tar_make("ten.tar", 10));
	CHECK(add("ten.tar", &o, &r, &err) == SHEAF_CANCELLED);
	CHECK(r.files == 5 && r.bytes == 35 && !r.input_failed);
	CHECK(access("corpus", F_OK) != 0);
}

static void test_what_a_writer_says_is_not_the_files_fault(void)
{
	struct sheaf_folder_options o = { 0 };
	struct sheaf_folder_result r = { 0 };
	struct sheaf_error err = { 0 };
	const char *path = "ten.tar";
	struct sheaf_writer *w = NULL;

	CHECK(tar_make(path, 10));
	CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
	CHECK(sheaf_writer_commit(w, NULL, NULL, NULL) == SHEAF_OK);
	/* a finished writer: not stored, and told as for any file */
	CHECK(sheaf_folder_add(w, &path, 1, &o, &r, &err) == SHEAF_OK);
	CHECK(r.failed == 10 && r.files == 0 && !r.input_failed);
	sheaf_writer_free(w);
}

static void test_bounds_of_a_container(void)
{
	struct sheaf_folder_options o = { .max_total = 69 };
	struct sheaf_folder_result r = { 0 };
	struct sheaf_error err = { 0 };

	CHECK(tar_make("ten.tar", 10));
	CHECK(add("ten.tar", &o, &r, &err) == SHEAF_LIMIT && r.input_failed);
	o.max_total = 70;
	o.max_article = 6;
	CHECK(add("ten.tar", &o, &r, &err) == SHEAF_OK);
	CHECK(r.failed == 10 && r.files == 0);
	CHECK(!strncmp(notes, "ten.tar: m/0.txt: larger than 6 bytes\n", 38));
	o.max_article = 7;
	CHECK(add("ten.tar", &o, &r, &err) == SHEAF_OK);
	CHECK(r.failed == 0 && r.files == 10 && r.bytes == 70);
	CHECK(r.containers == 1);
	unlink("corpus");
}

static void test_base_counts_for_files_not_for_members(void)
{
	struct sheaf_folder_options o = { .base = "in" };
	struct sheaf_folder_result r = { 0 };
	struct sheaf_str wanted[] = { { "m/0.txt", 7 }, { "plain.txt", 9 } };
	struct sheaf_corpus *c;
	struct sheaf_error err = { 0 };
	uint8_t id[SHEAF_ID_SIZE];

	CHECK(mkdir("in", 0777) == 0);
	CHECK(tar_make("in/a.tar", 1));
	CHECK(scratch_write("in/plain.txt", "plain", 5));
	CHECK(add("in", &o, &r, &err) == SHEAF_OK);
	CHECK(r.files == 2 && r.containers == 1);
	if (!CHECK(sheaf_open(&c, "corpus", NULL, NULL) == SHEAF_OK))
		return;
	sheaf_id_of("text 0\n", 7, id);
	CHECK(sheaf_has(c, id, NULL, NULL) == SHEAF_OK);
	sheaf_close(c);
	for (size_t i = 0; i < HARNESS_COUNT(wanted); i++) {
		struct sheaf_writer *w = NULL;

		CHECK(sheaf_writer_open(&w, "corpus", NULL, NULL) == SHEAF_OK);
		CHECK(sheaf_writer_find(w, wanted[i], id, NULL) == SHEAF_OK);
		sheaf_writer_free(w);
	}
	unlink("corpus");
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_container_that_grows_meanwhile_ends_it) },
	{ HARNESS_TEST(test_members_count_for_progress_and_can_be_stopped) },
	{ HARNESS_TEST(test_what_a_writer_says_is_not_the_files_fault) },
	{ HARNESS_TEST(test_bounds_of_a_container) },
	{ HARNESS_TEST(test_base_counts_for_files_not_for_members) },
};

int main(int argc, char **argv)
{
	return scratch_main(argc, argv, tests, HARNESS_COUNT(tests));
}
