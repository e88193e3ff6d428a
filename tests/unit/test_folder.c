/*
 * test_folder.c - formats/folder/: from files into a writer
 *
 * The writer is a fake that writes down what it is given; the files are real.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "formats/folder/folder.h"
#include "harness.h"
#include "scratch.h"

enum { ADDED_MAX = 600, NOTES_MAX = 16 };

struct sheaf_writer {
	struct {
		char *name, *bytes;
		size_t len;
		struct sheaf_time mtime;
		char format[8], title[32];
	} added[ADDED_MAX];
	size_t count;
	const char *refuse; /* this name */
	enum sheaf_status status;
};

/* the one writer, and what was said meanwhile */
static struct sheaf_writer writer;
static char *notes[NOTES_MAX];
static size_t note_count;
static int stop_after;

/* the rest of what a container may ask a writer */
enum sheaf_status sheaf_writer_find(struct sheaf_writer *w,
				    struct sheaf_str name,
				    uint8_t id[SHEAF_ID_SIZE],
				    struct sheaf_error *err)
{
	(void)w, (void)name, (void)id;
	return fail(err, SHEAF_NOT_FOUND, "the fake finds nothing");
}

enum sheaf_status sheaf_writer_read(struct sheaf_writer *w,
				    const uint8_t id[SHEAF_ID_SIZE],
				    struct sheaf_bytes *out,
				    struct sheaf_error *err)
{
	(void)w, (void)id, (void)out;
	return fail(err, SHEAF_NOT_FOUND, "the fake reads nothing");
}

enum sheaf_status sheaf_writer_add_again(struct sheaf_writer *w,
					 const struct sheaf_article *a,
					 const uint8_t id[SHEAF_ID_SIZE],
					 enum sheaf_added *added,
					 struct sheaf_error *err)
{
	(void)w, (void)a, (void)id, (void)added;
	return fail(err, SHEAF_NOT_FOUND, "the fake has nothing");
}

enum sheaf_status sheaf_writer_add(struct sheaf_writer *w,
				   const struct sheaf_article *a,
				   enum sheaf_added *added,
				   struct sheaf_error *err)
{
	size_t i = w->count;

	(void)added;
	if (w->refuse && strlen(w->refuse) == a->name.len &&
	    memcmp(w->refuse, a->name.p, a->name.len) == 0)
		return fail(err, w->status, "the fake refuses");
	if (i == ADDED_MAX)
		return fail(err, SHEAF_NOMEM, "the fake is full");
	w->added[i].name = strndup(a->name.p, a->name.len);
	w->added[i].bytes = malloc(a->len + 1);
	memcpy(w->added[i].bytes, a->bytes, a->len);
	w->added[i].len = a->len;
	w->added[i].mtime = a->mtime;
	snprintf(w->added[i].format, sizeof(w->added[i].format), "%s",
		 a->format);
	snprintf(w->added[i].title, sizeof(w->added[i].title), "%.*s",
		 (int)a->fields->title.len,
		 a->fields->title.len ? a->fields->title.p : "");
	w->count++;
	return SHEAF_OK;
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
	CHECK(files == writer.count && bytes > 0 && total == 0);
	return stop_after && (int)files == stop_after;
}

static void reset(void)
{
	for (size_t i = 0; i < writer.count; i++) {
		free(writer.added[i].name);
		free(writer.added[i].bytes);
	}
	for (size_t i = 0; i < note_count; i++)
		free(notes[i]);
	writer.count = 0;
	writer.refuse = NULL;
	note_count = 0;
	stop_after = 0;
}

static struct sheaf_folder_options options(const char *base)
{
	struct sheaf_folder_options o = { .base = base,
					  .on_warning = on_warning };

	return o;
}

/* adds one path with a base or none */
static enum sheaf_status add(const char *path, const char *base,
			     struct sheaf_folder_result *r,
			     struct sheaf_error *err)
{
	struct sheaf_folder_options o = options(base);

	return sheaf_folder_add(&writer, &path, 1, &o, r, err);
}

static bool text(const char *name, const char *s)
{
	return CHECK(scratch_write(name, s, strlen(s)));
}

