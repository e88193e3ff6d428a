/*
 * test_folder_write.c - formats/folder/: from a corpus into files
 *
 * The corpus is a fake: a list of records and their bytes.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheaf/scan.h>

#include "base/fail.h"
#include "formats/folder/folder.h"
#include "harness.h"
#include "scratch.h"

enum { NOTES_MAX = 32 };

struct sheaf_corpus {
	const struct sheaf_record *records; /* place.slot: into texts */
	size_t count;
	const char *const *texts;
	enum sheaf_status read_status; /* of slot 9 */
};

static char *notes[NOTES_MAX];
static size_t note_count;
static bool stop;

enum sheaf_status sheaf_list(struct sheaf_corpus *corpus,
			     const struct sheaf_filter *filter,
			     sheaf_record_fn *fn, void *arg,
			     struct sheaf_error *err)
{
	(void)filter;
	for (size_t i = 0; i < corpus->count; i++) {
		if (fn(&corpus->records[i], arg))
			return fail(err, SHEAF_CANCELLED, "the fake stops");
	}
	return SHEAF_OK;
}

enum sheaf_status sheaf_read(struct sheaf_corpus *corpus,
			     struct sheaf_place place, struct sheaf_bytes *out,
			     uint8_t id[SHEAF_ID_SIZE], struct sheaf_error *err)
{
	const char *s;

	CHECK(!id);
	if (place.slot == 9)
		return fail(err, corpus->read_status, "the fake can't read");
	s = corpus->texts[place.slot];
	free(out->p);
	out->len = strlen(s);
	out->p = strdup(s);
	return SHEAF_OK;
}

unsigned int sheaf_scan_threads(const struct sheaf_scan_options *options)
{
	return options->threads > 0 ? options->threads : 1;
}

/* on the caller's thread, as if it were the last of several */
enum sheaf_status sheaf_scan(struct sheaf_corpus *corpus,
			     const struct sheaf_filter *filter,
			     const struct sheaf_scan_options *options,
			     sheaf_scanned_fn *fn, void *arg,
			     struct sheaf_error *err)
{
	(void)filter;
	for (size_t i = 0; i < corpus->count; i++) {
		if (options->on_listed(&corpus->records[i], arg))
			return fail(err, SHEAF_CANCELLED, "the fake stops");
	}
	for (size_t i = 0; i < corpus->count; i++) {
		struct sheaf_scanned a = { .record = &corpus->records[i] };
		unsigned int slot = a.record->place.slot;

		if (slot == 9 && corpus->read_status != SHEAF_CORRUPT)
			return fail(err, corpus->read_status,
				    "the fake can't read");
		if (slot == 9) {
			a.status = SHEAF_CORRUPT;
			a.why = "the fake can't read";
		} else {
			a.p = corpus->texts ? corpus->texts[slot] : "";
			a.len = strlen(a.p);
		}
		a.result =
			options->work(&a, sheaf_scan_threads(options) - 1, arg);
		if (fn(&a, arg))
			return fail(err, SHEAF_CANCELLED, "the fake stops");
	}
	return SHEAF_OK;
}

void sheaf_bytes_done(struct sheaf_bytes *bytes)
{
	free(bytes->p);
	*bytes = (struct sheaf_bytes){ 0 };
}

static void on_warning(const char *text, void *arg)
{
	(void)arg;
	if (note_count < NOTES_MAX)
		notes[note_count++] = strdup(text);
}

static int on_progress(uint64_t files, uint64_t bytes, uint64_t total,
		       void *arg)
{
	(void)arg;
	CHECK(files <= 1 && bytes == files && total == 0);
	return stop && files == 1;
}

static void notes_drop(void)
{
	while (note_count > 0)
		free(notes[--note_count]);
}

static bool noted(size_t i, const char *expected)
{
	if (i < note_count && strcmp(notes[i], expected) == 0)
		return true;
	printf("  note %zu: %s\n", i, i < note_count ? notes[i] : "none");
	return false;
}

static struct sheaf_record record(const char *name, size_t len, uint32_t slot)
{
	struct sheaf_record r = { .name = { name, len },
				  .mtime = { 1739501173, 123456789 },
				  .place = { 0, slot } };

