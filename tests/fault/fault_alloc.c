/*
 * fault_alloc.c - every allocation of the library fails, one after the other
 *
 * Each operation then ends in SHEAF_NOMEM, or in success where it could do
 * without; nothing crashes or leaks (the sanitizers see to that), and the
 * corpus is what it was or what it should become.
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sheaf/exporter.h>
#include <sheaf/similar.h>

#include "fault/facts.h"
#include "fault/image.h"
#include "fault/posts.h"
#include "fault/spread.h"
#include "harness.h"
#include "scratch.h"

/* clang-format off */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t len);
/* clang-format on */

#define NEVER UINT64_MAX

/* which allocation fails, counted from 0; the pool's threads take part */
static atomic_uint_least64_t taken;
static uint64_t fail_at = NEVER;
static bool fail_from; /* and all behind it */

static bool fails(void)
{
	uint64_t n;

	if (fail_at == NEVER)
		return false;
	n = atomic_fetch_add(&taken, 1);
	if (n != fail_at && !(fail_from && n > fail_at))
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t len)
{
	return fails() ? NULL : __real_strndup(s, len);
}

/* the facts are the test's own: their allocations don't fail */
static struct facts facts;
static struct image before, after;
static struct sheaf_bytes bytes;

typedef enum sheaf_status work_fn(void);

static int record_pass(const struct sheaf_record *record, void *arg)
{
	(void)record;
	++*(unsigned int *)arg;
	return 0;
}

static int match_pass(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	(void)kind;
	(void)place;
	return record_pass(record, arg);
}

static int commit_pass(const struct sheaf_commit *commit, void *arg)
{
	(void)commit;
	++*(unsigned int *)arg;
	return 0;
}

static enum sheaf_status work_write(void)
{
	return facts_write(&facts, "corpus", 2, &posts_small_options, NULL);
}