/* are these all names that were added, in this order, "|" between */
static bool names(const char *expected)
{
	char all[4096] = "";
	size_t n = 0;

	for (size_t i = 0; i < writer.count && n < 3800; i++)
		n += (size_t)snprintf(all + n, 256, "%s%s", i ? "|" : "",
				      writer.added[i].name);
	if (strcmp(all, expected) == 0)
		return true;
	printf("  names: %s\n", all);
	return false;
}

static bool noted(size_t count, const char *first)
{
	if (note_count == count && (count == 0 || strcmp(notes[0], first) == 0))
		return true;
	for (size_t i = 0; i < note_count; i++)
		printf("  note: %s\n", notes[i]);
	return false;
}

static void test_walk_is_in_bytewise_path_order(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("order", 0777) == 0 && mkdir("order/a", 0777) == 0);
	CHECK(mkdir("order/a.d", 0777) == 0 && mkdir("order/B", 0777) == 0);
	CHECK(mkdir("order/empty", 0777) == 0);
	text("order/a/z", "1");
	text("order/a/b", "2");
	text("order/a.txt", "3");
	text("order/a-b", "4");
	text("order/a0", "5");
	text("order/a.d/x", "6");
	text("order/B/x", "7");
	text("order/\xc3\xa9", "8");
	CHECK(add("order", NULL, &r, NULL) == SHEAF_OK);
	CHECK(names("order/B/x|order/a-b|order/a.d/x|order/a.txt|order/a/b|"
		    "order/a/z|order/a0|order/\xc3\xa9"));
	for (size_t i = 1; i < writer.count; i++)
		CHECK(strcmp(writer.added[i - 1].name, writer.added[i].name) <
		      0);
	CHECK(r.files == 8 && r.bytes == 8 && r.failed == 0 && r.skipped == 0);
	CHECK(noted(0, NULL));
	reset();
}

static void test_file_comes_whole_with_its_time(void)
{
	struct timespec t[2] = { { 5, 6 }, { -86400, 123456789 } };
	static const char bytes[] = "---\ntitle: T\n---\n\0\xff";
	struct sheaf_folder_result r;

	CHECK(scratch_write("post.txt", bytes, sizeof(bytes)));
	CHECK(utimensat(AT_FDCWD, "post.txt", t, 0) == 0);
	CHECK(text("void", "") && add("post.txt", NULL, &r, NULL) == SHEAF_OK);
	CHECK(add("./void", NULL, &r, NULL) == SHEAF_OK);
	if (!CHECK(names("post.txt|void")))
		return;
	CHECK(writer.added[0].len == sizeof(bytes));
	CHECK(memcmp(writer.added[0].bytes, bytes, sizeof(bytes)) == 0);
	CHECK(writer.added[0].mtime.sec == -86400);
	CHECK(writer.added[0].mtime.nsec == 123456789);
	CHECK(strcmp(writer.added[0].format, "hugo") == 0);
	CHECK(strcmp(writer.added[0].title, "T") == 0);
	CHECK(writer.added[1].len == 0);
	CHECK(strcmp(writer.added[1].format, "text") == 0);
	reset();
}

static void test_names_of_paths(void)
{
	static const struct {
		const char *path, *base, *name; /* NULL: refused */
	} cases[] = {
		{ "a/b", NULL, "a/b" },
		{ "./a//b/./c/", NULL, "a/b/c" },
		{ "/a/b", NULL, "a/b" },
		{ "//./a", NULL, "a" },
		{ ".", NULL, "" },
		{ "/", NULL, "" },
		{ "../a", NULL, "a" },
		{ "a/../b", NULL, "b" },
		{ "a/b/../c", NULL, "c" },
		{ "a/..", NULL, "" },
		{ "..a/b..", NULL, "..a/b.." },
		{ "d/a", "d", "a" },
		{ "d", "d", "" },
		{ "d/", "./d", "" },
		{ "/x/y/z", "/x", "y/z" },
		{ "/x/y/../z", "/x", "z" },
		{ "/x", "/", "x" },
		{ "d/../e/a", "e", "a" },
		{ "d/a", ".", "d/a" },
		{ "de/a", "d", NULL },
		{ "a", "d", NULL },
		{ "d/../a", "d", NULL },
		{ "/x", "/x/y", NULL },
	};
	struct buf out = { 0 };
	struct sheaf_error err;

	for (size_t i = 0; i < HARNESS_COUNT(cases); i++) {
		enum sheaf_status st = folder_name_of(&out, cases[i].path,
						      cases[i].base, &err);
		const char *name = cases[i].name;

		if (!name) {
			CHECK(st == SHEAF_MISUSE);
			continue;
		}
		if (!CHECK(st == SHEAF_OK && out.len == strlen(name) &&
			   memcmp(out.p, name, out.len) == 0))
			printf("  %s from %s\n", cases[i].path,
			       cases[i].base ? cases[i].base : "nowhere");
	}
	CHECK(folder_name_of(&out, "a", "d", &err) == SHEAF_MISUSE);
	CHECK(strcmp(err.text, "a is not below d") == 0);
	buf_done(&out);
}