	return r;
}

/* extracts one record with the text "new" */
static enum sheaf_status one(const char *name, const char *dir, bool overwrite,
			     struct sheaf_folder_result *r)
{
	static const char *const texts[] = { "new" };
	struct sheaf_record rec = record(name, strlen(name), 0);
	struct sheaf_corpus corpus = { .records = &rec,
				       .count = 1,
				       .texts = texts };
	struct sheaf_extract_options o = { .overwrite = overwrite,
					   .on_warning = on_warning };

	return sheaf_folder_extract(&corpus, dir, NULL, &o, r, NULL);
}

static bool holds(const char *path, const char *expected)
{
	char got[256];
	int fd = open(path, O_RDONLY | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, got, sizeof(got)) : -1;

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(expected) &&
	       memcmp(got, expected, (size_t)n) == 0;
}

/* entries of a folder, without the two that every one has */
static size_t entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	if (!d)
		return SIZE_MAX;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void test_records_become_files(void)
{
	static const char *const texts[] = { "one\n", "", "three" };
	const struct sheaf_record recs[] = {
		record("a/b/c.md", 8, 0), record("a/b/d.md", 8, 1),
		record("a/e", 3, 2),	  record("a\n\xff/f", 5, 0),
		record("..g", 3, 0),
	};
	struct sheaf_corpus corpus = { .records = recs,
				       .count = HARNESS_COUNT(recs),
				       .texts = texts };
	struct sheaf_folder_result r;
	struct stat sb;

	CHECK(sheaf_folder_extract(&corpus, "out", NULL, NULL, &r, NULL) ==
	      SHEAF_OK);
	CHECK(r.files == 5 && r.bytes == 17 && r.failed == 0 && !r.skipped);
	CHECK(holds("out/a/b/c.md", "one\n") && holds("out/a/b/d.md", ""));
	CHECK(holds("out/a/e", "three") && holds("out/a\n\xff/f", "one\n"));
	CHECK(holds("out/..g", "one\n"));
	CHECK(stat("out/a/b/d.md", &sb) == 0);
	CHECK(sb.st_mtim.tv_sec == 1739501173);
	CHECK(sb.st_mtim.tv_nsec == 123456789);
	CHECK(entries("out") == 3 && entries("out/a/b") == 2);
}

static void test_hostile_names_are_refused(void)
{
	static const char *const names[] = { "../x", "/abs",  "a/../../x",
					     "a/..", "..",    ".",
					     "./a",  "a/./b", "a//b",
					     "a/",   "//abs", "/../x" };
	struct sheaf_folder_result r;
	struct sheaf_record nul = record("a\0b", 3, 0);
	struct sheaf_corpus corpus = { .records = &nul, .count = 1 };

	CHECK(mkdir("jail", 0777) == 0);
	for (size_t i = 0; i < HARNESS_COUNT(names); i++) {
		CHECK(one(names[i], "jail/in", true, &r) == SHEAF_OK);
		CHECK(r.failed == 1 && r.files == 0);
	}
	CHECK(noted(0, "../x: refused: \".\" or \"..\" in the name"));
	CHECK(noted(1, "/abs: refused: an absolute name"));
	CHECK(one("", "jail/in", true, &r) == SHEAF_OK && r.failed == 1);
	CHECK(sheaf_folder_extract(&corpus, "jail/in", NULL, NULL, &r, NULL) ==
	      SHEAF_OK);
	CHECK(r.failed == 1);
	CHECK(entries("jail") == 1 && entries("jail/in") == 0);
	CHECK(access("/abs", F_OK) != 0);
	notes_drop();
}

static void test_long_and_deep_names_are_refused(void)
{
	struct sheaf_folder_result r;
	char name[1024];

	memset(name, 'x', 256);
	memcpy(name + 256, "/f", 3);
	CHECK(one(name, "long", false, &r) == SHEAF_OK && r.failed == 1);
	CHECK(one(name + 1, "long", false, &r) == SHEAF_OK && r.files == 1);
	for (size_t i = 0; i < FOLDER_DEPTH_MAX; i++)
		memcpy(name + 2 * i, "d/f", 4);
	memcpy(name + (size_t)2 * FOLDER_DEPTH_MAX, "f", 2);
	CHECK(one(name, "long", false, &r) == SHEAF_OK && r.failed == 1);
	CHECK(one(name + 2, "long", false, &r) == SHEAF_OK && r.files == 1);
	notes_drop();
}