/* two of the first commit's articles go, or come back */
static enum sheaf_status removal(bool takes_back)
{
	struct sheaf_commit_options o = { .has_time = true, .time = 1 };
	uint8_t ids[2][SHEAF_ID_SIZE];
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	for (int i = 0; i < 2; i++)
		memcpy(ids[i], facts.list[i].id, SHEAF_ID_SIZE);
	st = sheaf_writer_open(&w, "corpus", NULL, NULL);
	if (st == SHEAF_OK)
		st = (takes_back ? sheaf_writer_take_back :
				   sheaf_writer_remove)(
			w, (const uint8_t(*)[SHEAF_ID_SIZE])ids, 2, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, &o, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

static enum sheaf_status work_remove(void)
{
	return removal(false);
}

static enum sheaf_status work_take_back(void)
{
	return removal(true);
}

static enum sheaf_status work_create(void)
{
	unlink("corpus");
	return facts_write(&facts, "corpus", 1, &posts_small_options, NULL);
}

static enum sheaf_status folder_into(const char *corpus)
{
	const char *path = "in";
	struct sheaf_folder_options o = { .base = "in" };
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	st = sheaf_writer_open(&w, corpus, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_folder_add(w, &path, 1, &o, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

/* a tar with a hard link, in gzip, and a zip */
static enum sheaf_status work_archive(void)
{
	const char *paths[] = { "in.tar.gz", "in.zip" };
	struct sheaf_folder_options o = { .max_total = 1 << 20 };
	struct sheaf_writer *w = NULL;
	enum sheaf_status st;

	if ((symlink("../in.tar.gz", paths[0]) != 0 && errno != EEXIST) ||
	    (symlink("../in.zip", paths[1]) != 0 && errno != EEXIST))
		return SHEAF_IO;
	st = sheaf_writer_open(&w, "corpus", &posts_small_options, NULL);
	if (st == SHEAF_OK)
		st = sheaf_folder_add(w, paths, 2, &o, NULL, NULL);
	if (st == SHEAF_OK)
		st = sheaf_writer_commit(w, NULL, NULL, NULL);
	sheaf_writer_free(w);
	return st;
}

static enum sheaf_status work_folder(void)
{
	return folder_into("corpus");
}

static enum sheaf_status questions(struct sheaf_corpus *c)
{
	struct sheaf_str prefix = { "https://news.example/1", 22 };
	struct sheaf_filter all = { .all_versions = true,
				    .url_prefixes = &prefix,
				    .url_prefix_count = 1 };
	struct sheaf_info info;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_list(c, &all, record_pass, &n, NULL);

	for (size_t i = 0; i < facts.count && st == SHEAF_OK; i += 5) {
		const struct fact *f = &facts.list[i];

		if (f->commit != 1)
			continue;
		st = sheaf_get(c, f->id, &bytes, NULL);
		if (st == SHEAF_OK &&
		    (bytes.len != f->len ||
		     (f->len != 0 && memcmp(bytes.p, f->bytes, f->len) != 0)))
			return SHEAF_CORRUPT;
		if (st == SHEAF_OK)
			st = sheaf_find(c, f->name, match_pass, &n, NULL);
		if (st == SHEAF_OK && f->url.len != 0)
			st = sheaf_find(c, f->url, match_pass, &n, NULL);
	}
	if (st == SHEAF_OK)
		st = sheaf_log(c, commit_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_info_read(c, &info, NULL);
	return st;
}

static enum sheaf_status work_read(void)
{
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = questions(c);
	sheaf_close(c);
	return st;
}

static int similar_pass(const struct sheaf_similar *found, void *arg)
{
	return record_pass(found->record, arg);
}

struct first {
	struct sheaf_place place;
	bool found;
};

static int first_take(enum sheaf_key_kind kind, struct sheaf_place place,
		      const struct sheaf_record *record, void *arg)
{
	struct first *first = arg;

	(void)kind;
	(void)record;
	if (!first->found)
		first->place = place;
	first->found = true;
	return 0;
}

static enum sheaf_status work_similar(void)
{
	static const struct sheaf_str name = { "2025/02/story-07.md", 19 };
	const struct sheaf_similar_options o = { .threads = 2 };
	struct first first = { .found = false };
	struct sheaf_place base;
	struct sheaf_corpus *c;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_find(c, name, first_take, &first, NULL);
	if (st == SHEAF_OK)
		st = sheaf_similar(c, first.place, &o, similar_pass, &n, NULL,
				   NULL);
	if (st == SHEAF_OK)
		st = sheaf_revision_of(c, first.place, &base, NULL);
	sheaf_close(c);
	return st == SHEAF_NOT_FOUND ? SHEAF_OK : st;
}

static int removed_pass(const struct sheaf_removed *removed,
			const struct sheaf_record *record, void *arg)
{
	(void)removed;
	return record_pass(record, arg);
}

/* of a corpus from which two were removed */
static enum sheaf_status work_removed(void)
{
	struct sheaf_corpus *c = NULL;
	unsigned int n = 0;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_list(c, NULL, record_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_removed_list(c, removed_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_removed_find(c, SHEAF_KEY_NAME, facts.list[0].name,
					removed_pass, &n, NULL);
	if (st == SHEAF_OK)
		st = sheaf_get(c, facts.list[0].id, &bytes, NULL);
	if (st == SHEAF_NOT_FOUND)
		st = SHEAF_OK;
	sheaf_close(c);
	return st;
}

static enum sheaf_status work_erase(void)
{
	const struct sheaf_erase_options o = { .threads = 2,
					       .has_time = true,
					       .time = 1700000000 };

	return sheaf_erase("corpus",
			   (const uint8_t(*)[SHEAF_ID_SIZE])facts.list[0].id, 1,
			   &o, NULL, NULL);
}

static enum sheaf_status work_slice(void)
{
	static const char *const glob = "*[0-4].md";
	const struct sheaf_filter filter = { .name_globs = &glob,
					     .name_glob_count = 1 };
	const struct sheaf_slice_options o = { .filter = &filter,
					       .threads = 2 };
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	(void)remove("part");
	if (st == SHEAF_OK)
		st = sheaf_slice(c, "part", &o, NULL, NULL);
	sheaf_close(c);
	return st;
}

static enum sheaf_status work_verify(void)
{
	struct sheaf_verify_options o = { .deep = true };
	struct sheaf_verify_result v;
	enum sheaf_status st = sheaf_verify("corpus", &o, &v, NULL);

	return st == SHEAF_OK && v.damages != 0 ? SHEAF_CORRUPT : st;
}

static void loss_pass(const struct sheaf_damage *damage,
		      const struct sheaf_record *lost, void *arg)
{
	(void)damage;
	*(unsigned int *)arg += lost != NULL;
}

/* a hole in the blocks, and one in the tables; it must leave no file behind
 * that is not whole */
static enum sheaf_status work_salvage(void)
{
	unsigned int lost = 0;
	const struct sheaf_verify_options o = { .threads = 1,
						.on_damage = loss_pass,
						.arg = &lost };
	const struct sheaf_salvage_options so = {
		.level = 1, .threads = 1, .on_damage = loss_pass, .arg = &lost
	};
	struct sheaf_verify_result v;
	uint8_t *p = before.p;
	uint8_t kept[2][64];
	size_t at[2] = { before.len / 2, before.len - 400 };
	enum sheaf_status st;
	bool ok = true;

	for (int i = 0; i < 2; i++) {
		memcpy(kept[i], p + at[i], sizeof(kept[i]));
		memset(p + at[i], 0, sizeof(kept[i]));
	}
	ok = scratch_write("bad", before.p, before.len);
	for (int i = 0; i < 2; i++)
		memcpy(p + at[i], kept[i], sizeof(kept[i]));
	unlink("new");
	st = ok ? sheaf_verify("bad", &o, &v, NULL) : SHEAF_IO;
	if (st == SHEAF_OK)
		st = sheaf_salvage("bad", "new", &so, NULL, NULL);
	if (st != SHEAF_OK && access("new", F_OK) == 0)
		return SHEAF_MISUSE;
	return st == SHEAF_OK && lost == 0 ? SHEAF_CORRUPT : st;
}

static enum sheaf_status work_extract(void)
{
	struct sheaf_extract_options o = { .overwrite = true };
	struct sheaf_folder_result r;
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_folder_extract(c, "out", NULL, &o, &r, NULL);
	sheaf_close(c);
	return st;
}

/* of web archives and posts; the corpus lies beside the folder of them */
static enum sheaf_status work_warc(void)
{
	struct sheaf_export_options o = { .format = "warc",
					  .output = "o.warc.gz",
					  .overwrite = true,
					  .threads = 2 };
	struct sheaf_export_result r;
	struct sheaf_filter all = { .all_versions = true };
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "in/../crawl", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_export(c, &all, &o, &r, NULL);
	if (st == SHEAF_OK && (r.articles != 8 || r.failed != 0))
		st = SHEAF_CORRUPT;
	sheaf_close(c);
	return st;
}

/* a draft that an export left behind */
static bool is_stray(void)
{
	DIR *folder = opendir(".");
	const struct dirent *entry;
	bool found = false;

	while (folder && (entry = readdir(folder)) != NULL)
		found = found || strncmp(entry->d_name, ".exported", 9) == 0;
	if (folder)
		closedir(folder);
	return found;
}

static enum sheaf_status export_all(struct sheaf_corpus *c)
{
	static unsigned int trees;
	const struct sheaf_filter all = { .all_versions = true };
	struct sheaf_export_format format;
	enum sheaf_status st = SHEAF_OK;
	char path[40];

	for (size_t i = 0; st == SHEAF_OK && sheaf_export_format_at(i, &format);
	     i++) {
		struct sheaf_export_options o = { .format = format.name,
						  .output = path,
						  .threads = 2,
						  .overwrite = true,
						  .text_only = i % 2 != 0 };

		if (strcmp(format.name, "zim") == 0) /* its own threads */
			continue;
		snprintf(path, sizeof(path), "exported-%s-%u", format.name,
			 strcmp(format.name, "hugo") == 0 ? trees++ : 0);
		st = sheaf_export(c, i % 3 == 0 ? &all : NULL, &o, NULL, NULL);
	}
	return is_stray() ? SHEAF_CORRUPT : st;
}

static enum sheaf_status work_export(void)
{
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = export_all(c);
	sheaf_close(c);
	return st;
}

struct places {
	struct sheaf_place at[1000];
	size_t count;
	size_t read;
};

static int article_pass(const struct sheaf_scanned *a, void *arg)
{
	struct places *p = arg;

	if (a->record != NULL && p->count < HARNESS_COUNT(p->at))
		p->at[p->count++] = a->record->place;
	p->read += a->status == SHEAF_OK;
	return 0;
}

static enum sheaf_status work_many(void)
{
	static const struct sheaf_scan_options o = { .threads = 2 };
	struct places p = { 0 };
	struct sheaf_corpus *c;
	enum sheaf_status st = sheaf_open(&c, "corpus", NULL, NULL);

	if (st == SHEAF_OK)
		st = sheaf_scan(c, NULL, &o, article_pass, &p, NULL);
	if (st == SHEAF_OK)
		st = sheaf_read_many(c, p.at, p.count, &o, article_pass, &p,
				     NULL);
	sheaf_close(c);
	return st == SHEAF_OK && p.read != 2 * p.count ? SHEAF_CORRUPT : st;
}

static bool file_is(const struct image *wanted)
{
	struct image now = { 0 };
	bool same = image_load(&now, "corpus") && now.len == wanted->len &&
		    (now.len == 0 || memcmp(now.p, wanted->p, now.len) == 0);

	image_done(&now);
	return same;
}

struct play {
	work_fn *work;
	bool writes;  /* the corpus is @before, then @after; else it stays */
	bool from_on; /* not only one fails */
};

enum { OUT_OF_MEMORY, DONE_WITHOUT };

static bool starve(uint64_t i, uint64_t count[SPREAD_COUNTS], void *arg)
{
	const struct play *p = arg;
	enum sheaf_status st;
	char folder[32];
	bool ok;

	snprintf(folder, sizeof(folder), "w-%ld", (long)getpid());
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return false;
	if (chdir(folder) != 0 ||
	    !scratch_write("corpus", before.p, before.len))
		return false;
	if (symlink("../in", "in") != 0 && errno != EEXIST)
		return false;
	atomic_store(&taken, 0);
	fail_from = p->from_on;
	fail_at = i;
	st = p->work();
	fail_at = NEVER;
	sheaf_bytes_done(&bytes);
	count[st == SHEAF_OK ? DONE_WITHOUT : OUT_OF_MEMORY]++;
	ok = st == SHEAF_NOMEM || st == SHEAF_OK;
	if (p->work == work_create)
		ok = ok && (st == SHEAF_OK || access("corpus", F_OK) != 0);
	else if (p->work != work_folder && p->work != work_archive)
		ok = ok &&
		     file_is(st == SHEAF_OK && p->writes ? &after : &before);
	if (!ok)
		printf("  allocation %" PRIu64 ": %s\n", i,
		       sheaf_status_name(st));
	return chdir("..") == 0 && ok;
}

/* how many allocations the work takes when none fails */
static uint64_t allocations(work_fn *work)
{
	CHECK(scratch_write("corpus", before.p, before.len));
	atomic_store(&taken, 0);
	fail_at = NEVER - 1;
	CHECK(work() == SHEAF_OK);
	fail_at = NEVER;
	sheaf_bytes_done(&bytes);
	return atomic_load(&taken);
}

static void play(const char *what, work_fn *work, bool writes)
{
	uint64_t n = allocations(work);

	CHECK(n > 10);
	for (int from_on = 0; from_on < 2; from_on++) {
		struct play p = { work, writes, from_on != 0 };
		uint64_t step = n / (spread_is_slow() ? 400 : 3000) + 1;
		struct spread sum;

		CHECK(spread_run(n + 2, step, 60, starve, &p, &sum));
		printf("%s: %" PRIu64 " allocations, %" PRIu64
		       " failed%s: %" PRIu64 " out of memory, %" PRIu64
		       " done without; %" PRIu64 " died\n",
		       what, n, sum.done, from_on ? " with all after" : "",
		       sum.count[OUT_OF_MEMORY], sum.count[DONE_WITHOUT],
		       sum.died);
	}
}

static void test_create_starved_makes_none_or_all(void)
{
	play("create", work_create, true);
}

static void test_add_starved_keeps_the_old_corpus(void)
{
	play("add", work_write, true);
}

static void test_folder_add_starved_keeps_the_old_corpus(void)
{
	play("folder add", work_folder, true);
}

static void test_archive_add_starved_keeps_the_old_corpus(void)
{
	play("archive add", work_archive, true);
}

static void test_questions_starved_end_in_nomem(void)
{
	play("open, list, get, find, log, info", work_read, false);
}

static void test_similar_starved_ends_in_nomem(void)
{
	play("similar", work_similar, false);
}

static void test_verify_starved_ends_in_nomem(void)
{
	play("verify", work_verify, false);
}

static void test_salvage_starved_leaves_no_file(void)
{
	play("verify and salvage of a damaged one", work_salvage, false);
}

static void test_extract_starved_ends_in_nomem(void)
{
	play("extract", work_extract, false);
}

static void test_export_starved_ends_in_nomem_and_leaves_nothing(void)
{
	play("export", work_export, false);
}

static void test_scan_starved_ends_in_nomem(void)
{
	play("scan, read many", work_many, false);
}

/* what play() does, with @is and @becomes in place of what the others have */
static void play_removed(const char *what, work_fn *work, struct image is,
			 struct image becomes, bool writes)
{
	struct image b = before, a = after;

	before = is;
	after = becomes;
	play(what, work, writes);
	before = b;
	after = a;
}

static void test_removal_starved_keeps_the_old_corpus(void)
{
	struct image gone = { 0 }, back = { 0 };

	CHECK(scratch_write("corpus", before.p, before.len));
	CHECK(work_remove() == SHEAF_OK && image_load(&gone, "corpus"));
	CHECK(work_take_back() == SHEAF_OK && image_load(&back, "corpus"));
	play_removed("remove", work_remove, before, gone, true);
	play_removed("take back", work_take_back, gone, back, true);
	play_removed("questions about what is gone", work_removed, gone, gone,
		     false);
	play_removed("verify what is gone", work_verify, gone, gone, false);
	image_done(&gone);
	image_done(&back);
}

static void test_warc_starved_ends_in_nomem(void)
{
	play("export to WARC", work_warc, false);
}

static void test_erasure_and_slice_starved_keep_the_old_corpus(void)
{
	struct image gone = { 0 };

	CHECK(scratch_write("corpus", after.p, after.len));
	CHECK(work_erase() == SHEAF_OK && image_load(&gone, "corpus"));
	play_removed("erase", work_erase, after, gone, true);
	play_removed("slice", work_slice, after, after, false);
	image_done(&gone);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_create_starved_makes_none_or_all) },
	{ HARNESS_TEST(test_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_folder_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_removal_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_archive_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_erasure_and_slice_starved_keep_the_old_corpus) },
	{ HARNESS_TEST(test_questions_starved_end_in_nomem) },
	{ HARNESS_TEST(test_similar_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_verify_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_salvage_starved_leaves_no_file) },
	{ HARNESS_TEST(test_extract_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_export_starved_ends_in_nomem_and_leaves_nothing) },
	{ HARNESS_TEST(test_scan_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_warc_starved_ends_in_nomem) },
};

/* one file for each other reader of fields */
static bool others_make(void)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "in/toml.md", "+++\ntitle = \"a\"\ntags = ['b']\n+++\nx\n" },
		{ "in/json.md", "{\"title\": \"a\xff\"}\nx\n" },
		{ "in/page.html",
		  "<html lang=en><meta charset=windows-1252><title>a\xe9</title>"
		  "<meta property=article:tag content=b>"
		  "<script type=application/ld+json>{\"@type\":\"Article\","
		  "\"keywords\":\"c, d\"}</script>" },
		{ "in/lines.jsonl",
		  "{\"id\":1,\"tags\":[\"a\"]}\n{\"id\":1,\"title\":\"\xff\"}\n"
		  "{\"sheaf\":1,\"id\":\"99aa06d3014798d86001c324468d497f\","
		  "\"name\":\"empty\",\"base64\":\"\"}\n{\"cut" },
		{ "in/rows.csv", "id,title\n1,\"a\nb\"\n1,c\n2\n" },
	};
	bool ok = true;

	for (size_t i = 0; i < HARNESS_COUNT(files) && ok; i++)
		ok = scratch_write(files[i].path, files[i].text,
				   strlen(files[i].text));
	return ok;
}

static bool member_put(struct archive *a, const char *name, const char *link,
		       const char *text, size_t len)
{
	struct archive_entry *e = archive_entry_new();
	bool ok;

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, (la_int64_t)len);
	archive_entry_set_mtime(e, 1739512800, 5);
	if (link)
		archive_entry_set_hardlink(e, link);
	ok = archive_write_header(a, e) == ARCHIVE_OK &&
	     archive_write_data(a, text, len) == (la_ssize_t)len;
	archive_entry_free(e);
	return ok;
}

static bool archive_make(const char *path, bool is_tar)
{
	struct archive *a = archive_write_new();
	char text[1024], name[16];
	bool ok = a != NULL;

	if (is_tar)
		ok = ok && archive_write_set_format_pax(a) == ARCHIVE_OK &&
		     archive_write_add_filter_gzip(a) == ARCHIVE_OK;
	else
		ok = ok && archive_write_set_format_zip(a) == ARCHIVE_OK;
	ok = ok && archive_write_open_filename(a, path) == ARCHIVE_OK;
	for (unsigned int i = 0; i < 3 && ok; i++) {
		snprintf(name, sizeof(name), "%s%u.md", is_tar ? "t" : "z", i);
		ok = member_put(a, name, NULL, text,
				posts_make((is_tar ? 910 : 920) + i, 30, text,
					   sizeof(text)));
	}
	if (is_tar)
		ok = ok && member_put(a, "link.md", "t0.md", NULL, 0);
	ok = ok && archive_write_close(a) == ARCHIVE_OK;
	archive_write_free(a);
	return ok;
}

/* a corpus of one commit and what the second makes of it; a few posts */
static bool subject_make(void)
{
	struct facts own = { 0 };
	char path[32], warc[POSTS_WARC_SIZE];
	bool ok;

	posts_small(&own);
	facts = own;
	ok = facts_write_all(&facts, "corpus", 1, 1, &posts_small_options) &&
	     image_load(&before, "corpus") &&
	     facts_write_all(&facts, "corpus", 2, 2, &posts_small_options) &&
	     image_load(&after, "corpus") && mkdir("in", 0777) == 0;
	for (unsigned int i = 0; i < 4 && ok; i++) {
		char text[1024];

		snprintf(path, sizeof(path), "in/%u.md", i);
		ok = scratch_write(path, text,
				   posts_make(900 + i, 30, text, sizeof(text)));
	}
	ok = ok && scratch_write("in/a.warc", warc, posts_warc(warc)) &&
	     folder_into("crawl") == SHEAF_OK;
	return ok && others_make() && archive_make("in.tar.gz", true) &&
	       archive_make("in.zip", false);
}

int main(int argc, char **argv)
{
	int rc = 1;

	if (!scratch_enter())
		return 1;
	if (subject_make())
		rc = harness_main(argc, argv, tests, HARNESS_COUNT(tests));
	facts_done(&facts);
	image_done(&before);
	image_done(&after);
	scratch_leave();
	return rc;
}
