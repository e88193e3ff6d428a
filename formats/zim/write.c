/*
 * write.c - articles as a ZIM file, to be read offline with Kiwix
 *
 * A page an article (page.c), lists of 500 of them in the order of the export,
 * and a first page that leads to the lists.  libzim does the rest, an index of
 * titles among it, in a plugin (load.c).  There is no full-text index: of 2,813
 * posts (22.6 MB) it makes 24.3 MB of a file of 8.9, in 16 s of CPU in place of
 * 12; who searches in texts has SQLite.  It makes files beside the one that it
 * writes; so it works in a folder of its own beside the draft, from where the
 * file is moved over the draft at the end.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "article/date.h"
#include "article/utf8.h"
#include "base/buf.h"
#include "formats/writer.h"
#include "formats/zim/load.h"

enum {
	LIST_LENGTH = 500,
	TITLE_MAX = 240, /* bytes; longer ones are cut */
	FOLDERS_OPEN = 4,
	LANG_MAX = 16,	     /* different ones; then it is "mul" */
	DISK_FULL = 1 << 20, /* bytes that such a one may have left */
};

/* a white page with lines on a green ground, 48x48, a palette of 3 */
static const uint8_t picture[] = {
	0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d,
	0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x30, 0x00, 0x00, 0x00, 0x30,
	0x02, 0x03, 0x00, 0x00, 0x00, 0x2a, 0x6c, 0x11, 0x14, 0x00, 0x00, 0x00,
	0x09, 0x50, 0x4c, 0x54, 0x45, 0x2f, 0x5d, 0x50, 0xff, 0xff, 0xff, 0x80,
	0x80, 0x80, 0xf4, 0x76, 0xc1, 0x48, 0x00, 0x00, 0x00, 0x1a, 0x49, 0x44,
	0x41, 0x54, 0x78, 0xda, 0x63, 0x60, 0x20, 0x0b, 0x84, 0x42, 0x01, 0x95,
	0x38, 0xab, 0xc0, 0x60, 0xd4, 0xb4, 0x21, 0x67, 0x1a, 0xc9, 0x00, 0x00,
	0x31, 0x1b, 0x76, 0x35, 0xcc, 0xad, 0x00, 0xe8, 0x00, 0x00, 0x00, 0x00,
	0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

struct state {
	struct writer_target target;
	const struct zim_api *api;
	void *zim;
	char *folder, *file; /* owned */
	bool is_moved;	     /* the file, over the draft */
	uint8_t uuid[SHEAF_ID_SIZE];
	struct buf path, page, list;
	struct buf room; /* of an address */
	uint64_t articles, lists;
	size_t in_list;
	char langs[LANG_MAX][4]; /* their first parts */
	size_t lang_count;
	char error[ZIM_ERROR_SIZE];
};

/* libzim does not say of a full disk that it is one */
static enum sheaf_status write_failed(const struct state *s,
				      struct sheaf_error *err)
{
	char text[FAIL_PATH_SIZE];
	struct statvfs disk;

	writer_shown(&s->target, text);
	if (s->folder && statvfs(s->folder, &disk) == 0 &&
	    (uint64_t)disk.f_bavail * disk.f_frsize < DISK_FULL)
		return fail_io(err, ENOSPC, "%s: cannot be written", text);
	return fail(err, SHEAF_IO, "%s: cannot be written: %s", text, s->error);
}

static enum sheaf_status status_of(struct state *s, enum zim_status status,
				   struct sheaf_error *err)
{
	switch (status) {
	case ZIM_OK:
		return SHEAF_OK;
	case ZIM_TAKEN:
		return fail(err, SHEAF_MISUSE,
			    "another article has its name in the ZIM file");
	case ZIM_NOMEM:
		return fail_nomem(err);
	default:
		return write_failed(s, err);
	}
}

static int entry_remove(const char *path, const struct stat *sb, int type,
			struct FTW *at)
{
	(void)sb;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static void folder_remove(const struct state *s)
{
	if (s->folder)
		nftw(s->folder, entry_remove, FOLDERS_OPEN,
		     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/*
 * Before libzim ends it compresses what it has taken in, which takes seconds,
 * and a second signal kills meanwhile: so its files go first, and once more
 * what it made since.
 */
static void zim_free(void *state)
{
	struct state *s = state;

	if (!s)
		return;
	folder_remove(s);
	if (!s->is_moved)
		unlink(s->target.path); /* the draft, by its hidden name */
	if (s->zim)
		s->api->free(s->zim);
	folder_remove(s);
	free(s->folder);
	free(s->file);
	buf_done(&s->path);
	buf_done(&s->room);
	buf_done(&s->page);
	buf_done(&s->list);
	free(s);
}

/* the folder and the name of the file in it */
static enum sheaf_status folder_make(struct state *s, struct sheaf_error *err)
{
	char *folder = NULL;

	if (asprintf(&folder, "%s-zim", s->target.path) < 0)
		return fail_nomem(err);
	if (mkdir(folder, 0700) != 0) {
		free(folder);
		return fail_io(err, errno, "a folder for libzim");
	}
	s->folder = folder;
	if (asprintf(&s->file, "%s/articles.zim", folder) < 0) {
		s->file = NULL;
		return fail_nomem(err);
	}
	return SHEAF_OK;
}

static enum sheaf_status zim_open(void **state,
				  const struct writer_target *target,
				  struct sheaf_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	enum sheaf_status st;

	if (!s)
		return fail_nomem(err);
	s->target = *target;
	memcpy(s->uuid, target->commit_id, sizeof(s->uuid));
	st = zim_load(&s->api, err);
	if (st == SHEAF_OK)
		st = folder_make(s, err);
	if (st == SHEAF_OK)
		st = status_of(s,
			       s->api->open(&s->zim, s->file, s->target.threads,
					    s->error),
			       err);
	if (st == SHEAF_OK)
		*state = s;
	else
		zim_free(s);
	return st;
}

/* a file's uuid is of what it holds: the articles, in their order */
static void uuid_add(struct state *s, const uint8_t id[SHEAF_ID_SIZE])
{
	uint8_t both[2 * SHEAF_ID_SIZE];

	memcpy(both, s->uuid, SHEAF_ID_SIZE);
	memcpy(both + SHEAF_ID_SIZE, id, SHEAF_ID_SIZE);
	sheaf_id_of(both, sizeof(both), s->uuid);
}

/* the first part of "en-GB", two or three letters */
static void lang_add(struct state *s, struct sheaf_str lang)
{
	char code[4] = "";
	size_t n = 0;

	while (n < lang.len && n < 4 && ((lang.p[n] | 32) >= 'a') &&
	       ((lang.p[n] | 32) <= 'z'))
		n++;
	if (n < 2 || n > 3 || s->lang_count == LANG_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		code[i] = (char)(lang.p[i] | 32);
	for (size_t i = 0; i < s->lang_count; i++)
		if (!strcmp(s->langs[i], code))
			return;
	memcpy(s->langs[s->lang_count++], code, sizeof(code));
}

/* the title that a reader sees, cut between characters */
static void title_of(char title[TITLE_MAX + 1], const struct writer_item *item)
{
	struct sheaf_str t = item->fields->title;
	size_t at = 0, n;
	uint32_t c;

	if (t.len == 0)
		t = item->record->name;
	while (at < t.len) {
		n = utf8_get((const uint8_t *)t.p + at, t.len - at, &c);
		if (n == 0 || at + n > TITLE_MAX)
			break;
		at += n;
	}
	memcpy(title, t.p, at);
	title[at] = '\0';
	for (char *p = title; *p; p++)
		if ((uint8_t)*p < 0x20)
			*p = ' ';
}

/* "a/NAME"; of an older version "old/COMMIT/NAME" */
static enum sheaf_status path_set(struct state *s,
				  const struct sheaf_record *record,
				  struct sheaf_error *err)
{
	struct sheaf_str path;
	enum sheaf_status st = writer_path(&path, &s->room, record->name, err);
	char old[40];

	if (st != SHEAF_OK)
		return st;
	if (!utf8_valid(path.p, path.len))
		return fail(err, SHEAF_MISUSE,
			    "its name is no UTF-8, which a ZIM file can't say");
	buf_clear(&s->path);
	if (record->is_latest || !s->target.all_versions) {
		buf_bytes(&s->path, "a/", 2);
	} else {
		int n = snprintf(old, sizeof(old), "old/%llu/",
				 (unsigned long long)record->commit);

		buf_bytes(&s->path, old, (size_t)n);
	}
	buf_bytes(&s->path, path.p, path.len);
	buf_u8(&s->path, 0);
	return s->path.bad ? fail_nomem(err) : SHEAF_OK;
}

static enum sheaf_status list_flush(struct state *s, struct sheaf_error *err)
{
	char path[40], title[60];

	if (s->in_list == 0)
		return SHEAF_OK;
	s->lists++;
	snprintf(path, sizeof(path), "list/%llu", (unsigned long long)s->lists);
	snprintf(title, sizeof(title), "Articles %llu to %llu",
		 (unsigned long long)s->articles - s->in_list + 1,
		 (unsigned long long)s->articles);
	buf_clear(&s->page);
	zim_page_start(&s->page, title);
	buf_bytes(&s->page, "<ol>\n", 5);
	buf_bytes(&s->page, s->list.p, s->list.len);
	buf_bytes(&s->page, "</ol>\n", 6);
	zim_page_end(&s->page);
	buf_clear(&s->list);
	s->in_list = 0;
	if (s->page.bad)
		return fail_nomem(err);
	return status_of(s,
			 s->api->page(s->zim, path, title, s->page.p,
				      s->page.len, 0, s->error),
			 err);
}

static void list_add(struct state *s, const char *title)
{
	buf_bytes(&s->list, "<li>", 4);
	zim_page_link(&s->list, 1, s->path.p, s->path.len - 1, title);
	buf_bytes(&s->list, "</li>\n", 6);
	s->in_list++;
	s->articles++;
}

static enum sheaf_status zim_put(void *state, const struct writer_item *item,
				 struct sheaf_error *err)
{
	struct state *s = state;
	enum sheaf_status st = path_set(s, item->record, err);
	char title[TITLE_MAX + 1];

	if (st != SHEAF_OK)
		return st;
	title_of(title, item);
	buf_clear(&s->page);
	zim_page_article(&s->page, item, title);
	if (s->page.bad)
		return fail_nomem(err);
	st = status_of(s,
		       s->api->page(s->zim, (const char *)s->path.p, title,
				    s->page.p, s->page.len, 1, s->error),
		       err);
	if (st != SHEAF_OK)
		return st;
	uuid_add(s, item->id);
	lang_add(s, item->fields->lang);
	list_add(s, title);
	if (s->list.bad)
		return fail_nomem(err);
	return s->in_list == LIST_LENGTH ? list_flush(s, err) : SHEAF_OK;
}

static enum sheaf_status main_page(struct state *s, const char *title,
				   struct sheaf_error *err)
{
	char path[40], text[40];

	buf_clear(&s->page);
	zim_page_start(&s->page, title);
	buf_bytes(&s->page, "<ul>\n", 5);
	for (uint64_t i = 1; i <= s->lists; i++) {
		uint64_t last = i * LIST_LENGTH;
		int n = snprintf(path, sizeof(path), "list/%llu",
				 (unsigned long long)i);

		if (last > s->articles)
			last = s->articles;
		snprintf(text, sizeof(text), "%llu to %llu",
			 (unsigned long long)i * LIST_LENGTH -
				 (LIST_LENGTH - 1),
			 (unsigned long long)last);
		buf_bytes(&s->page, "<li>", 4);
		zim_page_link(&s->page, 0, path, (size_t)n, text);
		buf_bytes(&s->page, "</li>\n", 6);
	}
	buf_bytes(&s->page, "</ul>\n", 6);
	zim_page_end(&s->page);
	if (s->page.bad)
		return fail_nomem(err);
	return status_of(s,
			 s->api->page(s->zim, "index", title, s->page.p,
				      s->page.len, 1, s->error),
			 err);
}

/* ISO 639-3, which ZIM wants, of the languages that have it most */
static const char *language_of(const struct state *s)
{
	static const char codes[][8] = {
		"ar ara", "bg bul", "ca cat", "cs ces", "da dan", "de deu",
		"el ell", "en eng", "es spa", "et est", "fa fas", "fi fin",
		"fr fra", "he heb", "hi hin", "hr hrv", "hu hun", "id ind",
		"it ita", "ja jpn", "ko kor", "lt lit", "lv lav", "nl nld",
		"no nor", "pl pol", "pt por", "ro ron", "ru rus", "sk slk",
		"sl slv", "sr srp", "sv swe", "tr tur", "uk ukr", "vi vie",
		"zh zho",
	};

	if (s->lang_count != 1)
		return s->lang_count == 0 ? "und" : "mul";
	if (strlen(s->langs[0]) == 3)
		return s->langs[0];
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (!memcmp(codes[i], s->langs[0], 2))
			return codes[i] + 3;
	return "und";
}

static enum sheaf_status metadata_put(struct state *s, const char *title,
				      struct sheaf_error *err)
{
	char date[21], about[80];
	const char *const all[][2] = {
		{ "Name", "sheaf" },
		{ "Title", title },
		{ "Creator", "various" },
		{ "Publisher", "sheaf" },
		{ "Date", date },
		{ "Description", about },
		{ "Language", language_of(s) },
	};
	enum zim_status rc = ZIM_OK;

	date_format(s->target.time, date);
	date[10] = '\0'; /* the day */
	snprintf(about, sizeof(about), "%llu articles, as of commit %llu",
		 (unsigned long long)s->articles,
		 (unsigned long long)s->target.commit);
	for (size_t i = 0; rc == ZIM_OK && i < sizeof(all) / sizeof(all[0]);
	     i++)
		rc = s->api->metadata(s->zim, all[i][0], all[i][1], s->error);
	if (rc == ZIM_OK)
		rc = s->api->illustration(s->zim, picture, sizeof(picture),
					  s->error);
	return status_of(s, rc, err);
}

static enum sheaf_status zim_finish(void *state, struct sheaf_error *err)
{
	static const char title[] = "Articles";
	struct state *s = state;
	enum sheaf_status st = list_flush(s, err);

	if (st == SHEAF_OK)
		st = main_page(s, title, err);
	if (st == SHEAF_OK)
		st = metadata_put(s, title, err);
	if (st == SHEAF_OK)
		st = status_of(
			s, s->api->finish(s->zim, "index", s->uuid, s->error),
			err);
	if (st == SHEAF_OK && rename(s->file, s->target.path) != 0)
		st = fail_io(err, errno, "the ZIM file cannot be moved");
	s->is_moved = st == SHEAF_OK;
	return st;
}

const struct writer_format writer_zim = {
	.name = "zim",
	.is_binary = true,
	.needs_file = true,
	.wants_text = true,
	.open = zim_open,
	.put = zim_put,
	.finish = zim_finish,
	.free = zim_free,
};