static void test_links_are_not_followed(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("aside", 0777) == 0 && mkdir("linked", 0777) == 0);
	CHECK(scratch_write("aside/f", "old", 3));
	CHECK(symlink("../aside", "linked/d") == 0);
	CHECK(symlink("../aside/f", "linked/f") == 0);
	CHECK(symlink("../aside/new", "linked/dangling") == 0);
	CHECK(symlink("nowhere", "linked/none") == 0);
	CHECK(one("d/x", "linked", true, &r) == SHEAF_OK && r.failed == 1);
	CHECK(noted(0, "d/x: a file or link is where its folder must be"));
	CHECK(one("none/x", "linked", true, &r) == SHEAF_OK && r.failed == 1);
	CHECK(one("f", "linked", false, &r) == SHEAF_OK && r.skipped == 1);
	CHECK(one("f", "linked", true, &r) == SHEAF_OK && r.files == 1);
	CHECK(one("dangling", "linked", true, &r) == SHEAF_OK && r.files == 1);
	CHECK(holds("linked/f", "new") && holds("linked/dangling", "new"));
	CHECK(holds("aside/f", "old") && entries("aside") == 1);
	/* the folder that is given may be one */
	CHECK(symlink("aside", "to-aside") == 0);
	CHECK(one("g", "to-aside", false, &r) == SHEAF_OK && r.files == 1);
	CHECK(holds("aside/g", "new"));
	notes_drop();
}

static void test_existing_files_stay_unless_told(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("have", 0777) == 0 && scratch_write("have/f", "old", 3));
	CHECK(one("f", "have", false, &r) == SHEAF_OK);
	CHECK(r.skipped == 1 && r.failed == 0 && r.files == 0);
	CHECK(noted(0, "f: exists already") && holds("have/f", "old"));
	CHECK(one("f", "have", true, &r) == SHEAF_OK && r.files == 1);
	CHECK(holds("have/f", "new") && entries("have") == 1);
	CHECK(scratch_write("have/cut", "ne", 2));
	CHECK(one("cut", "have", false, &r) == SHEAF_OK && r.skipped == 1);
	CHECK(noted(1, "cut: exists already, with another size"));
	CHECK(one("cut", "have", true, &r) == SHEAF_OK && r.files == 1);
	CHECK(holds("have/cut", "new") && entries("have") == 2);
	notes_drop();
}

/* nothing is left of a file that can't be written to its end, and the one that
 * it was to replace stays */
static void test_half_written_file_is_removed(void)
{
	struct sheaf_folder_result r;
	struct rlimit old, two;

	CHECK(mkdir("half", 0777) == 0 && scratch_write("half/old", "o", 1));
	CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
	two = (struct rlimit){ 2, old.rlim_max };
	CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	CHECK(setrlimit(RLIMIT_FSIZE, &two) == 0);
	CHECK(one("f", "half", false, &r) == SHEAF_OK && r.failed == 1);
	CHECK(one("g", "half", true, &r) == SHEAF_OK && r.failed == 1);
	CHECK(one("old", "half", true, &r) == SHEAF_OK && r.failed == 1);
	CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
	CHECK(r.files == 0 && entries("half") == 1 && holds("half/old", "o"));
	CHECK(noted(0, "f: cannot be written: File too large"));
	notes_drop();
}

