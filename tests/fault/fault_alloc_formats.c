/*
 * fault_alloc_formats.c - every allocation of readers and writers of other
 * formats fails, one after the other
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheaf/exporter.h>

#include "fault/posts.h"
#include "fault/starve.h"
#include "harness.h"
#include "scratch.h"

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

static void test_folder_add_starved_keeps_the_old_corpus(void)
{
	starve("folder add", work_folder, STARVE_ADDS);
}

static void test_archive_add_starved_keeps_the_old_corpus(void)
{
	starve("archive add", work_archive, STARVE_ADDS);
}

static void test_extract_starved_ends_in_nomem(void)
{
	starve("extract", work_extract, STARVE_KEEPS);
}

static void test_export_starved_ends_in_nomem_and_leaves_nothing(void)
{
	starve("export", work_export, STARVE_KEEPS);
}

static void test_warc_starved_ends_in_nomem(void)
{
	starve("export to WARC", work_warc, STARVE_KEEPS);
}

static const struct harness_test tests[] = {
	{ HARNESS_TEST(test_folder_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_archive_add_starved_keeps_the_old_corpus) },
	{ HARNESS_TEST(test_extract_starved_ends_in_nomem) },
	{ HARNESS_TEST(test_export_starved_ends_in_nomem_and_leaves_nothing) },
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

/* a few posts, one file for each reader, and "crawl": a corpus of those */
static bool inputs_make(void)
{
	char path[32], warc[POSTS_WARC_SIZE];
	bool ok = mkdir("in", 0777) == 0;

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
	return starve_main(argc, argv, tests, HARNESS_COUNT(tests),
			   inputs_make);
}