static void test_base_makes_names_relative(void)
{
	char path[PATH_MAX + 16];

	CHECK(mkdir("day", 0777) == 0 && mkdir("day/content", 0777) == 0);
	text("day/content/p.md", "x");
	CHECK(add("day", "day", NULL, NULL) == SHEAF_OK);
	snprintf(path, sizeof(path), "%s/day/content", scratch_path);
	CHECK(add(path, "day", NULL, NULL) == SHEAF_OK);
	CHECK(add("day/content", scratch_path, NULL, NULL) == SHEAF_OK);
	CHECK(add("day/content/p.md", "day/content", NULL, NULL) == SHEAF_OK);
	CHECK(names("content/p.md|content/p.md|day/content/p.md|p.md"));
	reset();
	CHECK(chdir("day") == 0 && add(".", NULL, NULL, NULL) == SHEAF_OK);
	CHECK(add("../day", NULL, NULL, NULL) == SHEAF_OK);
	CHECK(chdir("..") == 0);
	CHECK(names("content/p.md|day/content/p.md"));
	reset();
}

static void test_wrong_call_adds_nothing(void)
{
	const char *paths[] = { "ok", "absent" };
	struct sheaf_folder_options o = options(NULL);
	struct sheaf_folder_result r;
	struct sheaf_error err;

	text("ok", "x");
	CHECK(sheaf_folder_add(&writer, paths, 2, &o, &r, &err) ==
	      SHEAF_NOT_FOUND);
	CHECK(strcmp(err.text, "absent does not exist") == 0);
	CHECK(add("ok/absent", NULL, &r, &err) == SHEAF_NOT_FOUND);
	CHECK(add("", NULL, &r, &err) == SHEAF_NOT_FOUND);
	CHECK(add("ok", "day", &r, &err) == SHEAF_MISUSE);
	CHECK(add("ok", "ok", &r, &err) == SHEAF_MISUSE);
	o.format = "unheard-of";
	CHECK(sheaf_folder_add(&writer, paths, 1, &o, &r, &err) ==
	      SHEAF_MISUSE);
	CHECK(writer.count == 0 && r.files == 0);
	o.format = "hugo";
	CHECK(sheaf_folder_add(&writer, paths, 1, &o, NULL, &err) == SHEAF_OK);
	CHECK(writer.count == 1 && strcmp(writer.added[0].format, "hugo") == 0);
	CHECK(sheaf_folder_add(&writer, paths, 1, NULL, NULL, NULL) ==
	      SHEAF_OK);
	CHECK(sheaf_folder_add(&writer, NULL, 0, NULL, &r, NULL) == SHEAF_OK);
	CHECK(r.files == 0);
	reset();
}

static void test_links_and_special_files_are_skipped(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("odd", 0777) == 0 && mkdir("odd/d", 0777) == 0);
	text("odd/f", "x");
	CHECK(symlink("f", "odd/link") == 0);
	CHECK(symlink(".", "odd/d/loop") == 0);
	CHECK(mkfifo("odd/fifo", 0666) == 0);
	CHECK(add("odd", NULL, &r, NULL) == SHEAF_OK);
	CHECK(names("odd/f") && r.skipped == 3 && r.failed == 0);
	CHECK(noted(3, "odd/d/loop: a symbolic link"));
	reset();
	CHECK(add("odd/fifo", NULL, &r, NULL) == SHEAF_OK);
	CHECK(r.failed == 1 && noted(1, "odd/fifo: a pipe: give it as standard "
					"input, and - as its PATH"));
	reset();
	CHECK(add("/dev/null", NULL, &r, NULL) == SHEAF_OK);
	CHECK(r.skipped == 1 && noted(1, "dev/null: no regular file"));
	reset();
	/* a path that is given is followed */
	CHECK(symlink("odd", "to-odd") == 0);
	CHECK(add("to-odd", NULL, &r, NULL) == SHEAF_OK);
	CHECK(add("odd/link", NULL, &r, NULL) == SHEAF_OK);
	CHECK(names("to-odd/f|odd/link"));
	reset();
}