static void test_file_and_folder_of_one_name(void)
{
	static const char *const texts[] = { "x" };
	const struct sheaf_record recs[] = {
		record("a", 1, 0),    record("a/b", 3, 0),
		record("c/d", 3, 0),  record("c", 1, 0),
		record("c/e", 3, 0),  record("a/b/c", 5, 0),
		record("c/d/e", 5, 0)
	};
	struct sheaf_corpus corpus = { .records = recs,
				       .count = HARNESS_COUNT(recs),
				       .texts = texts };
	struct sheaf_extract_options o = { .overwrite = true,
					   .on_warning = on_warning };
	struct sheaf_folder_result r;

	CHECK(sheaf_folder_extract(&corpus, "both", NULL, &o, &r, NULL) ==
	      SHEAF_OK);
	CHECK(r.files == 3 && r.failed == 4);
	/* folders are made first, whatever the order */
	CHECK(noted(0, "a: a folder has this name"));
	CHECK(noted(3, "c: a folder has this name"));
	CHECK(holds("both/a/b/c", "x") && holds("both/c/d/e", "x"));
	CHECK(holds("both/c/e", "x"));
	notes_drop();
}

static void test_addresses_become_paths(void)
{
	static const char *const texts[] = { "x", "yy" };
	char wide[300] = "http://h/";
	struct sheaf_record recs[] = {
		record("http://h", 8, 0),
		record("http://h/a/", 11, 0),
		record("http://h/a", 10, 1),
		record("http://h/b?c=/d", 15, 0),
		record("http://h//e", 11, 0),
		record("http://h/../f", 13, 0),
		record("http://h/index.html", 19, 1),
		record(wide, 9 + 280, 0),
		record("http:///x", 9, 0),
	};
	struct sheaf_corpus corpus = { .records = recs,
				       .count = HARNESS_COUNT(recs),
				       .texts = texts };
	struct sheaf_extract_options o = { .on_warning = on_warning };
	struct sheaf_folder_result r;

	memset(wide + 9, 'w', 280);
	CHECK(sheaf_folder_extract(&corpus, "addresses", NULL, &o, &r, NULL) ==
	      SHEAF_OK);
	CHECK(r.files == 5 && r.skipped == 2 && r.failed == 2);
	CHECK(holds("addresses/http:/h/index.html", "x"));
	CHECK(holds("addresses/http:/h/a/index.html", "x"));
	CHECK(holds("addresses/http:/h/b?c=/d", "x"));
	CHECK(holds("addresses/http:/h/e", "x"));
	CHECK(noted(0, "http://h/a: exists already, with another size"));
	CHECK(noted(1, "http://h/../f: refused: \".\" or \"..\" in the name"));
	CHECK(noted(2, "http://h/index.html: exists already, with another "
		       "size"));
	CHECK(noted(3, "http:///x: refused: an empty part in the name"));
	memcpy(wide, "addresses/http:/h/", 18);
	memset(wide + 18, 'w', 240);
	memcpy(wide + 258, "~b09f8a68", sizeof("~b09f8a68"));
	CHECK(holds(wide, "x"));
	notes_drop();
}

static void test_damaged_article_costs_itself(void)
{
	static const char *const texts[] = { "x" };
	const struct sheaf_record recs[] = { record("a", 1, 0),
					     record("b", 1, 9),
					     record("c", 1, 0) };
	struct sheaf_corpus corpus = { .records = recs,
				       .count = 3,
				       .texts = texts,
				       .read_status = SHEAF_CORRUPT };
	struct sheaf_extract_options o = { .on_warning = on_warning };
	struct sheaf_folder_result r;
	struct sheaf_error err;

	CHECK(sheaf_folder_extract(&corpus, "hurt", NULL, &o, &r, &err) ==
	      SHEAF_OK);
	CHECK(r.files == 2 && r.failed == 1 && entries("hurt") == 2);
	CHECK(noted(0, "b: the fake can't read"));
	corpus.read_status = SHEAF_IO;
	o.overwrite = true;
	CHECK(sheaf_folder_extract(&corpus, "hurt", NULL, &o, &r, &err) ==
	      SHEAF_IO);
	CHECK(r.files == 1 && strcmp(err.text, "the fake can't read") == 0);
	notes_drop();
}

/* the folders that were used last stay open, the files go where they must */
static void test_many_folders_and_threads(void)
{
	enum { COUNT = 200 };
	static const char *const texts[] = { "x" };
	struct sheaf_record recs[COUNT];
	char names[COUNT][16], path[32];
	struct sheaf_corpus corpus = { .records = recs,
				       .count = COUNT,
				       .texts = texts };
	struct sheaf_extract_options o = { 0 };
	struct sheaf_folder_result r;

	for (int i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "%d/%d/f%d", i % 7, i % 31,
			 i);
		recs[i] = record(names[i], strlen(names[i]), 0);
	}
	for (o.threads = 1; o.threads <= 256; o.threads *= 16) {
		CHECK(sheaf_folder_extract(&corpus, "many", NULL, &o, &r,
					   NULL) == SHEAF_OK);
		CHECK(r.files == COUNT);
		o.overwrite = true;
	}
	for (int i = 0; i < COUNT; i++) {
		snprintf(path, sizeof(path), "many/%d/%d/f%d", i % 7, i % 31,
			 i);
		CHECK(holds(path, "x"));
	}
	CHECK(entries("many") == 7 && entries("many/0") == 29);
}

static void test_progress_cancels(void)
{
	static const char *const texts[] = { "x" };
	const struct sheaf_record recs[] = { record("a", 1, 0),
					     record("b", 1, 0) };
	struct sheaf_corpus corpus = { .records = recs,
				       .count = 2,
				       .texts = texts };
	struct sheaf_extract_options o = { .on_progress = on_progress };
	struct sheaf_folder_result r;
	struct sheaf_error err;

	stop = true;
	CHECK(sheaf_folder_extract(&corpus, "stop", NULL, &o, &r, &err) ==
	      SHEAF_CANCELLED);
	CHECK(r.files == 1 && entries("stop") == 1);
	CHECK(strcmp(err.text, "cancelled") == 0);
}

static void test_folder_that_cannot_be_is_io(void)
{
	struct sheaf_corpus corpus = { 0 };
	struct sheaf_error err;

	CHECK(scratch_write("file", "x", 1));
	CHECK(sheaf_folder_extract(&corpus, "file", NULL, NULL, NULL, &err) ==
	      SHEAF_IO);
	CHECK(err.sys_errno == ENOTDIR);
	CHECK(sheaf_folder_extract(&corpus, "no/such", NULL, NULL, NULL,
				   &err) == SHEAF_IO);
	CHECK(err.sys_errno == ENOENT);
	CHECK(sheaf_folder_extract(&corpus, "fresh", NULL, NULL, NULL, NULL) ==
	      SHEAF_OK);
	CHECK(entries("fresh") == 0);
}

static void test_hostile_time_is_bounded(void)
{
	static const char *const texts[] = { "x" };
	struct sheaf_record rec = record("f", 1, 0);
	struct sheaf_corpus corpus = { .records = &rec,
				       .count = 1,
				       .texts = texts };
	struct stat sb;

	rec.mtime = (struct sheaf_time){ 1000, UTIME_NOW };
	CHECK(sheaf_folder_extract(&corpus, "time", NULL, NULL, NULL, NULL) ==
	      SHEAF_OK);
	CHECK(stat("time/f", &sb) == 0);
	CHECK(sb.st_mtim.tv_sec == 1000 && sb.st_mtim.tv_nsec == 0);
	rec.name.p = "g";
	rec.mtime = (struct sheaf_time){ INT64_MAX, 5 };
	CHECK(sheaf_folder_extract(&corpus, "time", NULL, NULL, NULL, NULL) ==
	      SHEAF_OK);
	CHECK(holds("time/g", "x"));
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_records_become_files) },
		{ HARNESS_TEST(test_hostile_names_are_refused) },
		{ HARNESS_TEST(test_long_and_deep_names_are_refused) },
		{ HARNESS_TEST(test_links_are_not_followed) },
		{ HARNESS_TEST(test_existing_files_stay_unless_told) },
		{ HARNESS_TEST(test_half_written_file_is_removed) },
		{ HARNESS_TEST(test_file_and_folder_of_one_name) },
		{ HARNESS_TEST(test_addresses_become_paths) },
		{ HARNESS_TEST(test_damaged_article_costs_itself) },
		{ HARNESS_TEST(test_many_folders_and_threads) },
		{ HARNESS_TEST(test_progress_cancels) },
		{ HARNESS_TEST(test_folder_that_cannot_be_is_io) },
		{ HARNESS_TEST(test_hostile_time_is_bounded) },
	};
	int failed;

	if (!scratch_enter())
		return 1;
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return failed;
}