static void test_too_large_is_told_unread(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("big", 0777) == 0);
	text("big/a", "");
	text("big/b", "x");
	CHECK(truncate("big/a", (off_t)SHEAF_ARTICLE_MAX + 1) == 0);
	CHECK(add("big", NULL, &r, NULL) == SHEAF_OK);
	CHECK(names("big/b") && r.failed == 1);
	CHECK(noted(1, "big/a: larger than 64 MiB"));
	CHECK(truncate("big/a", (off_t)SHEAF_ARTICLE_MAX) == 0);
	reset();
	CHECK(add("big/a", NULL, &r, NULL) == SHEAF_OK);
	CHECK(writer.count == 1 && writer.added[0].len == SHEAF_ARTICLE_MAX);
	reset();
}

/* the kernel says 0 bytes and gives more: as a file that grows meanwhile */
static void test_changing_file_is_not_stored(void)
{
	struct sheaf_folder_result r;

	if (access("/proc/self/status", R_OK) != 0)
		return;
	CHECK(add("/proc/self/status", NULL, &r, NULL) == SHEAF_OK);
	CHECK(writer.count == 0 && r.failed == 1 && r.files == 0);
	CHECK(noted(1, "proc/self/status: changed while it was read"));
	reset();
}

static void test_unreadable_is_told_and_the_rest_goes_on(void)
{
	bool root = geteuid() == 0;
	struct sheaf_folder_result r;

	CHECK(mkdir("shut", 0777) == 0 && mkdir("shut/d", 0) == 0);
	text("shut/f", "x");
	text("shut/z", "y");
	CHECK(chmod("shut/f", 0) == 0 && chmod(".", 0755) == 0);
	if (root)
		CHECK(seteuid(65534) == 0);
	CHECK(add("shut", NULL, &r, NULL) == SHEAF_OK);
	if (root)
		CHECK(seteuid(0) == 0);
	CHECK(names("shut/z") && r.failed == 2);
	CHECK(noted(2, "shut/d: cannot be opened: Permission denied"));
	CHECK(chmod("shut/d", 0700) == 0);
	reset();
}

static void test_corpus_itself_is_passed_over(void)
{
	struct sheaf_folder_options o = options(NULL);
	struct sheaf_folder_result r;
	const char *path = "self";
	struct stat sb;

	CHECK(mkdir("self", 0777) == 0);
	text("self/a", "x");
	text("self/corpus", "y");
	CHECK(stat("self/corpus", &sb) == 0);
	o.skip_dev = sb.st_dev;
	o.skip_ino = sb.st_ino;
	CHECK(sheaf_folder_add(&writer, &path, 1, &o, &r, NULL) == SHEAF_OK);
	CHECK(names("self/a") && r.files == 1);
	CHECK(r.skipped == 0 && r.failed == 0 && noted(0, NULL));
	reset();
}

static void test_bad_fields_are_told_once_a_file(void)
{
	struct sheaf_folder_result r;

	CHECK(mkdir("bad", 0777) == 0);
	text("bad/\033x", "---\ntitle: a: b\ndate: 2025-99-99\n---\n");
	CHECK(add("bad", NULL, &r, NULL) == SHEAF_OK);
	CHECK(writer.count == 1 && r.warnings == 1 && r.failed == 0);
	CHECK(noted(1, "bad/\\x1Bx: front matter, line 2: mapping values are "
		       "not allowed in this context"));
	reset();
}

static void test_depth_is_bounded(void)
{
	struct sheaf_folder_result r;
	int depth = 0;

	CHECK(mkdir("deep", 0777) == 0 && chdir("deep") == 0);
	text("f", "x");
	for (depth = 1; depth < FOLDER_DEPTH_MAX + 4; depth++) {
		if (!CHECK(mkdir("d", 0777) == 0 && chdir("d") == 0))
			break;
		text("f", "x");
	}
	CHECK(chdir(scratch_path) == 0);
	CHECK(add("deep", NULL, &r, NULL) == SHEAF_OK);
	/* deep/f has 2 components, the last one 256 */
	CHECK(writer.count == FOLDER_DEPTH_MAX - 1 && r.failed == 1);
	CHECK(note_count == 1 &&
	      strstr(notes[0], "/d: more than 256 levels deep"));
	reset();
}

static void test_writer_refuses_one_or_ends_all(void)
{
	struct sheaf_folder_result r;
	struct sheaf_error err;

	CHECK(mkdir("ref", 0777) == 0);
	text("ref/a", "x");
	text("ref/b", "y");
	text("ref/c", "z");
	writer.refuse = "ref/b";
	writer.status = SHEAF_LIMIT;
	CHECK(add("ref", NULL, &r, &err) == SHEAF_OK);
	CHECK(names("ref/a|ref/c") && r.failed == 1 && r.files == 2);
	CHECK(noted(1, "ref/b: the fake refuses"));
	reset();
	writer.refuse = "ref/b";
	writer.status = SHEAF_IO;
	CHECK(add("ref", NULL, &r, &err) == SHEAF_IO);
	CHECK(names("ref/a") && r.files == 1);
	CHECK(strcmp(err.text, "the fake refuses") == 0);
	reset();
}

static void test_progress_cancels(void)
{
	struct sheaf_folder_options o = options(NULL);
	struct sheaf_folder_result r;
	const char *path = "ref";

	o.on_progress = on_progress;
	stop_after = 2;
	CHECK(sheaf_folder_add(&writer, &path, 1, &o, &r, NULL) ==
	      SHEAF_CANCELLED);
	CHECK(names("ref/a|ref/b") && r.files == 2 && r.bytes == 2);
	reset();
}

/* far more than one read of the directory gives, and not in its order */
static void test_many_files_come_sorted(void)
{
	char name[32];

	CHECK(mkdir("many", 0777) == 0);
	for (int i = 0; i < ADDED_MAX; i++) {
		snprintf(name, sizeof(name), "many/%03d", (i * 7) % ADDED_MAX);
		text(name, name);
	}
	CHECK(add("many", NULL, NULL, NULL) == SHEAF_OK);
	CHECK(writer.count == ADDED_MAX);
	for (size_t i = 0; i < writer.count; i++) {
		snprintf(name, sizeof(name), "many/%03zu", i);
		CHECK(strcmp(writer.added[i].name, name) == 0);
		CHECK(writer.added[i].len == 8 &&
		      memcmp(writer.added[i].bytes, name, 8) == 0);
	}
	reset();
}

int main(int argc, char **argv)
{
	static const struct harness_test tests[] = {
		{ HARNESS_TEST(test_walk_is_in_bytewise_path_order) },
		{ HARNESS_TEST(test_file_comes_whole_with_its_time) },
		{ HARNESS_TEST(test_names_of_paths) },
		{ HARNESS_TEST(test_base_makes_names_relative) },
		{ HARNESS_TEST(test_wrong_call_adds_nothing) },
		{ HARNESS_TEST(test_links_and_special_files_are_skipped) },
		{ HARNESS_TEST(test_too_large_is_told_unread) },
		{ HARNESS_TEST(test_changing_file_is_not_stored) },
		{ HARNESS_TEST(test_unreadable_is_told_and_the_rest_goes_on) },
		{ HARNESS_TEST(test_corpus_itself_is_passed_over) },
		{ HARNESS_TEST(test_bad_fields_are_told_once_a_file) },
		{ HARNESS_TEST(test_depth_is_bounded) },
		{ HARNESS_TEST(test_writer_refuses_one_or_ends_all) },
		{ HARNESS_TEST(test_progress_cancels) },
		{ HARNESS_TEST(test_many_files_come_sorted) },
	};
	int failed;

	if (!scratch_enter())
		return 1;
	failed = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	scratch_leave();
	return failed;
}
